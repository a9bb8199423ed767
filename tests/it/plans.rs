//! Fault plans: one fault at every call a send makes, and what is left when everything has settled.
//!
//! Each plan starts a backend of its own, opens a conversation, sends one message with one fault on the
//! way (the store's or the provider's), lets an honest client try again under its key, delivers the
//! callbacks, sweeps past lease and grace, and compares the provider's own log with what we show.

use std::{fmt, time::Duration};

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;
use ventanilla::domain::attempt::{GRACE, LEASE};
use ventanilla_sandbox::{ErrorBody, Fault as ProviderFault, LogEntry, Verdict};

use crate::harness::{DEMO_KEY, Fault, Stand};

const ANA: &str = "+50212345678";
const NEW: &str = "+50287654321";
const TEXT: &str = "the one message";

/// How the message is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Reply,
    ReplyWithKey,
    ToNewNumber,
    ToNewNumberWithKey,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
enum Trouble {
    Store(usize, Fault),
    Provider(ProviderFault),
}

/// What must never be left of a plan.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrong {
    /// The provider took it more than once, or it is shown more than once.
    Duplicate,
    /// The caller was told that it went out, and it did not.
    SilentLoss,
    /// The customer has it, and it is not shown, shown as failed, or not on record as taken.
    Ghost,
    /// An attempt that nobody will ever look at again is not settled.
    Stuck,
}

/// How a plan ended.
struct Left {
    wrong: Vec<Wrong>,
    /// The message is shown as in doubt, for a person to decide.
    flagged: bool,
}

#[derive(Default)]
struct Card {
    plans: usize,
    flagged: usize,
    bad: Vec<String>,
}

impl fmt::Display for Card {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} plans, {} flagged unknown, {} bad", self.plans, self.flagged, self.bad.len())
    }
}

impl Way {
    fn keyed(self) -> bool {
        matches!(self, Self::ReplyWithKey | Self::ToNewNumberWithKey)
    }

    fn number(self) -> &'static str {
        match self {
            Self::Reply | Self::ReplyWithKey => ANA,
            Self::ToNewNumber | Self::ToNewNumberWithKey => NEW,
        }
    }

    fn request(self, conversation: u64) -> Request<Body> {
        let (path, body) = match self {
            Self::Reply | Self::ReplyWithKey => {
                let path = format!("/api/whatsapp/conversations/{conversation}/messages");
                (path, json!({ "content": TEXT }))
            }
            Self::ToNewNumber | Self::ToNewNumberWithKey => {
                ("/api/whatsapp/send".to_owned(), json!({ "phoneNumber": NEW, "content": TEXT }))
            }
        };
        let request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {DEMO_KEY}"));
        let request = if self.keyed() { request.header("idempotency-key", "the key") } else { request };
        request.body(Body::from(body.to_string())).unwrap()
    }
}

/// Sends once, in a future that a crash drops as a killed function would.
async fn send_once(stand: &Stand, way: Way, conversation: u64) -> Option<StatusCode> {
    let router = send::router(stand.running.app.clone());
    tokio::select! {
        answer = router.oneshot(way.request(conversation)) => Some(answer.unwrap().status()),
        () = stand.tap.crash() => None,
    }
}

async fn run(way: Way, trouble: &Trouble) -> (Left, usize) {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    // Channel and key are looked up once, so that the calls counted are those of a warm function.
    stand
        .api
        .post("/api/whatsapp/send", &json!({ "phoneNumber": "+50200000000", "content": "warm-up" }))
        .await;
    stand.running.sandbox.settled().await;
    match trouble {
        Trouble::Store(number, fault) => stand.tap.by_number(&[(*number, *fault)]),
        Trouble::Provider(fault) => {
            stand.tap.by_number(&[]);
            stand.provider_will(fault.clone());
        }
    }
    let mut told = send_once(&stand, way, conversation).await;
    let calls = stand.tap.calls();
    stand.tap.by_number(&[]);
    // A client without an answer, or with one that invites it, tries again: under a key, for that is safe.
    for _ in 0..3 {
        let again = told.is_none_or(|status| status.is_server_error() || status == 409 || status == 429);
        if !(way.keyed() && again) {
            break;
        }
        stand.clock.advance(Duration::from_mins(1));
        told = send_once(&stand, way, conversation).await;
    }
    stand.running.sandbox.settled().await;
    for wait in [LEASE * 2, GRACE * 2, GRACE * 2] {
        stand.clock.advance(wait);
        stand.sweep().await;
    }
    (left(&stand, way, told).await, calls)
}

