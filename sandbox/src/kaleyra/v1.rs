//! `POST /v1/{sid}/messages`: a message in a form.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{
    account::{Account, check_api},
    error::KaleyraError,
    form::Form,
    is_of_type,
    message::Request,
};
use crate::{
    BusinessNumber, KaleyraApi, Sandbox, ids,
    log::{CallEntry, CallOutcome},
    outbound::{ResponseFormat, ScriptedError, process_send, reject},
    webhook::Correlation,
};

/// Sends the message in the form; 202 if it is accepted.
pub(super) async fn messages(
    State(sandbox): State<Sandbox>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut entry = CallEntry::new(sandbox.clock(), "", CallOutcome::NoResponse);
    match read(&sandbox, &sid, &headers, &body, &mut entry) {
        Ok((number, request)) => {
            let call = Call { id: ids::uuid(), at: sandbox.clock().kaleyra_now(), request: &request };
            process_send(&sandbox, &number, &request.outbound, entry, &call).await
        }
        Err(error) => reject(&sandbox, entry, error),
    }
}

fn read(
    sandbox: &Sandbox,
    sid: &str,
    headers: &HeaderMap,
    body: &[u8],
    entry: &mut CallEntry,
) -> Result<(Arc<BusinessNumber>, Request), KaleyraError> {
    let account = Account::authenticate(sandbox, sid, headers)?;
    if !is_of_type(headers, "application/x-www-form-urlencoded") {
        return Err(KaleyraError::field("body", "The body must be a form."));
    }
    let form = Form::parse(body);
    let from = form.required("from")?;
    from.clone_into(&mut entry.phone_number_id);
    let foreign = || KaleyraError::field("from", "The number does not belong to the account.");
    let number = account.number(from).ok_or_else(foreign)?;
    entry.phone_number_id.clone_from(&number.phone_number_id);
    check_api(&number, KaleyraApi::V1)?;
    let request = Request::read(&form, &number, entry)?;
    Ok((number, request))
}

/// The format of the response to one call.
struct Call<'a> {
    /// The id in the response, which the statuses repeat.
    id: String,
    /// When the call came, in Kaleyra's format.
    at: String,
    request: &'a Request,
}

impl ResponseFormat for Call<'_> {
    type Error = KaleyraError;

    const ACCEPTED: StatusCode = StatusCode::ACCEPTED;

    fn response_id(&self) -> Option<&str> {
        Some(&self.id)
    }

    fn correlation(&self) -> Correlation {
        let callback_url = self.request.callback_url.clone();
        Correlation { id: Some(self.id.clone()), callback_url, ..Correlation::default() }
    }

    fn success_body(&self, _wamid: &str, _known_as: Option<&str>) -> Value {
        let Request { outbound, sender, kind, .. } = self.request;
        json!({
            "body": outbound.text.as_deref().unwrap_or_default(),
            "sender": sender,
            "type": kind,
            "source": "API",
            "id": self.id,
            "createdDateTime": self.at,
            "totalCount": 1,
            "data": [{"message_id": format!("{}:1", self.id), "recipient": outbound.to.as_str()}],
            "error": {},
        })
    }

    fn without_id(&self, mut receipt: Value) -> Value {
        if let Some(receipt) = receipt.as_object_mut() {
            receipt.shift_remove("id");
            receipt.insert("data".into(), json!([{"recipient": self.request.outbound.to.as_str()}]));
        }
        receipt
    }

    fn scripted_error(&self, error: &ScriptedError) -> KaleyraError {
        KaleyraError::scripted(error, |text| KaleyraError::field("to", text))
    }
}
