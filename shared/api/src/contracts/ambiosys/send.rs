//! What the routes that send a text share.

use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::{errors::AmbioSys, types::encoded};
use crate::common::{
    Fields, InputError, access::Contract, near_miss::link_preview, respond, send::SendReply,
};
use ventanilla_core::{
    domain::content::{Content, MessageText},
    usecases::sending::Sent,
};

/// The text to send, with a link preview where one is requested.
///
/// # Errors
/// Names the field.
pub(super) fn text(content: Option<String>, fields: &Fields) -> Result<Content, InputError> {
    let text = content.ok_or_else(|| InputError::field("content", "is missing"))?;
    let body = MessageText::try_from(text).map_err(|error| InputError::field("content", error))?;
    Ok(Content::Text { body, link_preview: link_preview(fields.all())? })
}

/// Checks the type of message: only text is possible.
pub(super) fn only_text(message_type: Option<&str>) -> Result<(), InputError> {
    match message_type {
        None | Some("text") => Ok(()),
        Some(_) => Err(InputError::field("messageType", "must be text, the only type supported")),
    }
}

/// The response of a send, with this body on success. A sent message is a success, even while our record of
/// it is being repaired.
pub(super) fn answer<'a, T: Serialize>(outcome: &'a SendReply, body: impl FnOnce(&'a Sent) -> T) -> Response {
    let failure = outcome.result.as_ref().err();
    let answer = match &outcome.result {
        Ok(sent) => encoded(StatusCode::OK, &body(sent)),
        Err(failure) => AmbioSys::failed(failure),
    };
    respond::answer(answer, failure, outcome.replay)
}
