//! `POST /v1/messages`: sends a message to a recipient.

use axum::{extract::Request, response::Response};

use super::{Way, answer::answer, body::NewMessage, recipient, send};
use crate::{
    common::{
        body::{FILE_LIMIT, read},
        json,
        policy::Choice,
    },
    contracts::v1::send_message::Sender,
};

/// The operation of the idempotency key.
const OPERATION: &str = "v1 message";

pub(in crate::contracts::v1) async fn to_somebody(sender: Sender, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sent = async {
        let message: NewMessage = json::read(&read(body, FILE_LIMIT).await?)?;
        let recipient = recipient::named(&sender, message.to.as_ref(), message.channel()).await?;
        let way = Way { operation: OPERATION, choice: Choice::AtMostOnce };
        send(&sender, &parts, way, recipient, message).await
    };
    answer(&sender, Box::pin(sent).await).await
}
