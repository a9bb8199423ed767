//! `POST /v2/{sid}/whatsapp/{number}/messages`: a message of Meta's in an envelope.
//!
//! The number in the path is the business's. The documents call it the customer's in one place, but their own error for
//! it says that it must belong to the account.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{
    account::{Account, check_api},
    error::KaleyraError,
    is_of_type,
    refs::Refs,
};
use crate::{
    BusinessNumber, KaleyraApi, Sandbox, ids,
    log::{CallEntry, CallOutcome},
    outbound::{OutboundMessage, ResponseFormat, ScriptedError, mark_read, process_send, reject},
    webhook::Correlation,
};

/// Sends a message, or marks one as read.
pub(super) async fn messages(
    State(sandbox): State<Sandbox>,
    Path((sid, written)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut entry = CallEntry::new(sandbox.clock(), &written, CallOutcome::NoResponse);
    let authorized = authorize(&sandbox, &sid, &written, &headers, &mut entry)
        .and_then(|number| Ok((number, Request::read(&headers, &body)?)));
    let (number, Request { message, refs }) = match authorized {
        Ok(authorized) => authorized,
        Err(error) => return reject(&sandbox, entry, error),
    };
    if message.get("status").is_some() {
        return match mark_read(&sandbox, &number, &message) {
            Ok(()) => (StatusCode::ACCEPTED, Json(receipt(&ids::kaleyra_id()))).into_response(),
            Err(error) => KaleyraError::payload(&error.details).into_response(),
        };
    }
    let outbound =
        OutboundMessage::parse(&message, &mut entry).and_then(|outbound| outbound.sent_by(&number));
    // Kaleyra documents no use of Meta's own field for callback data: ignored here.
    entry.callback_data = refs.first().map(str::to_owned);
    match outbound {
        Ok(outbound) => {
            let outbound = OutboundMessage { callback_data: entry.callback_data.clone(), ..outbound };
            let call = Call { id: ids::kaleyra_id(), refs };
            process_send(&sandbox, &number, &outbound, entry, &call).await
        }
        Err(error) => reject(&sandbox, entry, KaleyraError::payload(&error.details)),
    }
}

fn authorize(
    sandbox: &Sandbox,
    sid: &str,
    written: &str,
    headers: &HeaderMap,
    entry: &mut CallEntry,
) -> Result<Arc<BusinessNumber>, KaleyraError> {
    let account = Account::authenticate(sandbox, sid, headers)?;
    let number = account.number(written).ok_or_else(|| KaleyraError::from_code("WA401"))?;
    entry.phone_number_id.clone_from(&number.phone_number_id);
    check_api(&number, KaleyraApi::V2)?;
    Ok(number)
}

/// A valid request body.
struct Request {
    /// Meta's message, from `messaging_object`.
    message: Value,
    /// The callback data, from `extra_info`.
    refs: Refs,
}

impl Request {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, KaleyraError> {
        let incorrect = || KaleyraError::from_code("WA400");
        if !is_of_type(headers, "application/json") {
            return Err(incorrect());
        }
        let body: Value = serde_json::from_slice(body).map_err(|_| incorrect())?;
        let message = body.get("messaging_object").filter(|message| message.is_object());
        let message = message.cloned().ok_or_else(incorrect)?;
        let info = body.get("extra_info");
        if info.is_some_and(|info| !info.is_object()) {
            return Err(KaleyraError::payload("extra_info must be an object."));
        }
        let refs = Refs::read(|name| info?.get(name)?.as_str());
        Ok(Self { message, refs })
    }
}

/// The format of the response to one call.
struct Call {
    /// The id in the response: Kaleyra's own, which no webhook repeats.
    id: String,
    refs: Refs,
}

impl ResponseFormat for Call {
    type Error = KaleyraError;

    const ACCEPTED: StatusCode = StatusCode::ACCEPTED;

    fn response_id(&self) -> Option<&str> {
        Some(&self.id)
    }

    fn correlation(&self) -> Correlation {
        Correlation { id: Some(ids::status_id()), refs: self.refs.clone(), ..Correlation::default() }
    }

    fn success_body(&self, _wamid: &str, _known_as: Option<&str>) -> Value {
        receipt(&self.id)
    }

    fn without_id(&self, mut receipt: Value) -> Value {
        if let Some(receipt) = receipt.as_object_mut() {
            receipt.insert("data".into(), json!({}));
        }
        receipt
    }

    fn scripted_error(&self, error: &ScriptedError) -> KaleyraError {
        KaleyraError::scripted(error, KaleyraError::payload)
    }
}

fn receipt(id: &str) -> Value {
    json!({"code": "WA202", "message": "Request Accepted", "data": {"message_id": id}, "error": {}})
}
