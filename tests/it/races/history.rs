//! What clients saw, and what it must agree with.

use std::collections::{BTreeMap, BTreeSet};

use ventanilla_sandbox::{CallOutcome, LogEntry};

use crate::harness::Answer;

/// How a call ended for its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was sent; with the id of the message where the contract returns it.
    Ok(Option<u64>),
    /// It certainly did not take effect.
    Fail,
    /// The client cannot know.
    Info,
}

impl End {
    pub(super) fn of(answer: &Answer) -> Self {
        let body = answer.json();
        if answer.status == 202 {
            return Self::Info;
        }
        if let Some(id) = body["id"].as_str().and_then(|id| id.strip_prefix("msg_")) {
            return Self::Ok(id.parse().ok());
        }
        if answer.status.is_success() {
            let data = &body["data"];
            return Self::Ok(data["message_id"].as_u64().or_else(|| data["message"]["message_id"].as_u64()));
        }
        match body["code"].as_str() {
            Some("request_in_progress" | "outcome_unknown" | "provider_fault" | "sent_not_recorded") => {
                Self::Info
            }
            _ => Self::Fail,
        }
    }
}

/// One call of one client. Calls of one operation with one key are one intent; a call without a key
/// is an intent of its own.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) key: Option<String>,
    /// The customer, as the provider names them.
    pub(super) to: String,
    pub(super) text: String,
    pub(super) end: End,
}

/// A message that the provider took.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) to: String,
    pub(super) text: String,
    /// Our id of it, out of the data that we gave along.
    pub(super) id: Option<u64>,
}

impl Taken {
    pub(super) fn of(entry: &LogEntry) -> Option<Self> {
        match entry {
            LogEntry::Call(call) if matches!(call.outcome, CallOutcome::Accepted { .. }) => Some(Self {
                to: call.to.clone().unwrap_or_default(),
                text: call.text.clone().unwrap_or_default(),
                id: call.callback_data.as_deref().and_then(|data| data.rsplit('.').next()?.parse().ok()),
            }),
            _ => None,
        }
    }
}

/// A message of ours that the lists show.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    /// The customer of the conversation that it is shown in.
    pub(super) place: String,
    pub(super) id: u64,
    pub(super) text: String,
    /// The state of the attempt to send it.
    pub(super) attempt: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The provider took one intent more than once.
    Duplicated,
    /// A client got a success, and it was not sent.
    Lost,
    /// Every client of an intent got a failure, and it was sent.
    Denied,
    /// The provider accepted a message that no client requested.
    Unexpected,
    /// Taken, and not shown exactly once, where it belongs and as taken; or the other way round.
    Ghost,
    /// Two clients of one intent got different messages.
    Split,
}

#[derive(Debug)]
pub(super) struct Violation {
    pub(super) kind: Kind,
    pub(super) what: String,
}

/// What all calls of an intent say together.
struct Intent<'a> {
    name: String,
    to: &'a str,
    text: &'a str,
    /// The ids that its clients got.
    ids: BTreeSet<u64>,
    ends: Vec<End>,
}

impl Intent<'_> {
    /// Whether a client got a success, and none got an id.
    fn is_nameless(&self) -> bool {
        self.ids.is_empty() && self.ends.contains(&End::Ok(None))
    }

    fn is_denied(&self) -> bool {
        self.ends.iter().all(|end| *end == End::Fail)
    }
}

fn intents(history: &[Call]) -> Vec<Intent<'_>> {
    let mut named: BTreeMap<String, Intent<'_>> = BTreeMap::new();
    for (place, call) in history.iter().enumerate() {
        let name = match &call.key {
            Some(key) => format!("{} to {} under {key}", call.operation, call.to),
            None => format!("{} to {}, call {place}", call.operation, call.to),
        };
        let fresh = || {
            let (name, to, text) = (name.clone(), call.to.as_str(), call.text.as_str());
            Intent { name, to, text, ids: BTreeSet::new(), ends: Vec::new() }
        };
        let intent = named.entry(name.clone()).or_insert_with(fresh);
        intent.ends.push(call.end);
        if let End::Ok(Some(id)) = call.end {
            intent.ids.insert(id);
        }
    }
    named.into_values().collect()
}

