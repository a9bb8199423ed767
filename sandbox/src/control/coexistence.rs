//! A number that is also used in the WhatsApp Business app: its history, the messages that are sent there, and its
//! address book (facts: onboarding.md 5; template-rules.md 5.2).

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    BadRequest, address,
    attach::{Attachment, attach_file},
    inbound::{business_number, deliver_with_copies},
    read,
    webhooks::{NOT_AT_META, add_metadata, find_number, respond_with_delivery},
};
use crate::{
    BusinessNumber, Sandbox, clock, ids, media,
    phone::{Direction, PhoneMessage, visible_text},
    webhook::Webhook,
};

const DAY: i64 = 24 * 60 * 60;

/// The maximum age of the messages of each phase, in days.
const PHASES: [i64; 3] = [1, 90, 180];

/// The maximum age of messages whose files are sent, in days.
const FILE_DAYS: i64 = 14;

/// Meta's error code for a business that declines to share its history.
const DECLINED: u32 = 2_593_109;

/// The request body of `history`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    #[serde(default)]
    threads: Vec<Thread>,
    /// The most messages of a chunk; 100 by default.
    #[serde(default = "default_chunk")]
    chunk: usize,
    /// Whether the last chunk comes first: chunks have no order.
    #[serde(default)]
    reversed: bool,
    /// Whether the business declines to share its history.
    #[serde(default)]
    declined: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Thread {
    /// The customer's number or BSUID.
    customer: String,
    messages: Vec<Map<String, Value>>,
}

