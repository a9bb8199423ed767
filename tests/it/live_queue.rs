//! The offline queue of a company with two numbers: who listens to one of them gets what waited there, who listens to
//! everything the rest; each message goes to one of them.

use std::time::Duration;

use serde_json::json;

use crate::harness::{IdNumber as _, OTHER_KEY, Socket, Stand, eventually};

const ANA: &str = "+50212345678";

/// The two numbers of tenant `other`, by the provider's id and ours.
const NUMBERS: [(&str, &str); 2] = [("1002", "pn_2"), ("1003", "pn_3")];

/// A customer writes to one of them.
async fn writes(stand: &Stand, from: &str, number: usize, text: &str) {
    let body = json!({ "text": text, "to": NUMBERS[number].0 });
    let answer = stand.api.post(&format!("/sandbox/phones/{from}/messages"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn open(stand: &Stand, query: &str) -> Socket {
    let query = format!("apiKey={OTHER_KEY}{query}");
    let mut socket = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    assert_eq!(socket.next().await["type"], "connected");
    socket
}

async fn of_number(stand: &Stand, number: usize) -> Socket {
    open(stand, &format!("&poolNumberId={}", NUMBERS[number].1)).await
}

async fn waiting(stand: &Stand) -> usize {
    stand.rows().await.values().filter(|row| row["row"]["S"] == "waiting").count()
}

async fn wait_until(stand: &Stand, left: usize) {
    eventually("so many wait", async || (waiting(stand).await == left).then_some(())).await;
}

#[tokio::test]
async fn a_socket_of_a_number_gets_that_number_s_queue_and_the_rest_waits_for_others() {
    let stand = Stand::start_live().await;
    for round in 0..3 {
        writes(&stand, ANA, 0, &format!("first {round}")).await;
        writes(&stand, ANA, 1, &format!("second {round}")).await;
    }
    wait_until(&stand, 6).await;
    let mut second = of_number(&stand, 1).await;
    wait_until(&stand, 3).await;
    writes(&stand, ANA, 1, "now").await;
    assert_eq!(second.texts_until("now").await, ["second 0", "second 1", "second 2"]);
    // Of one conversation nothing.
    let conversation = stand.api.with_key(Some(OTHER_KEY)).get("/v1/conversations?limit=1").await.json();
    let id = conversation["data"][0]["id"].id_number();
    let _narrow = open(&stand, &format!("&conversationId=conv_{id}")).await;
    let mut all = open(&stand, "").await;
    wait_until(&stand, 0).await;
    writes(&stand, ANA, 0, "then").await;
    assert_eq!(all.texts_until("then").await, ["first 0", "first 1", "first 2"]);
}

#[tokio::test]
async fn with_a_cursor_nothing_of_the_queue_is_pushed() {
    let stand = Stand::start_live().await;
    writes(&stand, ANA, 1, "waits").await;
    wait_until(&stand, 1).await;
    let end = stand.api.with_key(Some(OTHER_KEY)).get("/v1/events?after=0").await.json()["log_end"].clone();
    let query = format!("&poolNumberId=pn_3&resume_from={}", end.as_str().unwrap());
    let mut resumes = open(&stand, &query).await;
    writes(&stand, ANA, 1, "now").await;
    assert!(resumes.texts_until("now").await.is_empty());
    assert_eq!(waiting(&stand).await, 1);
    // Nor when a socket of another number leaves it queued.
    let mut other = of_number(&stand, 0).await;
    writes(&stand, ANA, 0, "for the other").await;
    assert!(other.texts_until("for the other").await.is_empty());
    writes(&stand, ANA, 1, "again").await;
    assert!(resumes.texts_until("again").await.is_empty());
    assert_eq!(waiting(&stand).await, 1);
}

#[tokio::test]
async fn sockets_that_open_together_get_each_message_once_and_none_is_left() {
    for round in 0..4 {
        let stand = Stand::start_live().await;
        for number in 0..6 {
            writes(&stand, ANA, 0, &format!("first {number}")).await;
            writes(&stand, "+50298765432", 1, &format!("second {number}")).await;
        }
        wait_until(&stand, 12).await;
        // The one of a number has the room to itself for a while, and the other one comes meanwhile; or the other way.
        let (mut number, mut all) = if round % 2 == 0 {
            tokio::join!(of_number(&stand, 0), open(&stand, ""))
        } else {
            let (all, number) = tokio::join!(open(&stand, ""), of_number(&stand, 0));
            (number, all)
        };
        wait_until(&stand, 0).await;
        writes(&stand, ANA, 0, "last").await;
        let mut heard = number.texts_until("last").await;
        assert!(heard.iter().all(|text| text.starts_with("first")), "{heard:?}");
        heard.extend(all.texts_until("last").await);
        heard.sort_unstable();
        let expected: Vec<String> = ["first", "second"]
            .into_iter()
            .flat_map(|which| (0..6).map(move |number| format!("{which} {number}")))
            .collect();
        assert_eq!(heard, expected);
    }
}

#[tokio::test]
async fn messages_to_a_number_without_a_socket_wait_and_are_not_pushed_to_another() {
    let stand = Stand::start_live().await;
    let mut first = of_number(&stand, 0).await;
    writes(&stand, ANA, 1, "for the second").await;
    wait_until(&stand, 1).await;
    writes(&stand, ANA, 0, "for the first").await;
    assert!(first.texts_until("for the first").await.is_empty());
    assert_eq!(waiting(&stand).await, 1, "a user-scoped socket was open: never queued");
    let mut second = of_number(&stand, 1).await;
    assert_eq!(second.next_of("whatsapp_message").await["data"]["text"], "for the second");
}

#[tokio::test]
async fn dropped_messages_are_reported_to_their_subscribers() {
    let stand = Stand::start_live().await;
    // Of one sender a hundred wait, over both numbers: the oldest are dropped.
    for number in 0..52 {
        writes(&stand, ANA, 0, &format!("{number}")).await;
        writes(&stand, ANA, 1, &format!("{number}")).await;
    }
    wait_until(&stand, 104).await;
    let mut second = of_number(&stand, 1).await;
    assert_eq!(second.next_of("messages_dropped").await["data"]["count"], 2);
    let mut again = of_number(&stand, 1).await;
    writes(&stand, ANA, 1, "no more").await;
    loop {
        let frame = again.next().await;
        assert_ne!(frame["type"], "messages_dropped");
        if frame["data"]["text"] == "no more" {
            break;
        }
    }
    let mut all = open(&stand, "").await;
    assert_eq!(all.next_of("messages_dropped").await["data"]["count"], 2);
}

#[tokio::test]
async fn a_socket_of_a_number_that_breaks_leaves_the_rest_waiting() {
    let stand = Stand::start_live().await;
    for number in 0..6 {
        writes(&stand, ANA, 1, &number.to_string()).await;
    }
    wait_until(&stand, 6).await;
    let mut broken = of_number(&stand, 1).await;
    let [id] = stand.running.gateway.connections().try_into().unwrap();
    stand.running.gateway.set_write_delay(&id, Duration::from_millis(40));
    let mut heard = broken.texts_until("1").await;
    heard.push("1".to_owned());
    stand.running.gateway.drop_connection(&id);
    let mut next = of_number(&stand, 1).await;
    heard.extend(next.texts_until("5").await);
    // The one that was on its way when the socket broke may have been delivered or not.
    for text in ["0", "1", "3", "4"] {
        assert!(heard.iter().any(|it| it == text), "{text} {heard:?}");
    }
}
