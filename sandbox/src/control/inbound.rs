//! A simulated customer writes to the business.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{
    BadRequest, address,
    attach::{Attachment, attach_file},
    customer_message::CustomerMessage,
    merge_patch::merge_patch,
    read,
};
use crate::{
    BusinessNumber, Sandbox,
    address::Address,
    clock, ids,
    phone::{self, Direction, Phone, PhoneMessage},
    routing::ThreadId,
    sandbox::State as SandboxState,
    webhook::{self, InboundMessage, Webhook},
};

/// `POST /sandbox/phones/{number}/messages`: a customer sends a message; the response has its id and the receiver's
/// status.
pub(super) async fn post_message(
    State(sandbox): State<Sandbox>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let from = address(&number)?;
    let mut customer = CustomerMessage::parse(read(&body)?, sandbox.clock().unix_now())?;
    let business = business_number(&sandbox, customer.to.as_deref())?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let file_size = customer.file_size;
    let media_url = attach_file(
        &sandbox,
        &business,
        &customer.kind,
        &mut customer.fields,
        Attachment { host, file_size },
    );
    let (send_webhook, copies) = (customer.webhook, customer.duplicate);
    let inbound = record_message(&sandbox, &business, &from, customer, media_url);
    if !send_webhook {
        return Ok(Json(json!({"wamid": inbound.wamid, "webhook_status": null})).into_response());
    }
    let status = deliver_with_copies(&sandbox, Webhook::inbound(&business, &inbound), copies).await;
    let answer = json!({"wamid": inbound.wamid, "webhook_status": status.map(|status| status.as_u16())});
    Ok((response_status(status), Json(answer)).into_response())
}

/// The status of the control response: 200 if the receiver responded with 200, else 502.
pub(super) fn response_status(status: Option<StatusCode>) -> StatusCode {
    if status == Some(StatusCode::OK) { StatusCode::OK } else { StatusCode::BAD_GATEWAY }
}

/// The requested business number; the first one if none is named.
pub(super) fn business_number(
    sandbox: &Sandbox,
    to: Option<&str>,
) -> Result<Arc<BusinessNumber>, BadRequest> {
    match to {
        Some(id) => sandbox.number(id).ok_or_else(|| "`to` is not a phone_number_id here".into()),
        None => sandbox
            .numbers()
            .into_iter()
            .next()
            .ok_or_else(|| "`to` is missing, and the sandbox has no number".into()),
    }
}

/// Puts the message on the phone, and returns what the webhook contains.
fn record_message(
    sandbox: &Sandbox,
    business: &BusinessNumber,
    from: &Address,
    mut customer: CustomerMessage,
    media_url: Option<String>,
) -> InboundMessage {
    if let Some(context) = customer.fields.get_mut("context").and_then(Value::as_object_mut) {
        // A customer quotes a message of the business, unless the body says otherwise.
        if context.contains_key("id") {
            let author = || business.display_phone_number.as_str().into();
            context.entry("from").or_insert_with(author);
        }
    }
    let now = sandbox.clock().unix_now();
    let mut state = sandbox.state();
    let SandboxState { phones, threads, usage, .. } = &mut *state;
    usage.record(&business.phone_number_id, sandbox.clock().unix_ms());
    let key = phones.key_of(from);
    let id = ThreadId { phone_number_id: &business.phone_number_id, customer: &key };
    let standby = customer.is_written_by_customer() && !threads.on_inbound(id, now);
    let phone = phones.get_or_create(from);
    let sender = if customer.hide_phone { None } else { phone.wa_id.clone() };
    let wamid =
        customer.id.clone().unwrap_or_else(|| ids::wamid(phone.number.as_deref().unwrap_or_default()));
    if customer.opens_window() {
        phone.record_inbound(&business.phone_number_id, customer.timestamp);
        sandbox.windows().record(phone, &business.phone_number_id);
    }
    let contact = contact(&customer, phone);
    let message = webhook_message(&customer, &wamid, sender.as_deref(), &phone.user_id);
    let shown = phone_message(&customer, business, &wamid, phone);
    phones.add_message(from, shown);
    InboundMessage { wamid, kind: customer.kind, contact, message, media_url, standby }
}

/// The entry of `contacts`; Meta sends none with a system message (facts: meta.md 4.5).
fn contact(customer: &CustomerMessage, phone: &Phone) -> Option<Value> {
    let usual = || webhook::contact(phone, customer.hide_phone);
    match &customer.contact {
        Some(Value::Null) => None,
        Some(changes) => {
            let mut contact = usual();
            merge_patch(&mut contact, changes);
            Some(contact)
        }
        None => customer.is_written_by_customer().then(usual),
    }
}

fn webhook_message(customer: &CustomerMessage, wamid: &str, from: Option<&str>, user_id: &str) -> Value {
    let mut message = customer.fields.clone();
    if let Some(from) = from {
        message.insert("from".into(), from.into());
    }
    message.insert("from_user_id".into(), user_id.into());
    message.insert("id".into(), wamid.into());
    message.insert("timestamp".into(), customer.timestamp.to_string().into());
    message.insert("type".into(), customer.kind.as_str().into());
    let mut message = Value::Object(message);
    merge_patch(&mut message, &customer.sender.clone().into());
    message
}

fn phone_message(
    customer: &CustomerMessage,
    business: &BusinessNumber,
    wamid: &str,
    phone: &Phone,
) -> PhoneMessage {
    let content = customer.content();
    PhoneMessage {
        wamid: wamid.to_owned(),
        direction: Direction::Sent,
        from: phone.number.clone().unwrap_or_else(|| phone.user_id.clone()),
        phone_number_id: business.phone_number_id.clone(),
        kind: customer.kind.clone(),
        text: phone::visible_text(&customer.kind, &content),
        content,
        context: customer.fields.get("context").cloned(),
        at: clock::iso_of(customer.timestamp),
        statuses: Vec::new(),
        callback_data: None,
    }
}

/// Delivers a webhook and its copies; returns the first response.
pub(super) async fn deliver_with_copies(
    sandbox: &Sandbox,
    webhook: Webhook,
    copies: u64,
) -> Option<StatusCode> {
    let work_guard = sandbox.pending().begin();
    let sandbox = sandbox.clone();
    // A task of its own, because the caller may disconnect.
    let sent = tokio::spawn(async move {
        let first = webhook::deliver(&sandbox, webhook.clone()).await;
        for _ in 0..copies {
            webhook::deliver(&sandbox, webhook.clone()).await;
        }
        drop(work_guard);
        first
    });
    sent.await.ok().flatten()
}