/// A message of the history.
struct HistoryMessage {
    /// The customer's id in the threads.
    customer: String,
    phase: usize,
    /// The message as the history contains it; a media message is a placeholder.
    shown: Value,
    /// The message with its file, if the file is sent.
    with_file: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateSync {
    contacts: Vec<SavedContact>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedContact {
    phone_number: String,
    full_name: Option<String>,
    first_name: Option<String>,
    #[serde(default)]
    action: SyncAction,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SyncAction {
    #[default]
    Add,
    Remove,
}

/// `POST /sandbox/numbers/{phone_number_id}/history`: sends the messages from before the number was registered here, in
/// chunks by age, and then the files of the last days.
pub(super) async fn history(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let number = find_number(&sandbox, &phone_number_id)?;
    let history: History = read(&body)?;
    let mut values = if history.declined {
        let error = json!({"code": DECLINED, "title": "History sharing was declined by the business"});
        vec![json!({"history": [{"errors": [error]}]})]
    } else {
        webhook_values(&sandbox, &number, &history)?
    };
    let mut statuses: Vec<Option<StatusCode>> = Vec::new();
    for value in &mut values {
        add_metadata(&number, value)?;
        let webhook = Webhook::change(&number, "", "history", value).ok_or(NOT_AT_META)?;
        statuses.push(deliver_with_copies(&sandbox, webhook, 0).await);
    }
    let all = statuses.iter().all(|status| *status == Some(StatusCode::OK));
    let statuses: Vec<Option<u16>> = statuses.iter().map(|it| it.map(|it| it.as_u16())).collect();
    let status = if all { StatusCode::OK } else { StatusCode::BAD_GATEWAY };
    Ok((status, Json(json!({"webhook_statuses": statuses}))).into_response())
}

/// `POST /sandbox/phones/{number}/echoes`: the business writes to the customer in the WhatsApp Business app, which is
/// free and opens no window.
pub(super) async fn echo(
    State(sandbox): State<Sandbox>,
    Path(customer): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let customer = address(&customer)?;
    let mut message: Map<String, Value> = read(&body)?;
    let to = message.shift_remove("to");
    let number = business_number(&sandbox, to.as_ref().and_then(Value::as_str))?;
    let now = sandbox.clock().unix_now();
    let (kind, content) = fill_type(&mut message)?;
    attach_file(&sandbox, &number, &kind, &mut message, Attachment::default());
    let wamid = take_id(&mut message);
    let at = take_timestamp(&mut message, now)?;
    let phone = sandbox.state().phones.get_or_create(&customer).clone();
    let mut echo = Map::new();
    echo.insert("from".into(), number.display_phone_number.as_str().into());
    echo.extend(phone.wa_id.as_ref().map(|wa_id| ("to".to_owned(), wa_id.as_str().into())));
    echo.insert("to_user_id".into(), phone.user_id.as_str().into());
    echo.insert("id".into(), wamid.as_str().into());
    echo.insert("timestamp".into(), at.to_string().into());
    echo.append(&mut message);
    let shown = PhoneMessage {
        wamid: wamid.clone(),
        direction: Direction::Received,
        from: number.display_phone_number.clone(),
        phone_number_id: number.phone_number_id.clone(),
        text: visible_text(&kind, &content),
        kind,
        content,
        context: None,
        at: clock::iso_of(at),
        statuses: Vec::new(),
        callback_data: None,
    };
    sandbox.state().phones.add_message(&customer, shown);
    let mut value = json!({"message_echoes": [echo]});
    add_metadata(&number, &mut value)?;
    let webhook = Webhook::change(&number, &wamid, "smb_message_echoes", &value);
    respond_with_delivery(&sandbox, webhook.ok_or(NOT_AT_META)?, 0, &json!({"wamid": wamid})).await
}

/// `POST /sandbox/numbers/{phone_number_id}/state_sync`: changes of the app's address book.
pub(super) async fn state_sync(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let number = find_number(&sandbox, &phone_number_id)?;
    let StateSync { contacts } = read(&body)?;
    let now = sandbox.clock().unix_now();
    let entries: Vec<Value> = contacts.iter().map(|contact| contact.entry(now)).collect();
    let mut value = json!({"state_sync": entries});
    add_metadata(&number, &mut value)?;
    let webhook = Webhook::change(&number, "", "smb_app_state_sync", &value);
    respond_with_delivery(&sandbox, webhook.ok_or(NOT_AT_META)?, 0, &json!({})).await
}

impl SavedContact {
    fn entry(&self, now: i64) -> Value {
        let mut contact = Map::new();
        for (name, text) in [("full_name", &self.full_name), ("first_name", &self.first_name)] {
            contact.extend(text.as_ref().map(|text| (name.to_owned(), text.as_str().into())));
        }
        contact.insert("phone_number".into(), self.phone_number.as_str().into());
        let action = match self.action {
            SyncAction::Add => "add",
            SyncAction::Remove => "remove",
        };
        let metadata = json!({"timestamp": now.to_string()});
        json!({"type": "contact", "contact": contact, "action": action, "metadata": metadata})
    }
}

/// The values of the webhooks of a history: its chunks, and then one for each file.
fn webhook_values(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    history: &History,
) -> Result<Vec<Value>, BadRequest> {
    let now = sandbox.clock().unix_now();
    let mut all: Vec<HistoryMessage> = Vec::new();
    for thread in &history.threads {
        for message in &thread.messages {
            all.extend(history_message(sandbox, number, &thread.customer, message.clone(), now)?);
        }
    }
    let size = history.chunk.max(1);
    let mut chunks: Vec<(usize, usize, Vec<&HistoryMessage>)> = Vec::new();
    for phase in 0..PHASES.len() {
        let of_phase: Vec<&HistoryMessage> = all.iter().filter(|old| old.phase == phase).collect();
        chunks.extend(
            of_phase.chunks(size).enumerate().map(|(place, chunk)| (phase, place + 1, chunk.to_vec())),
        );
    }
    let count = chunks.len().max(1);
    let mut values: Vec<Value> = chunks
        .iter()
        .enumerate()
        .map(|(place, (phase, order, messages))| {
            let metadata =
                json!({"phase": phase, "chunk_order": order, "progress": (place + 1) * 100 / count});
            json!({"history": [{"metadata": metadata, "threads": threads(messages)}]})
        })
        .collect();
    if history.reversed {
        values.reverse();
    }
    values.extend(all.iter().filter_map(|old| Some(json!({"messages": [old.with_file.as_ref()?]}))));
    Ok(values)
}

/// Groups messages by customer, in the order of their first message.
fn threads(messages: &[&HistoryMessage]) -> Vec<Value> {
    let mut threads: Vec<(&str, Vec<Value>)> = Vec::new();
    for old in messages {
        match threads.iter_mut().find(|(customer, _)| *customer == old.customer) {
            Some((_, list)) => list.push(old.shown.clone()),
            None => threads.push((&old.customer, vec![old.shown.clone()])),
        }
    }
    threads.into_iter().map(|(customer, messages)| json!({"id": customer, "messages": messages})).collect()
}

/// Parses a message of the history; `None` if it is older than what Meta shares. The customer is the sender, unless the
/// message has `"from": "us"`.
fn history_message(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    customer: &str,
    mut message: Map<String, Value>,
    now: i64,
) -> Result<Option<HistoryMessage>, BadRequest> {
    let customer = address(customer)?;
    let phone = sandbox.state().phones.peek(&customer);
    let name = phone.wa_id.unwrap_or(phone.user_id);
    let ours = match message.shift_remove("from") {
        None => false,
        Some(from) if from == "us" => true,
        Some(_) => return Err("`from` must be us, or left out for the customer".into()),
    };
    let at = take_timestamp(&mut message, now)?;
    let status = message.shift_remove("status").unwrap_or_else(|| "READ".into());
    let (kind, _) = fill_type(&mut message)?;
    let Some(phase) = PHASES.iter().position(|days| now - at < days * DAY) else { return Ok(None) };
    let mut shown = Map::new();
    let (from, to) = if ours { (&number.display_phone_number, Some(&name)) } else { (&name, None) };
    shown.insert("from".into(), from.as_str().into());
    shown.extend(to.map(|to| ("to".to_owned(), to.as_str().into())));
    shown.insert("id".into(), take_id(&mut message).into());
    shown.insert("timestamp".into(), at.to_string().into());
    let mut with_file = None;
    if media::default_mime_type(&kind).is_some() {
        let mut whole = shown.clone();
        attach_file(sandbox, number, &kind, &mut message, Attachment::default());
        whole.append(&mut message);
        with_file = (now - at < FILE_DAYS * DAY).then_some(whole.into());
        shown.insert("type".into(), "media_placeholder".into());
    } else {
        shown.append(&mut message);
    }
    shown.insert("history_context".into(), json!({"status": status}));
    Ok(Some(HistoryMessage { customer: name, phase, shown: shown.into(), with_file }))
}

/// Fills in the type of a message and the object of that type; returns both.
fn fill_type(message: &mut Map<String, Value>) -> Result<(String, Value), BadRequest> {
    if let Some(Value::String(text)) = message.get("text") {
        let text = json!({"body": text});
        message.insert("text".into(), text);
    }
    let kind = match message.get("type").and_then(Value::as_str) {
        Some(kind) => kind.to_owned(),
        None if message.contains_key("text") => "text".to_owned(),
        None => return Err("a message has no `type` (or write `text`)".into()),
    };
    message.insert("type".into(), kind.as_str().into());
    let content = message.entry(kind.as_str()).or_insert_with(|| json!({})).clone();
    Ok((kind, content))
}

fn take_id(message: &mut Map<String, Value>) -> String {
    let given = message.shift_remove("id");
    given.as_ref().and_then(Value::as_str).map_or_else(|| ids::wamid(""), str::to_owned)
}

fn take_timestamp(message: &mut Map<String, Value>, now: i64) -> Result<i64, BadRequest> {
    let given = message.shift_remove("timestamp");
    let at = given.map(|at| at.as_str().map_or_else(|| at.as_i64(), |text| text.parse().ok()));
    at.unwrap_or(Some(now)).ok_or_else(|| "`timestamp` must be a whole number of Unix seconds".into())
}

fn default_chunk() -> usize {
    100
}