/// Compares the provider's log with what we show.
async fn left(stand: &Stand, way: Way, told: Option<StatusCode>) -> Left {
    let taken = stand.running.sandbox.log().into_iter().filter(|entry| {
        matches!(entry, LogEntry::Call(call)
            if call.text.as_deref() == Some(TEXT) && matches!(call.verdict, Verdict::Accepted { .. }))
    });
    let taken = taken.count();
    let listed = stand.conversations().await;
    let place = listed.iter().find(|it| it["contact"]["phone_number"] == way.number());
    let mut shown: Vec<Value> = Vec::new();
    if let Some(place) = place {
        shown = stand.messages(place["id"].as_u64().unwrap()).await;
        shown.retain(|message| message["text"] == TEXT);
    }
    let rows = stand.rows().await;
    let attempts: Vec<&Value> = rows.values().filter(|row| row["row"]["S"] == "attempt").collect();
    let state = |row: &Value| row["state"]["S"].as_str().unwrap().to_owned();
    let stuck = attempts.iter().filter(|row| ["sending", "unknown"].contains(&state(row).as_str())).count();
    // Its callbacks were heard, so our own record must know that the provider took it.
    let mut ours = attempts.iter().filter(|row| row["content"]["M"]["body"]["S"] == TEXT);
    let known = ours.any(|row| state(row) == "accepted");
    let in_doubt = shown.iter().any(|message| message["status"] == "unresolved");
    let told_sent = told.is_some_and(|status| status.is_success());
    let hidden = shown.is_empty() || shown.iter().any(|message| message["status"] == "failed");
    let judged = [
        (taken > 1 || shown.len() > 1, Wrong::Duplicate),
        (told_sent && taken == 0, Wrong::SilentLoss),
        (taken > 0 && (hidden || !known), Wrong::Ghost),
        (stuck > 0, Wrong::Stuck),
    ];
    let wrong = judged.into_iter().filter(|(found, _)| *found).map(|(_, wrong)| wrong).collect();
    Left { wrong, flagged: in_doubt }
}

fn provider_troubles() -> Vec<Trouble> {
    let faults = [
        ProviderFault::Refuse { code: 100, http_status: None, details: None },
        ProviderFault::RateLimit { retry_after: None },
        ProviderFault::ServerError { status: 503, body: ErrorBody::Json, accepted: false },
        ProviderFault::ServerError { status: 500, body: ErrorBody::Json, accepted: true },
        ProviderFault::ServerError { status: 502, body: ErrorBody::Html, accepted: false },
        ProviderFault::ServerError { status: 502, body: ErrorBody::Html, accepted: true },
        ProviderFault::Cut { accepted: false },
        ProviderFault::Cut { accepted: true },
        ProviderFault::Unreadable { accepted: false },
        ProviderFault::Unreadable { accepted: true },
        ProviderFault::NoId,
        ProviderFault::ExpiredToken,
    ];
    faults.into_iter().map(Trouble::Provider).collect()
}

async fn play(card: &mut Card, way: Way, trouble: &Trouble) -> usize {
    let (left, calls) = run(way, trouble).await;
    card.plans += 1;
    card.flagged += usize::from(left.flagged);
    if !left.wrong.is_empty() {
        card.bad.push(format!("{way:?} with {trouble:?}: {:?}", left.wrong));
    }
    calls
}

/// All plans of depth one for a way of sending.
async fn depth_one(way: Way) {
    let mut card = Card::default();
    for trouble in provider_troubles() {
        play(&mut card, way, &trouble).await;
    }
    let store = [
        Fault::ErrorBefore,
        Fault::ErrorAfter,
        Fault::ReplyLost,
        Fault::Throttled,
        Fault::Conflict,
        Fault::CrashBefore,
        Fault::CrashAfter,
    ];
    // A run without trouble tells how many calls there are to trouble.
    let calls = play(&mut card, way, &Trouble::Store(usize::MAX, Fault::ErrorBefore)).await;
    assert!(calls >= 3, "{calls} calls");
    for number in 0..calls {
        for fault in store {
            play(&mut card, way, &Trouble::Store(number, fault)).await;
        }
    }
    assert!(card.bad.is_empty(), "{card}:\n{}", card.bad.join("\n"));
    assert!(card.plans > 30 && card.flagged > 0, "{card}");
}

#[tokio::test]
async fn a_reply_survives_one_fault_anywhere() {
    depth_one(Way::Reply).await;
}

#[tokio::test]
async fn a_reply_with_a_key_survives_one_fault_anywhere() {
    depth_one(Way::ReplyWithKey).await;
}

#[tokio::test]
async fn a_send_to_a_new_number_survives_one_fault_anywhere() {
    depth_one(Way::ToNewNumber).await;
}

#[tokio::test]
async fn a_send_to_a_new_number_with_a_key_survives_one_fault_anywhere() {
    depth_one(Way::ToNewNumberWithKey).await;
}
