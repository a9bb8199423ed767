//! Comparing the provider's own log with what we show.

use serde_json::Value;
use ventanilla::{
    domain::attempt::MOST_TRIES,
    ports::{attempts::Due, clock::Clock},
};
use ventanilla_sandbox::{CallOutcome, ErrorBody, Fault as ProviderFault, LogEntry, WebhookKind};

use super::{
    gate::Manner,
    rig::Told,
    trouble::Trouble,
    way::{Case, Way},
};
use crate::harness::{Carrier, IdNumber as _, Stand};

/// What must never be left of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrong {
    /// The customer got it more than once, or it is shown more than once.
    Duplicate,
    /// A caller got a success, and it was not sent.
    SilentLoss,
    /// The provider took it, and it is not shown, shown as failed, or not on record as taken.
    Ghost,
    /// The caller was told for certain that it was not sent, and it was.
    Denied,
    /// Something is due that no sweep settles.
    Stuck,
    /// The shown status is not the one that the webhooks reported.
    Misled,
    /// An unknown outcome is not visible in the API.
    Hidden,
}

/// What is worth counting, and nothing wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// It got where it should, and is shown there.
    Arrived,
    /// It is shown as unknown, for a person to decide …
    Flagged,
    /// … and the provider had never taken it.
    Unsent,
    /// It was sent more than once because its caller allowed that and no webhook arrived in time.
    Repeated,
    /// The provider said that it failed, though it had taken it, and never said otherwise.
    LiedTo,
    /// A trouble of the plan found nothing to trouble.
    Unmet,
}

/// How a plan ended.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) wrong: Vec<Wrong>,
    pub(super) notes: Vec<Note>,
    /// Repeats of a write that met the write itself.
    pub(super) phantoms: usize,
}

pub(super) async fn judge(
    stand: &Stand,
    case: &Case,
    plan: &[Trouble],
    told: Option<&Told>,
    rested: bool,
) -> Verdict {
    let far = stand.clock.now().plus(std::time::Duration::from_hours(24 * 365));
    let mut due = stand.running.functions.app.core.ports.attempts.due(far, 50).await.unwrap();
    // That a window will close is no unfinished work.
    due.retain(|due| !matches!(due, Due::Window(_)));
    let shown = shown(stand, case).await;
    let mut verdict = if case.way.inbound() {
        inbound(stand, case, &shown).await
    } else {
        outbound(stand, case, plan, told, &shown).await
    };
    if !rested || !due.is_empty() {
        verdict.wrong.push(Wrong::Stuck);
    }
    verdict
}

/// The messages of the plan's text, wherever in the plan's customer's conversations.
async fn shown(stand: &Stand, case: &Case) -> Vec<Value> {
    let mut found = Vec::new();
    for place in stand.conversations().await {
        if place["contact"]["phone_number"] == case.number.as_str() {
            found.extend(stand.messages(place["id"].id_number()).await);
        }
    }
    found.retain(|message| case.is_shown_as(message));
    found
}

async fn inbound(stand: &Stand, case: &Case, shown: &[Value]) -> Verdict {
    let acknowledged = stand.running.sandbox.log().into_iter().any(|entry| {
        let LogEntry::Webhook(told) = entry else { return false };
        // Kaleyra's V1 reports no id: there, any accepted message counts.
        let nameless = case.carrier == Carrier::KaleyraV1;
        let ours = nameless || shown.iter().any(|it| it["provider_message_id"] == told.wamid.as_str());
        told.delivered && matches!(told.kind, WebhookKind::Message(_)) && (ours || shown.is_empty())
    });
    let places = stand.conversations().await;
    let places: Vec<&Value> =
        places.iter().filter(|place| place["contact"]["phone_number"] == case.number.as_str()).collect();
    let unread = places.first().map(|place| place["unread_count"].clone());
    let expected = if case.way == Way::NextMessage { 2 } else { 1 };
    let judged = [
        (shown.len() > 1 || places.len() > 1, Wrong::Duplicate),
        (shown.is_empty(), Wrong::SilentLoss),
        // The sandbox tries eight times, and no plan has as many troubles.
        (!acknowledged || unread != Some(expected.into()), Wrong::Misled),
    ];
    let notes = found(&[(shown.len() == 1, Note::Arrived)]);
    Verdict { wrong: found(&judged), notes, phantoms: 0 }
}

