//! Many calls in one moment.

use std::collections::BTreeMap;

use serde_json::json;
use ventanilla::ports::clock::Clock;
use ventanilla_sandbox::{Fault, FaultRule, WebhookShape};

use super::clients::{
    MANY, ROUNDS, Route, Wish, assert_sound, at_once, calls, carry_out, number, shown, taken,
};
use crate::harness::{IdNumber as _, Stand};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_with_one_key_are_one_message_and_hear_of_no_other() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..ROUNDS {
        stand.window_opens(&number(round)).await;
        let wish = Wish::new(Route::ToNumber, &number(round), "once").under(format!("key {round}"));
        let heard = at_once(&stand, vec![wish.clone(); MANY]).await;
        // Afterwards the key gives the first answer.
        let (call, first) = carry_out(stand.api.clone(), wish).await;
        assert_eq!((first.status.as_u16(), first.header("idempotent-replayed")), (200, Some("true")));
        assert!(heard.iter().any(|(_, answer)| answer.status == 200), "round {round}");
        for (_, answer) in &heard {
            if answer.status == 200 {
                assert_eq!(answer.json(), first.json(), "round {round}");
            } else {
                let told = (answer.status.as_u16(), answer.json()["code"].clone());
                assert_eq!(told, (409, json!("request_in_progress")), "round {round}");
            }
        }
        assert_eq!(taken(&stand, &number(round)), 1, "round {round}");
        history.extend(calls(heard));
        history.push(call);
        stand.running.sandbox.until_idle().await;
    }
    assert_sound(&stand, &history).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_with_keys_of_their_own_are_sixteen_messages_of_one_conversation() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..ROUNDS {
        let number = number(round);
        let newer = !round.is_multiple_of(2);
        if newer {
            // By the provider's clock the customer writes after all of ours: that is not answered by them.
            let at = stand.clock.now().seconds() + 50;
            let body = json!({ "text": "and another thing", "timestamp": at });
            let answer = stand.api.post(&format!("/sandbox/phones/{number}/messages"), &body).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        } else {
            stand.window_opens(&number).await;
            let begun = carry_out(stand.api.clone(), Wish::new(Route::ToNumber, &number, "hello")).await;
            history.push(begun.0);
        }
        let before = stand.conversation_with(&number).await;
        let (id, already) = (before["id"].id_number(), taken(&stand, &number));
        let wish = |client: usize| {
            let wish = Wish::new(Route::InConversation(id), &number, &format!("message {client}"));
            wish.under(format!("key {round}/{client}"))
        };
        history.extend(calls(at_once(&stand, (0..MANY).map(wish).collect()).await));
        assert_eq!(taken(&stand, &number) - already, MANY, "round {round}");
        stand.running.sandbox.until_idle().await;
        let after = stand.conversation_with(&number).await;
        assert_eq!(after["unread_count"], before["unread_count"], "round {round}");
        let last = after["last_message"]["text"].as_str().unwrap();
        let ours = (0..MANY).any(|client| last == format!("message {client}"));
        assert!(if newer { last == "and another thing" } else { ours }, "round {round}: {last}");
    }
    assert_sound(&stand, &history).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_without_a_key_are_sixteen_messages_though_they_say_the_same() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..ROUNDS {
        let number = number(round);
        let id = stand.customer_writes(&number, "hola").await;
        // Of two contracts: one returns the id of its message, the other does not.
        let wish = |client: usize| {
            let route = if client.is_multiple_of(2) { Route::InConversation(id) } else { Route::Reply(id) };
            Wish::new(route, &number, "the same")
        };
        history.extend(calls(at_once(&stand, (0..MANY).map(wish).collect()).await));
        assert_eq!(taken(&stand, &number), MANY, "round {round}");
        stand.running.sandbox.until_idle().await;
    }
    assert_sound(&stand, &history).await;
    assert_eq!(shown(&stand).await.len(), ROUNDS * MANY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_sends_whose_webhooks_outrun_their_answers_are_read_and_accepted_once() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..ROUNDS {
        let number = number(round);
        let id = stand.customer_writes(&number, "hola").await;
        let shape = WebhookShape { duplicate: 1, before_answer: true, ..WebhookShape::default() };
        let rule = FaultRule::new(Fault::Webhooks(shape)).to(number.as_str());
        stand.running.sandbox.inject(rule.times(u32::try_from(MANY).unwrap()));
        let wish =
            |client: usize| Wish::new(Route::InConversation(id), &number, &format!("message {client}"));
        history.extend(calls(at_once(&stand, (0..MANY).map(wish).collect()).await));
        assert_eq!(taken(&stand, &number), MANY, "round {round}");
        stand.running.sandbox.until_idle().await;
    }
    assert_sound(&stand, &history).await;
    let shown = shown(&stand).await;
    assert_eq!(shown.len(), ROUNDS * MANY);
    let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
    for row in stand.rows().await.values().filter(|row| row["kind"]["S"] == "message.accepted") {
        *accepted.entry(row["message"]["N"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    for (_, message) in &shown {
        assert_eq!(message["status"], "read", "{message}");
        assert_eq!(
            accepted.remove(message["id"].as_str().unwrap().trim_start_matches("msg_")),
            Some(1),
            "events of {message}"
        );
    }
    assert!(accepted.is_empty(), "events of messages that nobody sees: {accepted:?}");
}
