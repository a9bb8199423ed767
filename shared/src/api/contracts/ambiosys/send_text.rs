//! A text or a file to a number, or into a conversation.

use axum::{extract::Request, response::Response};

use super::send::MaySend;
use crate::{
    api::{
        common::{
            policy::Choice,
            request::{PathParams, path_param},
            respond,
            send::Wish,
        },
        contracts::ambiosys,
    },
    service::send::Recipient,
};

pub(super) async fn to_number(sender: MaySend, request: Request) -> Response {
    let outcome = sender
        .send(request, |body| {
            let read = ambiosys::send_request(body)?;
            let recipient = Recipient::from(read.recipient);
            Ok(Wish { request: read.request, ..Wish::new("send", recipient, read.content) })
        })
        .await;
    respond::answer(ambiosys::sent_to_number(&outcome.result), outcome.result.as_ref().err(), outcome.replay)
}

pub(super) async fn in_conversation(sender: MaySend, params: PathParams, request: Request) -> Response {
    let outcome = sender
        .send(request, |body| {
            let id = ambiosys::conversation(path_param(&params, "conversationId"))?;
            let content = ambiosys::message_request(body)?;
            let wish = Wish::new("send in conversation", Recipient::Conversation(id), content);
            Ok(Wish { choice: Choice::Free, ..wish })
        })
        .await;
    let answer = ambiosys::sent_in_conversation(&outcome.result);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}