/// The contradictions between calls, sent messages and lists.
pub(super) fn check(history: &[Call], taken: &[Taken], listed: &[Listed]) -> Vec<Violation> {
    let intents = intents(history);
    let mut found = Vec::new();
    for intent in &intents {
        found.extend(of_intent(intent, &intents, taken));
    }
    let wanted = intents.iter().map(|intent| (intent.to, intent.text));
    let classes: BTreeSet<(&str, &str)> =
        wanted.chain(taken.iter().map(|one| (one.to.as_str(), one.text.as_str()))).collect();
    for (to, text) in classes {
        let alike: Vec<&Intent<'_>> =
            intents.iter().filter(|intent| (intent.to, intent.text) == (to, text)).collect();
        let kind =
            of_class(&alike, taken.iter().filter(|one| (one.to.as_str(), one.text.as_str()) == (to, text)));
        found.extend(kind.map(|kind| Violation { kind, what: format!("{text:?} to {to}") }));
    }
    found.extend(ghosts(taken, listed));
    found
}

/// The violations of an intent, by the message ids that its clients got.
fn of_intent(intent: &Intent<'_>, all: &[Intent<'_>], taken: &[Taken]) -> Vec<Violation> {
    let times = |id: u64| {
        let same = |one: &&Taken| one.id == Some(id) && one.to == intent.to && one.text == intent.text;
        taken.iter().filter(same).count()
    };
    let heard_by = |id: u64| all.iter().filter(|other| other.ids.contains(&id)).count();
    let wrong = [
        (intent.ids.len() > 1, Kind::Split),
        (intent.ids.iter().any(|id| times(*id) < heard_by(*id)), Kind::Lost),
        (intent.ids.iter().map(|id| times(*id)).sum::<usize>() > 1, Kind::Duplicated),
    ];
    let what = || format!("{}: {:?}, messages {:?}", intent.name, intent.text, intent.ids);
    wrong.into_iter().filter(|(is, _)| *is).map(|(_, kind)| Violation { kind, what: what() }).collect()
}

/// The violations among the other messages with one text for one customer: for intents without ids, only
/// numbers can be compared.
fn of_class<'a>(alike: &[&Intent<'_>], taken: impl Iterator<Item = &'a Taken>) -> Option<Kind> {
    let claimed = |one: &&Taken| one.id.is_some_and(|id| alike.iter().any(|it| it.ids.contains(&id)));
    let unclaimed = taken.filter(|one| !claimed(one)).count();
    let open = alike.iter().filter(|intent| intent.ids.is_empty()).count();
    let denied = alike.iter().filter(|intent| intent.is_denied()).count();
    let nameless = alike.iter().filter(|intent| intent.is_nameless()).count();
    if alike.is_empty() {
        return (unclaimed > 0).then_some(Kind::Unexpected);
    }
    let judged = [
        (unclaimed > open, Kind::Duplicated),
        (unclaimed > open - denied, Kind::Denied),
        (unclaimed < nameless, Kind::Lost),
    ];
    judged.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind)
}

fn ghosts(taken: &[Taken], listed: &[Listed]) -> Vec<Violation> {
    let ghost = |what: String| Violation { kind: Kind::Ghost, what };
    let mut found = Vec::new();
    for one in taken {
        let places: Vec<&Listed> = listed.iter().filter(|it| Some(it.id) == one.id).collect();
        let right = |it: &Listed| it.place == one.to && it.text == one.text && it.attempt == "accepted";
        if !matches!(places.as_slice(), [only] if right(only)) {
            found.push(ghost(format!("{one:?} is shown as {places:?}")));
        }
    }
    for it in listed.iter().filter(|it| it.attempt == "accepted") {
        if !taken.iter().any(|one| one.id == Some(it.id)) {
            found.push(ghost(format!("{it:?} was never taken")));
        }
    }
    found
}

fn call(key: Option<&str>, end: End) -> Call {
    let (to, text) = ("1".to_owned(), "a".to_owned());
    Call { operation: "to a number", key: key.map(str::to_owned), to, text, end }
}

fn took(ids: &[u64]) -> Vec<Taken> {
    ids.iter().map(|id| Taken { to: "1".to_owned(), text: "a".to_owned(), id: Some(*id) }).collect()
}

fn shows(ids: &[u64]) -> Vec<Listed> {
    let (place, text, attempt) = ("1".to_owned(), "a".to_owned(), "accepted".to_owned());
    let one =
        |id: &u64| Listed { place: place.clone(), id: *id, text: text.clone(), attempt: attempt.clone() };
    ids.iter().map(one).collect()
}

