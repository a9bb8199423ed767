//! Configures conversation routing, and acts as the other responders (facts: onboarding.md 4).

use std::sync::Arc;

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
    inbound::{business_number, deliver_with_copies},
    read,
    webhooks::find_number,
};
use crate::{
    BusinessNumber, Sandbox,
    address::Address,
    log::{CallEntry, CallOutcome},
    outbound::{OutboundMessage, send_as_other_responder},
    routing::{Handover, Role, Routing, ThreadControlError, ThreadId},
    sandbox::State as SandboxState,
    webhook::{HandoverNotes, Webhook},
};

/// An action of another responder on a conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThreadAction {
    /// The business number; `None` for the first one.
    to: Option<String>,
    /// The responder; by default the primary responder, for `take` the escalation partner.
    by: Option<Role>,
    #[serde(rename = "action")]
    verb: Verb,
    /// The new owner for `pass`; the business by default.
    target_role: Option<Role>,
    metadata: Option<String>,
    summary: Option<String>,
    /// The message for `send`: a body for `/messages` without the recipient.
    message: Option<Map<String, Value>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verb {
    Pass,
    Release,
    Take,
    Send,
}

/// What the business gets webhooks about.
struct ActionResult {
    handover: Option<Handover>,
    notes: HandoverNotes,
    /// The message that was sent: its body, raw and parsed.
    sent: Option<(Value, OutboundMessage)>,
    /// Whether the business is on standby.
    standby: bool,
}

/// `PUT /sandbox/numbers/{phone_number_id}/routing`: configures the routing; no conversation has an owner afterwards.
pub(super) async fn configure(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
    body: Bytes,
) -> Result<Json<Routing>, BadRequest> {
    let number = find_number(&sandbox, &phone_number_id)?;
    if number.kaleyra_api().is_some() {
        return Err("`phone_number_id` must be one at Meta: routing through Kaleyra is not documented".into());
    }
    let routing: Routing = read(&body)?;
    sandbox.state().threads.configure(&phone_number_id, Some(routing));
    Ok(Json(routing))
}

/// `GET /sandbox/numbers/{phone_number_id}/routing`: the routing and the owners of conversations.
pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
) -> Result<Json<Value>, BadRequest> {
    find_number(&sandbox, &phone_number_id)?;
    let now = sandbox.clock().unix_now();
    let state = sandbox.state();
    let owned = state.threads.owned(&phone_number_id, now);
    let threads: Vec<Value> =
        owned.into_iter().map(|(customer, owner)| json!({"customer": customer, "owner": owner})).collect();
    Ok(Json(json!({"routing": state.threads.routing(&phone_number_id), "threads": threads})))
}

