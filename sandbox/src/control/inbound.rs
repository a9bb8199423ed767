//! A simulated customer writes to the business.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{BadRequest, address, customer::Customer, read};
use crate::{
    BusinessNumber, GRAPH_MOUNT, KALEYRA_MOUNT, Sandbox,
    address::Address,
    callback::{self, Callback, Inbound},
    clock, ids,
    media::{self, Media},
    phone::{self, Direction, Phone, PhoneMessage},
};

/// `POST /sandbox/phones/{number}/messages`.
pub(super) async fn write(
    State(sandbox): State<Sandbox>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let from = address(&number)?;
    let mut customer = Customer::parse(read(&body)?, sandbox.clock().unix_now())?;
    let business = business(&sandbox, customer.to.as_deref())?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let media_url = attach_file(&sandbox, &business, &mut customer, host);
    let (told, copies) = (customer.webhook, customer.duplicate);
    let inbound = compose(&sandbox, &business, &from, customer, media_url);
    if !told {
        return Ok(Json(json!({"wamid": inbound.wamid, "webhook_status": null})).into_response());
    }
    let status = send(&sandbox, Callback::inbound(&business, &inbound), copies).await;
    let answer = json!({"wamid": inbound.wamid, "webhook_status": status.map(|status| status.as_u16())});
    Ok((outcome(status), Json(answer)).into_response())
}

/// What the control call is answered after this answer to the callback.
pub(super) fn outcome(status: Option<StatusCode>) -> StatusCode {
    if status == Some(StatusCode::OK) { StatusCode::OK } else { StatusCode::BAD_GATEWAY }
}

/// The business number that is meant; the first one if none is named.
pub(super) fn business(sandbox: &Sandbox, to: Option<&str>) -> Result<Arc<BusinessNumber>, BadRequest> {
    match to {
        Some(id) => sandbox.number(id).ok_or_else(|| "`to` is not a phone_number_id here".into()),
        None => sandbox
            .numbers()
            .into_iter()
            .next()
            .ok_or_else(|| "`to` is missing, and the sandbox has no number".into()),
    }
}

/// Gives a media message the file and the fields that were left out; tells where Kaleyra keeps the
/// file, if it does. Of Meta's link, which wants a token of Meta's, Kaleyra shows nothing.
fn attach_file(
    sandbox: &Sandbox,
    business: &BusinessNumber,
    customer: &mut Customer,
    host: Option<&str>,
) -> Option<String> {
    let default_type = media::default_mime_type(&customer.kind)?;
    let object = customer.fields.get_mut(&customer.kind).and_then(Value::as_object_mut)?;
    let given =
        |object: &Map<String, Value>, key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let id = given(object, "id").unwrap_or_else(ids::media_id);
    let mime_type = given(object, "mime_type").unwrap_or_else(|| default_type.to_owned());
    let file = Media::made_up(&id, &business.phone_number_id, &mime_type, customer.file_size);
    let digest = STANDARD.encode(Sha256::digest(&file.bytes));
    object.entry("sha256").or_insert_with(|| digest.into());
    let link = |mount: &str| host.map(|host| format!("http://{host}{mount}/media/{id}"));
    let kept = business.kaleyra().and_then(|_| link(KALEYRA_MOUNT));
    if business.kaleyra().is_none()
        && let Some(url) = link(GRAPH_MOUNT)
    {
        object.entry("url").or_insert_with(|| url.into());
    }
    object.insert("mime_type".into(), mime_type.into());
    object.insert("id".into(), id.as_str().into());
    sandbox.state().media.insert(id, file);
    kept
}

/// Puts the message on the phone and tells what the business is told of it.
fn compose(
    sandbox: &Sandbox,
    business: &BusinessNumber,
    from: &Address,
    mut customer: Customer,
    media_url: Option<String>,
) -> Inbound {
    if let Some(context) = customer.fields.get_mut("context").and_then(Value::as_object_mut) {
        // What a customer quotes is a message of the business unless told otherwise.
        if context.contains_key("id") {
            let author = || business.display_phone_number.as_str().into();
            context.entry("from").or_insert_with(author);
        }
    }
    let mut state = sandbox.state();
    let phone = state.phones.touch(from);
    let sender = if customer.hide_phone { None } else { phone.wa_id.clone() };
    let wamid =
        customer.id.clone().unwrap_or_else(|| ids::wamid(phone.number.as_deref().unwrap_or_default()));
    if customer.opens_window() {
        phone.has_written(&business.phone_number_id, customer.timestamp);
    }
    // Meta sends no contact with a system message.
    let contact = customer.is_written_by_customer().then(|| callback::contact(phone, customer.hide_phone));
    let message = webhook_message(&customer, &wamid, sender.as_deref(), &phone.user_id);
    let shown = on_phone(&customer, business, &wamid, phone);
    state.phones.put(from, shown);
    Inbound { wamid, kind: customer.kind, contact, message, media_url }
}

fn webhook_message(
    customer: &Customer,
    wamid: &str,
    from: Option<&str>,
    user_id: &str,
) -> Map<String, Value> {
    let mut message = customer.fields.clone();
    if let Some(from) = from {
        message.insert("from".into(), from.into());
    }
    message.insert("from_user_id".into(), user_id.into());
    message.insert("id".into(), wamid.into());
    message.insert("timestamp".into(), customer.timestamp.to_string().into());
    message.insert("type".into(), customer.kind.as_str().into());
    message
}

fn on_phone(customer: &Customer, business: &BusinessNumber, wamid: &str, phone: &Phone) -> PhoneMessage {
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

/// Delivers a callback and its copies; the first answer counts.
pub(super) async fn send(sandbox: &Sandbox, callback: Callback, copies: u64) -> Option<StatusCode> {
    let ticket = sandbox.pending().begin();
    let sandbox = sandbox.clone();
    // A task of its own, because the caller may hang up.
    let sent = tokio::spawn(async move {
        let first = callback::deliver(&sandbox, callback.clone()).await;
        for _ in 0..copies {
            callback::deliver(&sandbox, callback.clone()).await;
        }
        drop(ticket);
        first
    });
    sent.await.ok().flatten()
}
