//! Taking a message, or not, as the script has it.

use axum::response::Response;
use tokio::sync::oneshot;

use super::{
    message::Outgoing,
    meta_error::Complaint,
    plan::Plan,
    response::{Answer, Dialect, ErrorAnswer},
};
use crate::{
    BusinessNumber, Sandbox, ServiceWindow,
    address::Address,
    clock,
    delay::{self, Held},
    fault::{CallbackShape, Fault},
    fault_injection, ids,
    log::{CallEntry, LogEntry, Verdict},
    phone::{Direction, Phone, PhoneMessage},
    routing::ThreadId,
    sandbox::State as Everything,
    webhook::{self, Failure, Series, Trail},
};

/// Answers a call that cannot be followed, and logs it.
pub(crate) fn refuse<E: ErrorAnswer>(sandbox: &Sandbox, mut entry: CallEntry, error: E) -> Response {
    entry.verdict = error.verdict();
    sandbox.state().log.push(LogEntry::Call(entry));
    error.into_response()
}

/// Answers a well-formed call as the script has it, and starts what follows from it.
pub(crate) async fn play<D: Dialect + Sync>(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outgoing: &Outgoing,
    mut entry: CallEntry,
    dialect: &D,
) -> Response {
    let fault = due(sandbox, number, &outgoing.to);
    entry.fault = fault.as_ref().map(|fault| fault.name().to_owned());
    let plan = Plan::of(fault);
    let receipt = if plan.accept {
        entry.answered = dialect.own_id().map(str::to_owned);
        let series = accept(sandbox, number, outgoing, &plan, dialect.trail(), entry);
        let receipt = dialect.receipt(&series.wamid, series.recipient_id.as_deref());
        follow_up(sandbox, series).await;
        receipt
    } else {
        entry.verdict = verdict(&plan.answer, dialect);
        sandbox.state().log.push(LogEntry::Call(entry));
        dialect.receipt(&ids::wamid(outgoing.to.as_str()), None)
    };
    tokio::time::sleep(plan.wait).await;
    delay::wait(held(sandbox, &outgoing.to)).await;
    plan.answer.respond(dialect, receipt)
}

/// The hold that the answer to this call meets, if any.
fn held(sandbox: &Sandbox, to: &Address) -> Option<oneshot::Receiver<()>> {
    let mut state = sandbox.state();
    let crate::sandbox::State { phones, holds, .. } = &mut *state;
    holds.meet(|held| match held {
        Held::Send(named) => Address::parse(named).is_some_and(|named| phones.same(&named, to)),
        Held::List => false,
    })
}

/// The fault that is due for this call, if any.
fn due(sandbox: &Sandbox, number: &BusinessNumber, to: &Address) -> Option<Fault> {
    let mut state = sandbox.state();
    let crate::sandbox::State { phones, rules, .. } = &mut *state;
    fault_injection::strike(rules, &number.phone_number_id, number.kaleyra().is_some(), |rule| {
        Address::parse(rule).is_some_and(|rule| phones.same(&rule, to))
    })
}

/// What the log says of a message that was not accepted.
fn verdict<D: Dialect>(answer: &Answer, dialect: &D) -> Verdict {
    match answer {
        Answer::Refused(refusal) => dialect.refusal(refusal).verdict(),
        _ => Verdict::Lost,
    }
}

/// Takes the message: from here on it reaches the phone, whatever the caller is told.
fn accept(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outgoing: &Outgoing,
    plan: &Plan,
    trail: Trail,
    mut entry: CallEntry,
) -> Series {
    let mut state = sandbox.state();
    let series = series(&mut state, number, outgoing, sandbox.clock().unix_now());
    let series = Series {
        trail,
        failure: plan.failure.or(series.failure),
        not_sent: plan.not_sent.clone(),
        shape: plan.shape.clone(),
        ..series
    };
    if outgoing.kind != "template" {
        let Everything { phones, threads, .. } = &mut *state;
        let customer = phones.key_of(&outgoing.to);
        let id = ThreadId { phone_number_id: &number.phone_number_id, customer: &customer };
        threads.serve_by_business(id, series.accepted_at);
    }
    put(&mut state, number, outgoing, &series);
    entry.verdict = Verdict::Accepted { wamid: series.wamid.clone() };
    state.log.push(LogEntry::Call(entry));
    series
}

