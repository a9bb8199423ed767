//! The first word of a customer and the first one to them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    clients::{ROUNDS, Route, SOME, Wish, assert_sound, at_once, calls, digits, number},
    history::Call,
};
use crate::harness::{IdNumber as _, Stand};

/// A customer writes while clients send to their number, and neither is known yet.
async fn first_contact(stand: &Stand, number: &str, inbound: &Value) -> Vec<Call> {
    stand.window_opens(number).await;
    let wish = |client: usize| Wish::new(Route::ToNumber, number, &format!("from {client}"));
    let path = format!("/sandbox/phones/{number}/messages");
    // A webhook that is rejected is repeated, so its first response does not matter.
    let (heard, _) =
        tokio::join!(at_once(stand, (0..SOME).map(wish).collect()), stand.api.post(&path, inbound));
    stand.running.sandbox.until_idle().await;
    calls(heard).collect()
}

/// The number of contacts with one of these addresses, without merged ones.
fn contacts(rows: &BTreeMap<String, Value>, addresses: &[&str]) -> usize {
    let has = |row: &Value| {
        let known = row["addresses"]["L"].as_array().unwrap();
        known.iter().any(|one| {
            let (number, user) = (&one["M"]["number"]["S"], &one["M"]["bsuid"]["S"]);
            addresses.iter().any(|address| number == *address || user == *address)
        })
    };
    let standing = rows.values().filter(|row| row["row"]["S"] == "contact" && row["merged_into"].is_null());
    standing.filter(|row| has(row)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_contact_from_both_sides_at_once_is_one_contact_and_one_conversation() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..ROUNDS {
        history.extend(first_contact(&stand, &number(round), &json!({ "text": "hola" })).await);
    }
    assert_sound(&stand, &history).await;
    let rows = stand.rows().await;
    for round in 0..ROUNDS {
        let number = number(round);
        assert_eq!(contacts(&rows, &[digits(&number)]), 1, "contacts of round {round}");
        let mut theirs = stand.conversations().await;
        theirs.retain(|it| it["contact"]["phone_number"] == number.as_str());
        assert_eq!(theirs.len(), 1, "conversations of round {round}: {theirs:?}");
        let messages = stand.messages(theirs[0]["id"].id_number()).await;
        assert_eq!(messages.len(), SOME + 1, "round {round}");
        assert_eq!(messages.iter().filter(|message| message["text"] == "hola").count(), 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_contact_by_user_id_and_by_number_at_once_ends_as_one_person() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..ROUNDS {
        let number = number(round);
        let hidden = json!({ "text": "hola", "hide_phone": true });
        history.extend(first_contact(&stand, &number, &hidden).await);
        stand.running.sandbox.until_idle().await;
    }
    assert_sound(&stand, &history).await;
    let rows = stand.rows().await;
    for round in 0..ROUNDS {
        let number = number(round);
        let phone = stand.api.get(&format!("/sandbox/phones/{number}")).await.json();
        let user = phone["user_id"].as_str().unwrap();
        assert_eq!(contacts(&rows, &[digits(&number), user]), 1, "contacts of round {round}");
        let mut theirs = stand.conversations().await;
        theirs.retain(|it| {
            it["contact"]["phone_number"] == number.as_str() || it["contact"]["user_id"] == user
        });
        let standing = theirs.iter().filter(|it| it["merged_into"].is_null()).count();
        assert_eq!(standing, 1, "conversations of round {round}: {theirs:?}");
        // What was said before they were united stays where it was said.
        let mut texts = Vec::new();
        for conversation in &theirs {
            let messages = stand.messages(conversation["id"].id_number()).await;
            texts.extend(messages.into_iter().map(|message| message["text"].clone()));
        }
        assert_eq!(texts.len(), SOME + 1, "round {round}: {texts:?}");
        assert!(texts.contains(&json!("hola")), "round {round}");
    }
}
