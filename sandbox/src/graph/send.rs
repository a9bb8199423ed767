//! `POST /{version}/{phone_number_id}/messages`.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{auth, check_version, error::GraphError, outgoing::Outgoing, plan::Plan, read};
use crate::{
    BusinessNumber, Sandbox,
    address::Address,
    callback::{self, Failure, Series},
    clock,
    fault::{self, Fault},
    ids,
    log::{CallEntry, LogEntry, Verdict},
    phone::{Direction, PhoneMessage},
};

/// Outside the customer's 24 hours only templates are delivered.
const OUT_OF_WINDOW: Failure = Failure { code: 131_047, after_sent: false };

/// Sends a message, or marks one as read.
pub(super) async fn messages(
    State(sandbox): State<Sandbox>,
    Path((version, phone_number_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let admitted = admit(&sandbox, &version, &phone_number_id, &headers, &body);
    let mut entry = CallEntry::new(&phone_number_id, Verdict::Lost);
    let (number, body) = match admitted {
        Ok(admitted) => admitted,
        Err(error) => return refuse(&sandbox, entry, error),
    };
    if body.get("status").is_some() {
        return read::mark(&sandbox, &number, &body).into_response();
    }
    match parse(&number, &body, &mut entry) {
        Ok(outgoing) => play(&sandbox, &number, &outgoing, entry).await,
        Err(error) => refuse(&sandbox, entry, error),
    }
}

fn admit(
    sandbox: &Sandbox,
    version: &str,
    phone_number_id: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Arc<BusinessNumber>, Value), GraphError> {
    check_version(version)?;
    let number = auth::number(sandbox, headers, phone_number_id)?;
    let body = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);
    let body = body.ok_or_else(|| GraphError::malformed("The body is not a JSON object."))?;
    Ok((number, body))
}

fn refuse(sandbox: &Sandbox, mut entry: CallEntry, error: GraphError) -> Response {
    entry.verdict = Verdict::Refused { code: error.code };
    sandbox.state().log.push(LogEntry::Call(entry));
    error.into_response()
}

fn parse(number: &BusinessNumber, body: &Value, entry: &mut CallEntry) -> Result<Outgoing, GraphError> {
    let outgoing = Outgoing::parse(body, entry)?;
    if outgoing.to.as_str() == number.display_phone_number {
        return Err(GraphError::new(131_021).details("The sender cannot be the recipient."));
    }
    Ok(outgoing)
}

async fn play(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outgoing: &Outgoing,
    mut entry: CallEntry,
) -> Response {
    let fault = strike(sandbox, number, &outgoing.to);
    entry.fault = fault.as_ref().map(|fault| fault.name().to_owned());
    let plan = Plan::of(fault);
    let receipt = if plan.accept {
        let series = accept(sandbox, number, outgoing, &plan, entry);
        let receipt = receipt(outgoing, &series.wamid, series.recipient_id.as_deref());
        follow_up(sandbox, series).await;
        receipt
    } else {
        entry.verdict = plan.verdict();
        sandbox.state().log.push(LogEntry::Call(entry));
        receipt(outgoing, &ids::wamid(outgoing.to.as_str()), None)
    };
    tokio::time::sleep(plan.wait).await;
    plan.answer.respond(receipt)
}

/// The fault that is due for this call, if any.
fn strike(sandbox: &Sandbox, number: &BusinessNumber, to: &Address) -> Option<Fault> {
    let mut state = sandbox.state();
    let crate::sandbox::State { phones, rules, .. } = &mut *state;
    fault::strike(rules, &number.phone_number_id, |rule| {
        Address::parse(rule).is_some_and(|rule| phones.same(&rule, to))
    })
}

/// Takes the message: from here on it reaches the phone, whatever the caller is told.
fn accept(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outgoing: &Outgoing,
    plan: &Plan,
    mut entry: CallEntry,
) -> Series {
    let accepted_at = clock::unix_now();
    let by_number = matches!(outgoing.to, Address::Number(_));
    let mut state = sandbox.state();
    let phone = state.phones.touch(&outgoing.to);
    let closed = outgoing.kind != "template" && phone.window_is_closed(&number.phone_number_id, accepted_at);
    let series = Series {
        phone_number_id: number.phone_number_id.clone(),
        wamid: ids::wamid(phone.number.as_deref().unwrap_or_default()),
        kind: outgoing.kind.clone(),
        callback_data: outgoing.callback_data.clone(),
        recipient_id: phone.wa_id.clone().filter(|_| by_number),
        recipient_user_id: phone.user_id.clone(),
        contact: callback::contact(phone, !by_number),
        reach: phone.reach,
        failure: plan.failure.or(closed.then_some(OUT_OF_WINDOW)),
        shape: plan.shape.clone(),
        accepted_at,
    };
    if series.failure.is_none() {
        state.phones.put(&outgoing.to, on_phone(number, outgoing, &series.wamid));
    }
    entry.verdict = Verdict::Accepted { wamid: series.wamid.clone() };
    state.log.push(LogEntry::Call(entry));
    series
}

/// Starts the status callbacks; waits for them only if they are to come before the answer.
async fn follow_up(sandbox: &Sandbox, series: Series) {
    let before_answer = series.shape.before_answer;
    let ticket = sandbox.pending().begin();
    let sandbox = sandbox.clone();
    // A task of its own, because the caller may hang up.
    let played = tokio::spawn(async move {
        callback::play(&sandbox, &series).await;
        drop(ticket);
    });
    if before_answer {
        // The task ends in an error only if the runtime stops.
        let _ = played.await;
    }
}

fn on_phone(number: &BusinessNumber, outgoing: &Outgoing, wamid: &str) -> PhoneMessage {
    PhoneMessage {
        wamid: wamid.to_owned(),
        direction: Direction::Received,
        from: number.display_phone_number.clone(),
        phone_number_id: number.phone_number_id.clone(),
        kind: outgoing.kind.clone(),
        text: outgoing.text.clone(),
        content: outgoing.content.clone(),
        context: outgoing.context.clone(),
        at: clock::iso_now(),
        statuses: Vec::new(),
        callback_data: outgoing.callback_data.clone(),
    }
}

fn receipt(outgoing: &Outgoing, wamid: &str, known_as: Option<&str>) -> Value {
    let to = outgoing.to.as_str();
    let contact = match outgoing.to {
        Address::Number(_) => json!({"input": outgoing.input, "wa_id": known_as.unwrap_or(to)}),
        Address::UserId(_) => json!({"input": outgoing.input, "user_id": to}),
    };
    let message = match outgoing.kind.as_str() {
        "template" => json!({"id": wamid, "message_status": "accepted"}),
        _ => json!({"id": wamid}),
    };
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})
}
