//! Random histories: between two actions of ours, any order and repetition of the same webhooks leads to the same
//! state.

use std::{collections::BTreeSet, time::Duration};

use proptest::{collection::vec, prelude::*, sample::Index};
use ventanilla::domain::{
    attempt::{Attempt, Target},
    content::Content,
    conversation::{ClosedAssignee, ClosesTo, ClosingPolicy, Conversation, HandoffRequest, Happening},
    conversation_action::{AgentId, Handler},
    delivery::AttemptOutcome,
    message::{Direction, Message, MessageAddress, Sender},
    sent_by::{SenderKind, SentBy},
    time::Timestamp,
};

/// What a webhook can tell.
#[derive(Debug, Clone, Copy)]
enum Webhook {
    Customer { kind: &'static str, asks: bool, standby: bool, history: bool },
    Echo { history: bool },
    AgentEcho,
    Owner(Handler),
}

/// What the company can do.
#[derive(Debug, Clone, Copy)]
enum Action {
    Sent { sender: Sender, agent: bool },
    Read,
    Close { policy: ClosingPolicy },
    Reopen,
    Assign(bool),
    HandOver(Handler),
    Refused,
}

/// A webhook at a second, or an action.
#[derive(Debug, Clone, Copy)]
enum Step {
    Webhook(i64, Webhook),
    Action(i64, Action),
}

fn webhook() -> impl Strategy<Value = Webhook> {
    let kind = prop::sample::select(vec![
        "text",
        "image",
        "order",
        "interactive",
        "unsupported",
        "reaction",
        "removal",
        "edit",
        "revoke",
        "system",
        "call",
    ]);
    let flag = || prop::bool::weighted(0.25);
    let owner = prop::sample::select(vec![Handler::Bot, Handler::MetaAgent, Handler::Human]);
    prop_oneof![
        6 => (kind, flag(), flag(), flag())
            .prop_map(|(kind, asks, standby, history)| Webhook::Customer { kind, asks, standby, history }),
        2 => flag().prop_map(|history| Webhook::Echo { history }),
        1 => Just(Webhook::AgentEcho),
        1 => owner.prop_map(Webhook::Owner),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let sender = prop::sample::select(vec![Sender::Human, Sender::Bot, Sender::Template, Sender::Broadcast]);
    let closes_to = prop::sample::select(vec![ClosesTo::Bot, ClosesTo::Same]);
    let assignee = prop::sample::select(vec![ClosedAssignee::None, ClosedAssignee::Same]);
    let policy =
        (closes_to, assignee).prop_map(|(handled_by, assignee)| ClosingPolicy { handled_by, assignee });
    let to = prop::sample::select(vec![Handler::Bot, Handler::Human]);
    prop_oneof![
        4 => (sender, any::<bool>()).prop_map(|(sender, agent)| Action::Sent { sender, agent }),
        1 => Just(Action::Read),
        2 => policy.prop_map(|policy| Action::Close { policy }),
        1 => Just(Action::Reopen),
        1 => any::<bool>().prop_map(Action::Assign),
        2 => to.prop_map(Action::HandOver),
        1 => Just(Action::Refused),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12i64, webhook()).prop_map(|(at, it)| Step::Webhook(at, it)),
        1 => (0..12i64, action()).prop_map(|(at, it)| Step::Action(at, it)),
    ]
}

const BEGIN: i64 = 1_772_533_800;

fn time(second: i64) -> Timestamp {
    Timestamp::from_seconds(BEGIN + second)
}

fn agent() -> AgentId {
    "ana".to_owned().try_into().unwrap()
}

/// The message of a step, which is known by its number.
fn message(number: usize, second: i64, direction: Direction, sender: Sender, kind: &str) -> Message {
    let id = u64::try_from(number + 1).unwrap().try_into().unwrap();
    let address = MessageAddress { conversation: "7".parse().unwrap(), at: time(second), id };
    let content = Content::plain("hola".to_owned().try_into().unwrap());
    let attempt = Attempt::new("demo".parse().unwrap(), address, Target::Conversation, content);
    let mut message = attempt.message("1".parse().unwrap(), AttemptOutcome::Accepted, None);
    (message.direction, message.sender) = (direction, sender);
    message.wamid = Some(format!("wamid.{number}").try_into().unwrap());
    message.kind = if kind == "removal" { "reaction" } else { kind }.to_owned();
    message.text = (kind != "removal").then(|| format!("text {number}"));
    message
}

fn apply(it: &mut Conversation, number: usize, step: Step) {
    let now = time(20);
    match step {
        Step::Webhook(at, Webhook::Owner(owner)) => {
            it.apply(&Happening::OwnerChanged { owner, at: time(at) });
        }
        Step::Webhook(at, told) => {
            let (mut message, asks) = match told {
                Webhook::Customer { kind, asks, standby, history } => {
                    let mut it = message(number, at, Direction::Inbound, Sender::Customer, kind);
                    (it.standby, it.history) = (standby, history);
                    (it, asks)
                }
                Webhook::Echo { history } => {
                    let mut it = message(number, at, Direction::Outbound, Sender::BusinessApp, "text");
                    it.history = history;
                    (it, false)
                }
                _ => (message(number, at, Direction::Outbound, Sender::MetaAgent, "text"), false),
            };
            message.late = at < 3;
            let asks = if asks { HandoffRequest::ForPerson } else { HandoffRequest::Nothing };
            let closing = ClosingPolicy::default();
            it.apply(&Happening::Received { message: &message, asks, closing, now });
        }
        Step::Action(at, action) => match action {
            Action::Sent { sender, agent: named } => {
                let mut message = message(number, at, Direction::Outbound, sender, "text");
                let ana = SentBy { id: Some(agent()), ..SentBy::of_kind(SenderKind::Human) };
                message.sent_by = named.then(|| Box::new(ana));
                it.apply(&Happening::Sent(&message));
            }
            Action::Read => it.apply(&Happening::Read { up_to: None }),
            Action::Close { policy } => it.apply(&Happening::Closed { policy, at: time(at) }),
            Action::Reopen => it.apply(&Happening::Reopened),
            Action::Assign(to) => it.apply(&Happening::Assigned(to.then(agent).as_ref())),
            Action::HandOver(to) => it.apply(&Happening::HandedOver(to)),
            Action::Refused => it.apply(&Happening::WindowRefused { sent_at: time(at) }),
        },
    }
}

fn begun() -> Conversation {
    serde_json::from_value(serde_json::json!({
        "id": 7, "tenant": "demo", "channel": 1, "contact": 9, "status": "active",
        "last_message_at": time(60).millis(), "unread": 0, "created_at": time(60).millis(), "rev": 1,
    }))
    .unwrap()
}

/// Runs a history; duplicate webhooks change nothing, as in the store.
fn end_of(steps: &[(usize, Step)]) -> Conversation {
    let (mut it, mut known) = (begun(), BTreeSet::new());
    for (number, step) in steps {
        // A handover has no id that it could be known by.
        if known.insert(*number) || matches!(step, Step::Webhook(_, Webhook::Owner(_))) {
            apply(&mut it, *number, *step);
        }
    }
    it
}

/// The same history with the webhooks between two actions in another order, some of them repeated: at once,
/// or later on.
fn shuffled(steps: &[(usize, Step)], chances: &[Index]) -> Vec<(usize, Step)> {
    let mut chances = chances.iter().cycle();
    let mut all: Vec<(usize, Step)> = Vec::new();
    for part in steps.split_inclusive(|(_, step)| matches!(step, Step::Action(..))) {
        let (actions, mut webhooks): (Vec<_>, Vec<_>) =
            part.iter().copied().partition(|(_, step)| matches!(step, Step::Action(..)));
        let told = all.iter().chain(&webhooks).filter(|(_, step)| matches!(step, Step::Webhook(..)));
        let repeats: Vec<_> = told.copied().filter(|_| chances.next().unwrap().index(3) == 0).collect();
        // One of an earlier time is known by now; one of this time may come for the first time here.
        webhooks.extend(repeats);
        for last in (1..webhooks.len()).rev() {
            webhooks.swap(last, chances.next().unwrap().index(last + 1));
        }
        all.extend(webhooks);
        all.extend(actions);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn between_two_actions_the_order_and_repetition_of_webhooks_is_nothing(
        steps in vec(step(), 1..14),
        chances in vec(any::<Index>(), 64),
    ) {
        let steps: Vec<(usize, Step)> = steps.into_iter().enumerate().collect();
        prop_assert_eq!(end_of(&steps), end_of(&shuffled(&steps, &chances)));
    }

    #[test]
    fn only_a_person_removes_a_waiting_customer_from_the_queue(steps in vec(step(), 1..14)) {
        let mut it = begun();
        for (number, step) in steps.into_iter().enumerate() {
            let before = it.clone();
            apply(&mut it, number, step);
            let person = matches!(
                step,
                Step::Action(_, Action::Sent { sender: Sender::Human, .. } | Action::HandOver(_) | Action::Close { .. })
                    | Step::Webhook(_, Webhook::Echo { history: false })
            );
            let waits = before.status == ventanilla::domain::conversation::Status::PendingHuman;
            prop_assert!(person || !waits || it.status == before.status, "{step:?}");
            if let Step::Action(_, Action::Sent { sender: Sender::Template | Sender::Broadcast, .. }) = step {
                let same = |it: &Conversation| (it.status, it.handled_by, it.assignee.clone(), it.unread.count, it.closed_at);
                prop_assert_eq!(same(&before), same(&it));
            }
            let window = |it: &Conversation| it.window(time(20).plus(Duration::from_hours(1)));
            if !matches!(step, Step::Webhook(_, Webhook::Customer { .. }) | Step::Action(_, Action::Refused)) {
                prop_assert_eq!(window(&before), window(&it), "{:?}", step);
            }
        }
    }
}