async fn outbound(
    stand: &Stand,
    case: &Case,
    plan: &[Trouble],
    told: Option<&Told>,
    shown: &[Value],
) -> Verdict {
    let taken = stand.running.sandbox.log().into_iter().filter(|entry| {
        matches!(entry, LogEntry::Call(call)
            if case.is_sent_by(call) && matches!(call.outcome, CallOutcome::Accepted { .. }))
    });
    let taken = taken.count();
    let status = |word: &str| shown.iter().any(|message| message["status"] == word);
    let heard = !plan.contains(&Trouble::Callbacks(Manner::Never));
    let in_time = heard && !plan.contains(&Trouble::Callbacks(Manner::Late));
    let details = details(stand, shown, told).await;
    let accepted = details.iter().any(|detail| detail["attempt"]["state"] == "accepted");
    let unresolved =
        details.iter().any(|detail| detail["attempt"]["state"] == "unknown" && detail["unresolved"] == true);
    // Without a single webhook, unknown is all that can be known.
    let flagged = shown.iter().any(|message| message["unresolved"] == true);
    let known = accepted || (!heard && flagged);
    let told_sent = told.is_some_and(|told| told.status.is_success());
    // A caller who got a success asked for no more.
    let sure = told_sent && !case.way.keyed();
    let allowed = case.way.at_least_once() && !in_time && !sure && taken <= MOST_TRIES;
    let told_unknown = told.is_some_and(|told| told.body["code"] == "outcome_unknown");
    // Rejected by the provider's own account, and no webhook ever: that is all that can be known.
    let lied_to = taken > 0 && !heard && plan.iter().any(says_it_failed);
    let judged = [
        ((taken > 1 && !allowed) || shown.len() > 1, Wrong::Duplicate),
        (told_sent && taken == 0, Wrong::SilentLoss),
        (taken > 0 && !lied_to && (shown.is_empty() || status("failed") || !known), Wrong::Ghost),
        (taken > 0 && !lied_to && told.is_some_and(|told| is_denial(told, case.way)), Wrong::Denied),
        (taken > 0 && heard && !status("delivered"), Wrong::Misled),
        // An unknown message must be found under the id that the caller got, and in the list. (An intent
        // that could not be written leaves nothing to find, and nothing was sent.)
        (told_unknown && details.is_empty() && taken > 0, Wrong::Hidden),
        (unresolved != flagged, Wrong::Hidden),
    ];
    let notes = [
        (taken > 0 && shown.len() == 1, Note::Arrived),
        (unresolved, Note::Flagged),
        (unresolved && taken == 0, Note::Unsent),
        (taken > 1 && allowed, Note::Repeated),
        (lied_to, Note::LiedTo),
    ];
    Verdict { wrong: found(&judged), notes: found(&notes), phantoms: 0 }
}

/// A response after which the caller may safely send a new request. With a key, "unavailable" is none: it
/// asks for the same request again, and says nothing about the one before.
fn is_denial(told: &Told, way: Way) -> bool {
    let code = told.body["code"].as_str().unwrap_or_default();
    let open = ["outcome_unknown", "sent_not_recorded", "provider_fault", "request_in_progress"];
    let asked_again = way.keyed() && code == "unavailable";
    !told.status.is_success() && !open.contains(&code) && !asked_again
}

/// A failure that the provider reports of a message that it took.
fn says_it_failed(trouble: &Trouble) -> bool {
    let fault = |fault: &ProviderFault| {
        matches!(fault, ProviderFault::ServerError { body: ErrorBody::Json, accepted: true, .. })
    };
    matches!(trouble, Trouble::Provider(it) if fault(it))
}

/// The response of `/v1/messages/{id}` for every message shown, and for the one whose id the caller got.
async fn details(stand: &Stand, shown: &[Value], told: Option<&Told>) -> Vec<Value> {
    let mut ids: Vec<String> =
        shown.iter().filter_map(|message| message["id"].as_str().map(str::to_owned)).collect();
    let named = told.map(|told| &told.body["message_id"]).filter(|id| !id.is_null());
    ids.extend(named.map(|id| format!("msg_{}", id.id_number())));
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::new();
    for id in ids {
        let answer = stand.api.get(&format!("/v1/messages/{id}")).await;
        if answer.status == 200 {
            found.push(answer.json());
        }
    }
    found
}

/// Those of which it is true.
fn found<T: Copy>(judged: &[(bool, T)]) -> Vec<T> {
    judged.iter().filter(|(found, _)| *found).map(|(_, what)| *what).collect()
}