/// Another responder of the number sends this; gives the id of the message. Its statuses are told to the
/// business, which only listens if it is to stand by.
pub(crate) fn speak(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    outgoing: &Outgoing,
    standby: bool,
) -> String {
    let mut state = sandbox.state();
    let series = series(&mut state, number, outgoing, sandbox.clock().unix_now());
    let series = Series { standby, ..series };
    put(&mut state, number, outgoing, &series);
    drop(state);
    let (wamid, ticket, sandbox) = (series.wamid.clone(), sandbox.pending().begin(), sandbox.clone());
    tokio::spawn(async move {
        webhook::play(&sandbox, &series).await;
        drop(ticket);
    });
    wamid
}

/// What follows from a message if nothing is scripted.
fn series(state: &mut Everything, number: &BusinessNumber, outgoing: &Outgoing, accepted_at: i64) -> Series {
    let by_number = matches!(outgoing.to, Address::Number(_));
    let category = outgoing.category(&state.templates, number);
    let service_window = state.service_window;
    let phone = state.phones.touch(&outgoing.to);
    let may_write = service_window == ServiceWindow::Ignored
        || phone.window_is_open(&number.phone_number_id, accepted_at);
    let failure = failure(number, phone, &category, may_write);
    Series {
        phone_number_id: number.phone_number_id.clone(),
        wamid: ids::wamid(phone.number.as_deref().unwrap_or_default()),
        kind: outgoing.kind.clone(),
        category: category.unwrap_or_default(),
        trail: Trail::default(),
        recipient_id: phone.wa_id.clone().filter(|_| by_number),
        recipient_user_id: phone.user_id.clone(),
        standby: false,
        contact: webhook::contact(phone, !by_number),
        reach: phone.reach,
        failure,
        not_sent: None,
        shape: CallbackShape::default(),
        accepted_at,
    }
}

/// Puts a message on the phone, if it gets there.
fn put(state: &mut Everything, number: &BusinessNumber, outgoing: &Outgoing, series: &Series) {
    if series.failure.is_none() && series.not_sent.is_none() {
        state.phones.put(&outgoing.to, on_phone(number, outgoing, &series.wamid, series.accepted_at));
    }
}

/// Why Meta does not deliver the message, whatever is scripted; `category` is that of its template, and
/// `may_write` whether anything but a template may go out.
///
/// A template with which something is wrong comes this far only through Kaleyra, which takes whatever
/// looks like one.
fn failure(
    number: &BusinessNumber,
    phone: &Phone,
    category: &Result<Option<String>, Complaint>,
    may_write: bool,
) -> Option<Failure> {
    let code = match category {
        Err(complaint) => {
            tracing::debug!(code = complaint.code, details = complaint.details, "template not delivered");
            complaint.code
        }
        // Outside the customer's 24 hours only templates are delivered.
        Ok(None) if !may_write => 131_047,
        Ok(Some(category))
            if category == "MARKETING" && phone.no_marketing_from.contains(&number.waba_id) =>
        {
            131_050
        }
        Ok(_) => return None,
    };
    Some(Failure { code, after_sent: false })
}

/// Starts the status callbacks; waits for them only if they are to come before the answer.
async fn follow_up(sandbox: &Sandbox, series: Series) {
    let before_answer = series.shape.before_answer;
    let ticket = sandbox.pending().begin();
    let sandbox = sandbox.clone();
    // A task of its own, because the caller may hang up.
    let played = tokio::spawn(async move {
        webhook::play(&sandbox, &series).await;
        drop(ticket);
    });
    if before_answer {
        // The task ends in an error only if the runtime stops.
        let _ = played.await;
    }
}

fn on_phone(number: &BusinessNumber, outgoing: &Outgoing, wamid: &str, accepted_at: i64) -> PhoneMessage {
    PhoneMessage {
        wamid: wamid.to_owned(),
        direction: Direction::Received,
        from: number.display_phone_number.clone(),
        phone_number_id: number.phone_number_id.clone(),
        kind: outgoing.kind.clone(),
        text: outgoing.text.clone(),
        content: outgoing.content.clone(),
        context: outgoing.context.clone(),
        at: clock::iso_of(accepted_at),
        statuses: Vec::new(),
        callback_data: outgoing.callback_data.clone(),
    }
}
