//! Clients that act at once, and the look at what they left behind.

use serde_json::{Value, json};
use tokio::task::JoinSet;
use ventanilla::{domain::attempt::LEASE, usecases::reconcile::Swept};

use super::history::{Call, End, Listed, Taken, check};
use crate::harness::{Answer, Client, IdNumber as _, Stand};

pub(super) const ROUNDS: usize = 8;
pub(super) const MANY: usize = 16;
pub(super) const SOME: usize = 8;

/// Every round has a customer of its own.
pub(super) fn number(round: usize) -> String {
    format!("+5021000{round:04}")
}

pub(super) fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}

/// Which route a client takes.
#[derive(Clone, Copy)]
pub(super) enum Route {
    ToNumber,
    InConversation(u64),
    Reply(u64),
    V1ToNumber,
    V1InConversation(u64),
}

/// What one client wants.
#[derive(Clone)]
pub(super) struct Wish {
    route: Route,
    number: String,
    key: Option<String>,
    text: String,
}

impl Wish {
    pub(super) fn new(route: Route, number: &str, text: &str) -> Self {
        Self { route, number: number.to_owned(), key: None, text: text.to_owned() }
    }

    pub(super) fn under(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }
}

/// One call of one client, from its beginning to its end.
pub(super) async fn carry_out(api: Client, wish: Wish) -> (Call, Answer) {
    let Wish { route, number, key, text } = wish;
    let (operation, path, body) = match route {
        Route::ToNumber => {
            let body = json!({ "phoneNumber": number, "content": text });
            ("to a number", "/api/whatsapp/send".to_owned(), body)
        }
        Route::InConversation(id) => {
            let path = format!("/api/whatsapp/conversations/{id}/messages");
            ("in a conversation", path, json!({ "content": text }))
        }
        Route::V1ToNumber => {
            ("/v1 to a number", "/v1/messages".to_owned(), json!({ "to": { "phone": number }, "text": text }))
        }
        Route::V1InConversation(id) => {
            let path = format!("/v1/conversations/conv_{id}/messages");
            ("/v1 in a conversation", path, json!({ "text": text }))
        }
        Route::Reply(id) => ("reply", format!("/api/conversations/{id}/reply"), json!({ "message": text })),
    };
    let named = key.as_deref().map(|key| ("idempotency-key", key));
    let answer = api.post_with(&path, named.as_slice(), &body).await;
    let call = Call { operation, key, to: digits(&number).to_owned(), text, end: End::of(&answer) };
    (call, answer)
}

/// All of them at once.
pub(super) async fn at_once(stand: &Stand, wishes: Vec<Wish>) -> Vec<(Call, Answer)> {
    let mut running = JoinSet::new();
    for wish in wishes {
        running.spawn(carry_out(stand.api.clone(), wish));
    }
    running.join_all().await
}

pub(super) fn calls(heard: Vec<(Call, Answer)>) -> impl Iterator<Item = Call> {
    heard.into_iter().map(|(call, _)| call)
}

/// What the provider took for a number.
pub(super) fn taken(stand: &Stand, number: &str) -> usize {
    let log: Vec<Taken> = stand.running.sandbox.log().iter().filter_map(Taken::of).collect();
    log.iter().filter(|one| one.to == digits(number)).count()
}

/// Every message of ours that the lists show, and the customer that it is shown under.
pub(super) async fn shown(stand: &Stand) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for conversation in stand.conversations().await {
        let contact = &conversation["contact"];
        let known = contact["phone_number"].as_str().map(digits).or_else(|| contact["user_id"].as_str());
        let place = known.unwrap_or_default().to_owned();
        for message in stand.messages(conversation["id"].id_number()).await {
            if message["direction"] == "outbound" {
                all.push((place.clone(), message));
            }
        }
    }
    all
}

/// Lets everything come to rest as it would by itself, and compares what is left.
pub(super) async fn assert_sound(stand: &Stand, history: &[Call]) {
    stand.running.sandbox.until_idle().await;
    // A commit that lost against too many others is completed by the sweep.
    stand.clock.advance(LEASE * 2);
    for _ in 0..3 {
        if stand.sweep().await == Swept::default() {
            break;
        }
    }
    let mut listed = Vec::new();
    for (place, message) in shown(stand).await {
        let id = message["id"].as_str().unwrap().strip_prefix("msg_").unwrap().parse().unwrap();
        let detail = stand.api.get(&format!("/v1/messages/{id}")).await.json();
        let attempt = detail["attempt"]["state"].as_str().unwrap_or_default().to_owned();
        let text = message["text"].as_str().unwrap_or_default().to_owned();
        listed.push(Listed { place, id, text, attempt });
    }
    let taken: Vec<Taken> = stand.running.sandbox.log().iter().filter_map(Taken::of).collect();
    let violations: Vec<String> = check(history, &taken, &listed)
        .into_iter()
        .map(|violation| format!("{:?}: {}", violation.kind, violation.what))
        .collect();
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}
