//! Accepting or rejecting a message, as the injected fault says.

use axum::response::Response;
use tokio::sync::oneshot;

use super::{
    media_refs::media_refs,
    message::OutboundMessage,
    meta_error::MetaError,
    plan::CallPlan,
    response::{ErrorResponse, ResponseFormat, ResponsePlan},
};
use crate::{
    BusinessNumber, Sandbox, ServiceWindow,
    address::Address,
    clock,
    delay::{self, DelayedCall},
    fault::{Fault, WebhookShape},
    fault_injection, health, ids,
    log::{CallEntry, CallOutcome, LogEntry},
    media::{self, MediaStore},
    phone::{Direction, Phone, PhoneMessage},
    routing::ThreadId,
    sandbox::State as SandboxState,
    usage::{AcceptedMessage, Billing},
    webhook::{self, Correlation, DeliveryFailure, StatusSeries},
};

/// Responds to an invalid call with an error, and logs it.
pub(crate) fn reject<E: ErrorResponse>(sandbox: &Sandbox, mut entry: CallEntry, error: E) -> Response {
    entry.outcome = error.outcome();
    sandbox.state().log.push(LogEntry::Call(entry));
    error.into_response()
}

/// Responds to a valid call as the injected fault says, and starts the status webhooks.
pub(crate) async fn process_send<D: ResponseFormat + Sync>(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
    mut entry: CallEntry,
    format: &D,
) -> Response {
    let fault = take_fault(sandbox, number, &outbound.to);
    entry.fault = fault.as_ref().map(|fault| fault.name().to_owned());
    let plan = CallPlan::from_fault(fault);
    let success_body = if plan.accept {
        entry.response_id = format.response_id().map(str::to_owned);
        let series = accept(sandbox, number, outbound, &plan, format.correlation(), entry);
        let success_body = format.success_body(&series.wamid, series.recipient_id.as_deref());
        start_statuses(sandbox, series).await;
        success_body
    } else {
        entry.outcome = rejected_outcome(&plan.answer, format);
        sandbox.state().log.push(LogEntry::Call(entry));
        format.success_body(&ids::wamid(outbound.to.as_str()), None)
    };
    tokio::time::sleep(plan.wait).await;
    delay::wait_for_release(take_delay(sandbox, &outbound.to)).await;
    plan.answer.respond(format, success_body)
}

/// The delay that applies to the response of this call, if any.
fn take_delay(sandbox: &Sandbox, to: &Address) -> Option<oneshot::Receiver<()>> {
    let mut state = sandbox.state();
    let SandboxState { phones, delays, .. } = &mut *state;
    delays.take_matching(|call| match call {
        DelayedCall::Send(named) => {
            Address::parse(named).is_some_and(|named| phones.is_same_phone(&named, to))
        }
        DelayedCall::List => false,
    })
}

/// The fault that applies to this call, if any.
fn take_fault(sandbox: &Sandbox, number: &BusinessNumber, to: &Address) -> Option<Fault> {
    let mut state = sandbox.state();
    let SandboxState { phones, rules, .. } = &mut *state;
    fault_injection::take_call_fault(rules, &number.phone_number_id, number.kaleyra_api().is_some(), |rule| {
        Address::parse(rule).is_some_and(|rule| phones.is_same_phone(&rule, to))
    })
}

/// The logged outcome of a message that was not accepted.
fn rejected_outcome<D: ResponseFormat>(answer: &ResponsePlan, format: &D) -> CallOutcome {
    match answer {
        ResponsePlan::Error(error) => format.scripted_error(error).outcome(),
        _ => CallOutcome::NoResponse,
    }
}

/// Accepts the message: from here on it reaches the phone, whatever the response says.
fn accept(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
    plan: &CallPlan,
    correlation: Correlation,
    mut entry: CallEntry,
) -> StatusSeries {
    let mut state = sandbox.state();
    let series = plan_statuses(&mut state, number, outbound, sandbox.clock().unix_now());
    let series = StatusSeries {
        correlation,
        failure: plan.failure.or(series.failure),
        not_sent: plan.not_sent.clone(),
        shape: plan.shape.clone(),
        ..series
    };
    if outbound.kind != "template" {
        let SandboxState { phones, threads, .. } = &mut *state;
        let customer = phones.key_of(&outbound.to);
        let id = ThreadId { phone_number_id: &number.phone_number_id, customer: &customer };
        threads.on_business_send(id, series.accepted_at);
    }
    put_on_phone(&mut state, number, outbound, &series);
    entry.outcome = CallOutcome::Accepted { wamid: series.wamid.clone() };
    state.log.push(LogEntry::Call(entry));
    series
}

/// Another responder of the number sends this message; returns its id. The business gets its statuses, under `standby`
/// if it does not own the conversation.
pub(crate) fn send_as_other_responder(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
    standby: bool,
) -> String {
    let mut state = sandbox.state();
    let series = plan_statuses(&mut state, number, outbound, sandbox.clock().unix_now());
    let series = StatusSeries { standby, ..series };
    put_on_phone(&mut state, number, outbound, &series);
    drop(state);
    let (wamid, work_guard, sandbox) = (series.wamid.clone(), sandbox.pending().begin(), sandbox.clone());
    tokio::spawn(async move {
        webhook::send_statuses(&sandbox, &series).await;
        drop(work_guard);
    });
    wamid
}

