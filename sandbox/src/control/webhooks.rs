//! Webhooks of any content: changes of any field, statuses of any shape, and whole bodies.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    BadRequest,
    inbound::{deliver_with_copies, response_status},
    merge_patch::merge_patch,
    read,
};
use crate::{
    BusinessNumber, CallOutcome, LogEntry, Sandbox,
    address::Address,
    sandbox::State as SandboxState,
    webhook::{self, Webhook},
};

/// Prefixes of fields whose values have no `metadata`: they belong to an account (facts: meta.md 4.7), or identify the
/// number in fields of their own (facts: template-rules.md 5.3).
const WITHOUT_METADATA: [&str; 10] = [
    "account_",
    "business_",
    "flows",
    "message_template_",
    "messaging_handovers",
    "partner_",
    "payment_configuration_",
    "phone_number_",
    "security",
    "template_",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    field: String,
    value: Value,
    /// Whether the value has the number's `metadata`; by default as Meta has it for the field.
    metadata: Option<bool>,
    /// How many more times the webhook is delivered.
    #[serde(default)]
    duplicate: u8,
}

/// `POST /sandbox/numbers/{phone_number_id}/changes`: a change of any field.
pub(super) async fn change(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let number = find_number(&sandbox, &phone_number_id)?;
    let Change { field, mut value, metadata, duplicate } = read(&body)?;
    if metadata.unwrap_or_else(|| has_metadata(&field)) {
        add_metadata(&number, &mut value)?;
    }
    if field == "calls" {
        open_windows_for_calls(&sandbox, &number, &value);
    }
    let webhook = Webhook::change(&number, "", &field, &value).ok_or(NOT_AT_META)?;
    respond_with_delivery(&sandbox, webhook, duplicate, &json!({})).await
}

/// `POST /sandbox/numbers/{phone_number_id}/webhooks`: a whole webhook, which is only signed.
pub(super) async fn webhook(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let number = find_number(&sandbox, &phone_number_id)?;
    let payload: Value = read(&body)?;
    let webhook = Webhook::payload(&number, "", "", &payload).ok_or(NOT_AT_META)?;
    respond_with_delivery(&sandbox, webhook, 0, &json!({})).await
}

/// `POST /sandbox/numbers/{phone_number_id}/statuses`: a status as given. Absent fields come from the message with its
/// `id`; a null removes one.
pub(super) async fn status(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let number = find_number(&sandbox, &phone_number_id)?;
    let given: Map<String, Value> = read(&body)?;
    let wamid = given.get("id").and_then(Value::as_str).ok_or("`id` must be the id of a message")?.to_owned();
    let mut status = default_status(&sandbox, &wamid);
    merge_patch(&mut status, &given.into());
    let mut value = json!({"statuses": [status]});
    add_metadata(&number, &mut value)?;
    let webhook = Webhook::change(&number, &wamid, "messages", &value).ok_or(NOT_AT_META)?;
    respond_with_delivery(&sandbox, webhook, 0, &value).await
}

/// The error for a number of Kaleyra's.
pub(super) const NOT_AT_META: &str =
    "`phone_number_id` must be one at Meta: what Kaleyra passes on is not documented";

/// Delivers a webhook and its copies; the response has the receiver's status and `answer_more`.
pub(super) async fn respond_with_delivery(
    sandbox: &Sandbox,
    webhook: Webhook,
    duplicate: u8,
    answer_more: &Value,
) -> Result<Response, BadRequest> {
    let status = deliver_with_copies(sandbox, webhook, duplicate.into()).await;
    let mut answer = json!({"webhook_status": status.map(|status| status.as_u16())});
    merge_patch(&mut answer, answer_more);
    Ok((response_status(status), Json(answer)).into_response())
}

/// The number with this id.
pub(super) fn find_number(
    sandbox: &Sandbox,
    phone_number_id: &str,
) -> Result<Arc<BusinessNumber>, BadRequest> {
    sandbox.number(phone_number_id).ok_or_else(|| "`phone_number_id` is not one of the sandbox".into())
}

fn has_metadata(field: &str) -> bool {
    !WITHOUT_METADATA.iter().any(|start| field.starts_with(start))
}

/// Adds the number's `metadata` to a value that lacks it.
pub(super) fn add_metadata(number: &BusinessNumber, value: &mut Value) -> Result<(), BadRequest> {
    let fields = value.as_object_mut().ok_or("`value` must be an object, or `metadata` false")?;
    let mut named = Map::new();
    named.insert("messaging_product".into(), "whatsapp".into());
    named.insert("metadata".into(), webhook::metadata(number));
    named.append(fields);
    *fields = named;
    Ok(())
}

/// A customer's call opens the service window as a message does (facts: meta.md 8.1).
fn open_windows_for_calls(sandbox: &Sandbox, number: &BusinessNumber, value: &Value) {
    let calls = value.get("calls").and_then(Value::as_array).into_iter().flatten();
    let by_customer = |call: &&Value| {
        let direction = call.get("direction").and_then(Value::as_str);
        direction.is_none_or(|direction| direction == "USER_INITIATED")
    };
    for call in calls.filter(by_customer) {
        let from = ["from", "from_user_id"].into_iter().find_map(|name| call.get(name)?.as_str());
        if let Some(from) = from.and_then(Address::parse) {
            let at = call.get("timestamp").and_then(Value::as_str).and_then(|at| at.parse().ok());
            let at = at.unwrap_or_else(|| sandbox.clock().unix_now());
            let mut state = sandbox.state();
            let phone = state.phones.get_or_create(&from);
            phone.record_inbound(&number.phone_number_id, at);
            sandbox.windows().record(phone, &number.phone_number_id);
        }
    }
}

/// The default fields of a status for this message, except the status itself.
fn default_status(sandbox: &Sandbox, wamid: &str) -> Value {
    let mut status = Map::new();
    status.insert("id".into(), wamid.into());
    status.insert("timestamp".into(), sandbox.clock().unix_now().to_string().into());
    let mut state = sandbox.state();
    let SandboxState { phones, log, .. } = &mut *state;
    let call = log.iter().find_map(|entry| match entry {
        LogEntry::Call(call) if call.outcome == (CallOutcome::Accepted { wamid: wamid.to_owned() }) => {
            Some(call)
        }
        _ => None,
    });
    if let Some(data) = call.and_then(|call| call.callback_data.clone()) {
        status.insert("biz_opaque_callback_data".into(), data.into());
    }
    let to = call.and_then(|call| Address::parse(call.to.as_deref()?));
    let phone = match &to {
        Some(to) => Some(phones.get_or_create(to)),
        None => phones.phone_with_message(wamid),
    };
    if let Some(phone) = phone {
        let number = phone.wa_id.clone().filter(|_| !matches!(to, Some(Address::UserId(_))));
        status.extend(number.map(|number| ("recipient_id".to_owned(), number.into())));
        status.insert("recipient_user_id".into(), phone.user_id.as_str().into());
    }
    status.into()
}

#[cfg(test)]
mod tests {
    use super::has_metadata;

    #[test]
    fn what_is_of_an_account_names_no_number() {
        for field in ["messages", "standby", "history", "smb_message_echoes", "smb_app_state_sync", "calls"] {
            assert!(has_metadata(field), "{field}");
        }
        for field in ["account_update", "message_template_status_update", "messaging_handovers", "security"] {
            assert!(!has_metadata(field), "{field}");
        }
    }
}
