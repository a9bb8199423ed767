//! Messages of the business: parsed, validated, accepted and responded to, whichever API they came by.

mod accept;
mod content;
mod mark_read;
mod media_refs;
mod message;
mod meta_error;
mod plan;
mod response;

pub(crate) use self::{
    accept::{process_send, reject, send_as_other_responder},
    content::validate,
    mark_read::mark_read,
    media_refs::media_refs,
    message::{OutboundMessage, recipient},
    meta_error::MetaError,
    response::{ErrorResponse, ResponseFormat, ScriptedError},
};