/// The statuses that follow a message when no fault is injected.
fn plan_statuses(
    state: &mut SandboxState,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
    accepted_at: i64,
) -> StatusSeries {
    let by_number = matches!(outbound.to, Address::Number(_));
    let category = outbound.category(&state.templates, number);
    let service_window = state.settings.service_window;
    let customer = state.phones.key_of(&outbound.to);
    let phone = state.phones.get_or_create(&outbound.to);
    let window_is_open = phone.window_is_open(&number.phone_number_id, accepted_at);
    let may_send_free_form = service_window == ServiceWindow::Ignored || window_is_open;
    let failure = delivery_failure(number, phone, &category, may_send_free_form)
        .or_else(|| file_failure(&state.media, number, outbound, accepted_at));
    let category = category.unwrap_or_default();
    let message = AcceptedMessage {
        phone_number_id: &number.phone_number_id,
        business: &health::app_of(number).unwrap_or_else(|| number.waba_id.clone()),
        customer: &customer,
        category: category.as_deref(),
        window_is_open,
        at: accepted_at,
    };
    let SandboxState { phones, usage, settings, .. } = state;
    let failure = failure.or_else(|| {
        let code = usage.try_deliver(&settings.limits, message)?;
        Some(DeliveryFailure { code, after_sent: false })
    });
    let billing = if failure.is_none() { usage.bill(&settings.prices, message) } else { Billing::default() };
    let phone = phones.get_or_create(&outbound.to);
    StatusSeries {
        phone_number_id: number.phone_number_id.clone(),
        wamid: ids::wamid(phone.number.as_deref().unwrap_or_default()),
        kind: outbound.kind.clone(),
        category: category.clone(),
        billing,
        correlation: Correlation::default(),
        recipient_id: phone.wa_id.clone().filter(|_| by_number),
        recipient_user_id: phone.user_id.clone(),
        standby: false,
        contact: webhook::contact(phone, !by_number),
        final_status: phone.final_status,
        failure,
        not_sent: None,
        shape: WebhookShape::default(),
        accepted_at,
    }
}

/// Puts the message on the phone, unless it fails.
fn put_on_phone(
    state: &mut SandboxState,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
    series: &StatusSeries,
) {
    if series.failure.is_none() && series.not_sent.is_none() {
        state
            .phones
            .add_message(&outbound.to, phone_message(number, outbound, &series.wamid, series.accepted_at));
    }
}

/// Why Meta does not deliver the message, apart from faults. `category` is that of its template. `may_send_free_form`
/// says whether the service window is open.
///
/// An invalid template comes this far only through Kaleyra, which accepts whatever looks like one.
fn delivery_failure(
    number: &BusinessNumber,
    phone: &Phone,
    category: &Result<Option<String>, MetaError>,
    may_send_free_form: bool,
) -> Option<DeliveryFailure> {
    let code = match category {
        Err(error) => {
            tracing::debug!(code = error.code, details = error.details, "template not delivered");
            error.code
        }
        // Outside the customer's 24 hours only templates are delivered.
        Ok(None) if !may_send_free_form => 131_047,
        Ok(Some(category)) if category == "MARKETING" && phone.opted_out_of.contains(&number.waba_id) => {
            131_050
        }
        Ok(_) => return None,
    };
    Some(DeliveryFailure { code, after_sent: false })
}

/// Meta does not deliver a file of another kind than the message's (facts: meta.md 7).
fn file_failure(
    media: &MediaStore,
    number: &BusinessNumber,
    outbound: &OutboundMessage,
    now: i64,
) -> Option<DeliveryFailure> {
    if number.kaleyra_api().is_some() {
        return None;
    }
    let fits = |id: &str, kind: &str| {
        let file = media.get(id, now);
        file.is_none_or(|file| media::fits_message(kind, &file.mime_type, &file.bytes))
    };
    let files = media_refs(&outbound.kind, &outbound.content);
    let is_wrong = files.iter().any(|file| file.id().is_some_and(|id| !fits(id, file.kind)));
    is_wrong.then_some(DeliveryFailure { code: 131_053, after_sent: false })
}

/// Starts the status webhooks, and waits for them only if they come before the response.
async fn start_statuses(sandbox: &Sandbox, series: StatusSeries) {
    let before_answer = series.shape.before_answer;
    let work_guard = sandbox.pending().begin();
    let sandbox = sandbox.clone();
    // A task of its own, because the caller may disconnect.
    let played = tokio::spawn(async move {
        webhook::send_statuses(&sandbox, &series).await;
        drop(work_guard);
    });
    if before_answer {
        // The task ends in an error only if the runtime stops.
        let _ = played.await;
    }
}

fn phone_message(
    number: &BusinessNumber,
    outbound: &OutboundMessage,
    wamid: &str,
    accepted_at: i64,
) -> PhoneMessage {
    PhoneMessage {
        wamid: wamid.to_owned(),
        direction: Direction::Received,
        from: number.display_phone_number.clone(),
        phone_number_id: number.phone_number_id.clone(),
        kind: outbound.kind.clone(),
        text: outbound.text.clone(),
        content: outbound.content.clone(),
        context: outbound.context.clone(),
        at: clock::iso_of(accepted_at),
        statuses: Vec::new(),
        callback_data: outbound.callback_data.clone(),
    }
}
