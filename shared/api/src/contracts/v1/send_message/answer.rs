//! The result of a send request, in the format of `/v1`.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use super::Sender;
use crate::{
    common::{Encoded, Failure, InputError, ids::message_id, respond, send::SendReply},
    contracts::v1::{Include, errors::problem, message_detail, refusal},
};
use ventanilla_core::{
    domain::{id::MessageId, template::ValidationProblem},
    ports::store::StoreError,
    usecases::{
        conversations::list::MessageDetail,
        sending::{Replay, Sent},
    },
};

/// A send that was tried.
pub(super) type Ended = SendReply;

/// Why no send was tried.
pub(super) enum Refused {
    /// A failure as of any other request.
    Failed(Failure),
    /// Its template is invalid.
    WrongTemplate(Vec<ValidationProblem>),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<InputError> for Refused {
    fn from(error: InputError) -> Self {
        Self::Failed(error.into())
    }
}

/// The response: the message, or a problem.
pub(super) async fn answer(sender: &Sender, ended: Result<Ended, Refused>) -> Response {
    let SendReply { result, replay, message } = match ended {
        Ok(ended) => ended,
        Err(Refused::WrongTemplate(problems)) => {
            tracing::info!(problems = problems.len(), "a template message was rejected before sending");
            return respond::answer(refusal::wrong_template(problems).into(), None, Replay::Original);
        }
        Err(Refused::Failed(failure)) => {
            respond::log(&failure);
            SendReply { result: Err(failure), replay: Replay::Original, message: None }
        }
    };
    let shown = match result {
        Ok(sent) => sent_message(sender, sent).await.map(|it| resource(StatusCode::CREATED, &it)),
        Err(Failure::Unknown(id)) => match detail(sender, id).await {
            // A webhook may have reported an acceptance meanwhile.
            Some(it) if it.message.wamid.is_some() => Ok(resource(StatusCode::CREATED, &it)),
            Some(it) => Ok(resource(StatusCode::ACCEPTED, &it)),
            None => Err(Failure::Unknown(id)),
        },
        Err(failure) => Err(failure),
    };
    match shown {
        Ok(shown) => respond::answer(shown, None, replay),
        Err(failure) => {
            // A message without a recipient cannot be read.
            let refused = matches!(failure, Failure::Rejected(_));
            let problem = match message.filter(|_| refused) {
                Some(id) => problem(&failure).message(id),
                None => problem(&failure),
            };
            respond::answer(problem.into(), Some(&failure), replay)
        }
    }
}

/// A message that was sent, as it can be read from now on. If it cannot be read now, it is shown as it was
/// sent.
async fn sent_message(sender: &Sender, sent: Sent) -> Result<MessageDetail, Failure> {
    if let Some(found) = detail(sender, sent.id).await.filter(|it| it.message.wamid.is_some()) {
        return Ok(found);
    }
    let unread = || StoreError::Unavailable("the message that an earlier request sent".to_owned());
    let message = *sent.message.ok_or_else(unread)?;
    Ok(MessageDetail { attempt: None, message, conversation: None, sources: Vec::new() })
}

async fn detail(sender: &Sender, id: MessageId) -> Option<MessageDetail> {
    let (app, tenant) = (&sender.app, &sender.caller.tenant);
    let found = app.core.conversations.message_detail(app.inbox.as_ref(), tenant, id, false).await;
    found.unwrap_or_else(|error| {
        tracing::warn!(%tenant, message_id = %id, %error, "a message that was sent cannot be read");
        None
    })
}

fn resource(status: StatusCode, it: &MessageDetail) -> Encoded {
    let mut headers = HeaderMap::new();
    let place = format!("/v1/messages/{}", message_id(it.message.address.id));
    if let Ok(place) = HeaderValue::try_from(place) {
        headers.insert(header::LOCATION, place);
    }
    Encoded { status, headers, body: json!(message_detail::detail(it, Include::Nothing)) }
}