/// `DELETE /sandbox/numbers/{phone_number_id}/routing`: the business answers all customers itself again.
pub(super) async fn remove(
    State(sandbox): State<Sandbox>,
    Path(phone_number_id): Path<String>,
) -> Result<StatusCode, BadRequest> {
    find_number(&sandbox, &phone_number_id)?;
    sandbox.state().threads.configure(&phone_number_id, None);
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /sandbox/phones/{number}/thread`: another responder passes, releases or takes the conversation with this
/// customer, or sends a message.
pub(super) async fn act_on_thread(
    State(sandbox): State<Sandbox>,
    Path(customer): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let customer = address(&customer)?;
    let action: ThreadAction = read(&body)?;
    let business = business_number(&sandbox, action.to.as_deref())?;
    let outcome = apply_action(&sandbox, &business, &customer, action)?;
    let status = send_webhooks(&sandbox, &business, &customer, outcome).await;
    let now = sandbox.clock().unix_now();
    let owner = {
        let mut state = sandbox.state();
        let SandboxState { phones, threads, .. } = &mut *state;
        let customer = phones.key_of(&customer);
        threads.owner(ThreadId { phone_number_id: &business.phone_number_id, customer: &customer }, now)
    };
    let answer = json!({"owner": owner, "webhook_status": status.map(|status| status.as_u16())});
    Ok(Json(answer).into_response())
}

fn apply_action(
    sandbox: &Sandbox,
    business: &BusinessNumber,
    customer: &Address,
    action: ThreadAction,
) -> Result<ActionResult, BadRequest> {
    let now = sandbox.clock().unix_now();
    let sent =
        action.message.map(|message| outbound_message(sandbox, business, customer, message)).transpose()?;
    if (action.verb == Verb::Send) != sent.is_some() {
        return Err("`message` must be there to send, and only then".into());
    }
    let mut state = sandbox.state();
    let SandboxState { phones, threads, .. } = &mut *state;
    let Routing { primary, ours } =
        threads.routing(&business.phone_number_id).ok_or(ThreadControlError::NotConfigured)?;
    let usual = if action.verb == Verb::Take { Role::Escalation } else { primary };
    let by = action.by.unwrap_or(usual);
    if by == ours {
        return Err("`by` is the role of the business, which calls thread_control itself".into());
    }
    let customer = phones.key_of(customer);
    let id = ThreadId { phone_number_id: &business.phone_number_id, customer: &customer };
    let free = sent.as_ref().is_some_and(|(_, outbound)| outbound.kind == "template");
    let handover = match action.verb {
        Verb::Pass => Some(threads.pass(id, by, action.target_role.unwrap_or(ours), now)?),
        Verb::Take => Some(threads.take(id, by, now)?),
        Verb::Send if free => None,
        Verb::Send => threads.claim_for_send(id, by, now)?,
        Verb::Release => {
            threads.release(id, by, now)?;
            None
        }
    };
    let by_sending = (action.verb == Verb::Send).then(|| "Control taken via service message".to_owned());
    Ok(ActionResult {
        handover: handover.filter(|handover| handover.notifies(ours)),
        notes: HandoverNotes { metadata: action.metadata.or(by_sending), summary: action.summary },
        sent,
        standby: threads.owner(id, now) != Some(ours),
    })
}

fn outbound_message(
    sandbox: &Sandbox,
    business: &BusinessNumber,
    customer: &Address,
    message: Map<String, Value>,
) -> Result<(Value, OutboundMessage), BadRequest> {
    let mut body = Map::new();
    body.insert("messaging_product".into(), "whatsapp".into());
    body.insert("recipient_type".into(), "individual".into());
    let recipient = if matches!(customer, Address::Number(_)) { "to" } else { "recipient" };
    body.insert(recipient.into(), customer.as_str().into());
    body.extend(message);
    let body = Value::Object(body);
    let mut entry = CallEntry::new(sandbox.clock(), &business.phone_number_id, CallOutcome::NoResponse);
    let outbound = OutboundMessage::parse(&body, &mut entry);
    let outbound = outbound.map_err(|error| BadRequest(format!("`message`: {}", error.details)))?;
    Ok((body, outbound))
}

/// Sends the webhooks that concern the business; returns the last response, if any.
async fn send_webhooks(
    sandbox: &Sandbox,
    business: &Arc<BusinessNumber>,
    customer: &Address,
    outcome: ActionResult,
) -> Option<StatusCode> {
    let now = sandbox.clock().unix_now();
    let mut status = None;
    if let Some(handover) = outcome.handover {
        let phone = sandbox.state().phones.get_or_create(customer).clone();
        let webhook = Webhook::handover(business, &phone, handover, &outcome.notes, now)?;
        status = deliver_with_copies(sandbox, webhook, 0).await;
    }
    if let Some((body, outbound)) = outcome.sent {
        let wamid = send_as_other_responder(sandbox, business, &outbound, outcome.standby);
        if outcome.standby {
            let webhook = Webhook::standby_echo(business, &wamid, &body, now)?;
            status = deliver_with_copies(sandbox, webhook, 0).await;
        }
    }
    status
}

impl From<ThreadControlError> for BadRequest {
    fn from(not_allowed: ThreadControlError) -> Self {
        let sentence = match not_allowed {
            ThreadControlError::NotConfigured => {
                "the number has no routing: PUT /sandbox/numbers/{id}/routing configures it"
            }
            ThreadControlError::NotOwner => "`by` does not own the conversation",
            ThreadControlError::NotEscalation => "only the escalation partner takes conversations",
            ThreadControlError::NoSuchTarget => "no responder has the role `target_role`",
            ThreadControlError::AlreadyOwner => "`target_role` owns the conversation already",
        };
        sentence.into()
    }
}
