//! What the routes that send a text have in common.

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::errors::failed;
use crate::{
    api::common::{Encoded, Failure, Fields, InputError},
    service::send::Sent,
};

/// The one type of message there is.
pub(super) fn only_text(fields: &Fields) -> Result<(), InputError> {
    match fields.optional_text("messageType")? {
        None | Some("text") => Ok(()),
        Some(_) => Err(InputError::field("messageType", "must be text, the only type supported")),
    }
}

pub(super) fn encoded(outcome: &Result<Sent, Failure>, data: impl Fn(&Sent) -> Value) -> Encoded {
    let (status, body) = match outcome {
        // Sent is sent, also while our record of it is still being repaired.
        Ok(sent) => (StatusCode::OK, json!({ "success": true, "data": data(sent) })),
        Err(failure) => failed(failure),
    };
    Encoded { status, headers: HeaderMap::new(), body }
}
