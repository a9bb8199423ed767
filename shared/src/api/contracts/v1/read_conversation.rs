//! `POST /v1/conversations/{id}/read`: somebody of the company has read it, and the customer is told unless that is not
//! wanted.

use axum::{body::Body, extract::Request, response::Response};
use serde_json::{Value, json};

use super::{
    conversation::conversation,
    errors::{MaySend, answered},
    read::{look, number},
    shapes,
};
use crate::{
    api::common::{
        Failure, Fields, InputError,
        access::Authorized,
        body::{self, API_LIMIT},
        ids::read_id,
        request::{self, PathParams},
    },
    assembly::App,
    domain::{
        caller::Caller,
        id::{MessageId, Wamid},
    },
    port::provider::Typing,
    service::{handling::Tell, send::SendError},
};

pub(super) async fn read(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let done = async {
        let deadline = request::deadline(&parts, app.clock.as_ref());
        let id = number(&params)?;
        let (tell, named) = reading(body).await?;
        let up_to = named_message(&app, &caller, named).await?;
        let done = app.core.read_conversation(&caller.tenant, id, up_to, tell, deadline).await?;
        let (found, receipt) = done.ok_or(SendError::ConversationNotFound)?;
        let shape = conversation(&found, look(&app, &caller.tenant).await?);
        Ok(json!({ "conversation": shape, "receipt": shapes::receipt(receipt, tell) }))
    };
    answered(done.await)
}

/// The last message that was read, as a request names it.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    /// By our id.
    Ours(MessageId),
    /// By the provider's.
    Provider(Wamid),
}

/// What the customer is told, and the last message that was read. A request without a body has it all read, and the
/// customer told so.
async fn reading(body: Body) -> Result<(Tell, Option<Named>), InputError> {
    let bytes = body::read(body, API_LIMIT).await?;
    if bytes.is_empty() {
        return Ok((Tell::Read(Typing::Off), None));
    }
    let fields = Fields::read(&bytes)?;
    Ok((tell(&fields)?, message_id(&fields)?))
}

fn tell(fields: &Fields) -> Result<Tell, InputError> {
    let typing = match fields.optional_text("typing")? {
        None | Some("off") => Typing::Off,
        Some("on") => Typing::On,
        Some(_) => return Err(InputError::field("typing", "must be on or off")),
    };
    match (fields.value("receipt"), typing) {
        (None | Some(Value::Null | Value::Bool(true)), _) => Ok(Tell::Read(typing)),
        (Some(Value::Bool(false)), Typing::Off) => Ok(Tell::Nothing),
        (Some(Value::Bool(false)), Typing::On) => {
            Err(InputError::field("typing", "cannot be shown without a receipt"))
        }
        (Some(_), _) => Err(InputError::field("receipt", "must be true or false")),
    }
}

fn message_id(fields: &Fields) -> Result<Option<Named>, InputError> {
    let wrong = || InputError::field("message_id", "must be the id of a message, like msg_244015433448729");
    match fields.value("message_id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => match read_id(text) {
            Ok(id) => Ok(Some(Named::Ours(id))),
            Err(_) => Wamid::try_from(text.clone()).map(|id| Some(Named::Provider(id))).map_err(|_| wrong()),
        },
        Some(value) => {
            let number = value.as_u64().and_then(|number| number.try_into().ok());
            number.map(|id| Some(Named::Ours(id))).ok_or_else(wrong)
        }
    }
}

async fn named_message(
    app: &App,
    caller: &Caller,
    named: Option<Named>,
) -> Result<Option<MessageId>, Failure> {
    match named {
        None => Ok(None),
        Some(Named::Ours(id)) => Ok(Some(id)),
        Some(Named::Provider(id)) => {
            let found = app.core.message_by_provider_id(&caller.tenant, &id).await?;
            found.map(Some).ok_or(Failure::Send(SendError::ConversationNotFound))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(body: Value) -> Result<(Tell, Option<Named>), String> {
        reading(Body::from(body.to_string())).await.map_err(|error| error.place().to_owned())
    }

    #[tokio::test]
    async fn the_customer_is_told_unless_that_is_not_wanted() {
        assert_eq!(reading(Body::empty()).await, Ok((Tell::Read(Typing::Off), None)));
        assert_eq!(
            read(json!({ "receipt": true, "typing": "on" })).await,
            Ok((Tell::Read(Typing::On), None))
        );
        assert_eq!(read(json!({ "receipt": null })).await, Ok((Tell::Read(Typing::Off), None)));
        assert_eq!(read(json!({ "receipt": false })).await, Ok((Tell::Nothing, None)));
        let named = read(json!({ "receipt": false, "message_id": "msg_7" })).await;
        assert_eq!(named, Ok((Tell::Nothing, Some(Named::Ours("7".parse().unwrap())))));
        let of_provider = read(json!({ "message_id": "wamid.7" })).await.unwrap().1;
        assert_eq!(of_provider, Some(Named::Provider(Wamid::try_from("wamid.7".to_owned()).unwrap())));
        for (body, place) in [
            (json!({ "receipt": "no" }), "receipt"),
            (json!({ "receipt": false, "typing": "on" }), "typing"),
            (json!({ "typing": "maybe" }), "typing"),
            (json!({ "message_id": 0 }), "message_id"),
            (json!({ "message_id": true }), "message_id"),
            (json!({ "message_id": "" }), "message_id"),
        ] {
            assert_eq!(read(body.clone()).await, Err(place.to_owned()), "{body}");
        }
    }
}