fn kinds(history: &[Call], taken: &[Taken], listed: &[Listed]) -> Vec<Kind> {
    check(history, taken, listed).into_iter().map(|violation| violation.kind).collect()
}

const OK: End = End::Ok(Some(1));

#[test]
fn a_sound_history_is_found_sound() {
    let one = [call(Some("k"), End::Info), call(Some("k"), OK), call(Some("k"), End::Fail)];
    assert_eq!(kinds(&one, &took(&[1]), &shows(&[1])), []);
    // A client that knows nothing agrees with either; so do the denied with nothing.
    let open = [call(None, End::Info), call(None, End::Info), call(None, End::Fail)];
    assert_eq!(kinds(&open, &took(&[2]), &shows(&[2])), []);
    let mut doubtful = shows(&[3]);
    doubtful[0].attempt = "unknown".to_owned();
    assert_eq!(kinds(&open, &[], &doubtful), []);
    let alike = [call(None, OK), call(None, End::Ok(None)), call(None, End::Ok(Some(2)))];
    assert_eq!(kinds(&alike, &took(&[1, 2, 3]), &shows(&[1, 2, 3])), []);
    // One key on two routes is two intents.
    let mut routes = [call(Some("k"), OK), call(Some("k"), End::Ok(Some(2)))];
    routes[1].operation = "reply";
    assert_eq!(kinds(&routes, &took(&[1, 2]), &shows(&[1, 2])), []);
}

#[test]
fn duplicated_lost_and_denied_sends_are_found() {
    let keyed = [call(Some("k"), OK), call(Some("k"), End::Info)];
    assert_eq!(kinds(&keyed, &took(&[1, 2]), &shows(&[1, 2])), [Kind::Duplicated]);
    assert_eq!(kinds(&keyed, &took(&[1, 1]), &shows(&[1])), [Kind::Duplicated]);
    let open = [call(Some("k"), End::Info), call(Some("k"), End::Info)];
    assert_eq!(kinds(&open, &took(&[1, 2]), &shows(&[1, 2])), [Kind::Duplicated]);
    assert_eq!(kinds(&keyed, &[], &[]), [Kind::Lost]);
    assert_eq!(kinds(&[call(None, End::Ok(None))], &[], &[]), [Kind::Lost]);
    let shared = [call(None, OK), call(None, OK)];
    assert_eq!(kinds(&shared, &took(&[1]), &shows(&[1])), [Kind::Lost, Kind::Lost]);
    assert_eq!(kinds(&[call(None, End::Fail)], &took(&[1]), &shows(&[1])), [Kind::Denied]);
}

#[test]
fn unexpected_sends_and_two_answers_to_one_request_are_found() {
    assert_eq!(kinds(&[], &took(&[1]), &shows(&[1])), [Kind::Unexpected]);
    let mut other = took(&[1]);
    other[0].text = "b".to_owned();
    let mut shown = shows(&[1]);
    shown[0].text = "b".to_owned();
    assert_eq!(kinds(&[call(None, OK)], &other, &shown), [Kind::Lost, Kind::Unexpected]);
    let split = [call(Some("k"), OK), call(Some("k"), End::Ok(Some(2)))];
    assert_eq!(kinds(&split, &took(&[1]), &shows(&[1])), [Kind::Split, Kind::Lost]);
    assert_eq!(kinds(&split, &took(&[1, 2]), &shows(&[1, 2])), [Kind::Split, Kind::Duplicated]);
}

#[test]
fn messages_not_shown_once_in_their_place_are_found() {
    let history = [call(None, OK)];
    let (mut elsewhere, mut in_doubt, mut changed) = (shows(&[1]), shows(&[1]), shows(&[1]));
    elsewhere[0].place = "2".to_owned();
    in_doubt[0].attempt = "unknown".to_owned();
    changed[0].text = "b".to_owned();
    for listed in [Vec::new(), shows(&[1, 1]), elsewhere, in_doubt, changed] {
        assert_eq!(kinds(&history, &took(&[1]), &listed), [Kind::Ghost], "{listed:?}");
    }
    assert_eq!(kinds(&[call(None, End::Info)], &[], &shows(&[1])), [Kind::Ghost]);
}
