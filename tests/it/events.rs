//! The log: every event once, in one order, for every reader.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::domain::settings::Settings;

use crate::harness::{Client, Fault, OTHER_KEY, Stand, eventually};

const ANA: &str = "+50212345678";

async fn after(api: &Client, cursor: &str) -> Value {
    let answer = api.get(&format!("/v1/events?limit=100&cursor={cursor}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// The numbers of all events, from the beginning.
async fn numbers(api: &Client) -> Vec<u64> {
    let all = after(api, "0").await;
    let events = all["data"].as_array().unwrap().iter();
    events.map(|event| event["cursor"].as_str().unwrap().parse().unwrap()).collect()
}

fn consecutive(numbers: &[u64]) -> bool {
    numbers.iter().copied().eq(1..=u64::try_from(numbers.len()).unwrap())
}

#[tokio::test]
async fn each_event_is_returned_once_in_order_and_page_by_page() {
    let stand = Stand::start().await;
    let begin = stand.api.get("/v1/events").await.json();
    assert_eq!((&begin["data"], &begin["next_cursor"]), (&json!([]), &json!("0")));
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.reply(conversation, "claro").await;
    stand.running.sandbox.until_idle().await;
    stand.follow().await;
    let all = after(&stand.api, "0").await;
    let kinds: Vec<&str> =
        all["data"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["conversation.updated", "message.received"]);
    assert_eq!(kinds[2..].iter().filter(|kind| **kind == "message.status").count(), 4);
    assert!(consecutive(&numbers(&stand.api).await));
    assert_eq!(all["data"][1]["data"]["conversation"]["id"], format!("conv_{conversation}"));
    let first = stand.api.get("/v1/events?cursor=0&limit=2").await.json();
    assert_eq!((&first["next_cursor"], &first["log_end"]), (&json!("2"), &json!(kinds.len().to_string())));
    assert_eq!(after(&stand.api, "2").await["data"][0], all["data"][2]);
    // The place's earlier name is still taken, but not both at once.
    assert_eq!(stand.api.get("/v1/events?after=0&limit=2").await.json(), first);
    let both = stand.api.get("/v1/events?after=0&cursor=0").await;
    assert_eq!((both.status.as_u16(), &both.json()["field"]), (400, &json!("after")));
    // Another tenant's log is its own.
    assert_eq!(after(&stand.api.with_key(Some(OTHER_KEY)), "0").await["data"], json!([]));
}

#[tokio::test]
async fn an_event_is_found_by_its_id_as_long_as_it_is_kept_and_by_its_owner() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    stand.follow().await;
    let all = after(&stand.api, "0").await;
    for event in all["data"].as_array().unwrap() {
        let id = event["id"].as_str().unwrap();
        for named in [id, id.trim_start_matches("evt_")] {
            let found = stand.api.get(&format!("/v1/events/{named}")).await;
            assert_eq!((found.status.as_u16(), &found.json()), (200, event), "{named}");
        }
        let other = stand.api.with_key(Some(OTHER_KEY)).get(&format!("/v1/events/{id}")).await;
        assert_eq!((other.status.as_u16(), &other.json()["code"]), (404, &json!("not_found")));
    }
    let path = format!("/v1/events/{}", all["data"][0]["id"].as_str().unwrap());
    let wrong = stand.api.get("/v1/events/msg_7").await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (400, &json!("id")));
    stand.clock.advance(Duration::from_hours(7 * 24));
    assert_eq!(stand.api.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_batch_that_comes_again_or_to_two_at_once_numbers_each_event_once() {
    let stand = Stand::start().await;
    for number in 0..30 {
        stand.customer_writes(&format!("+5021234{number:04}"), "hola").await;
    }
    let batch = stand.news().await.unwrap();
    let (one, two) = (stand.actor().await, stand.actor().await);
    tokio::join!(
        push::handle(&one.functions.push, batch.event.clone()),
        push::handle(&two.functions.push, batch.event.clone())
    );
    push::handle(&one.functions.push, batch.event.clone()).await;
    stand.follow().await;
    let numbers = numbers(&stand.api).await;
    assert!(consecutive(&numbers) && numbers.len() == 60, "{numbers:?}");
}

#[tokio::test]
async fn a_follower_that_dies_anywhere_loses_nothing_and_numbers_nothing_twice() {
    let mut call = 0;
    loop {
        let stand = Stand::start().await;
        stand.customer_writes(ANA, "hola").await;
        let batch = stand.news().await.unwrap();
        let dying = stand.actor().await;
        dying.tap.by_number(&[(call, Fault::CrashAfter)]);
        let died = tokio::select! {
            _ = push::handle(&dying.functions.push, batch.event) => false,
            () = dying.tap.crash() => true,
        };
        stand.follow().await;
        let numbers = numbers(&stand.api).await;
        assert!(consecutive(&numbers) && numbers.len() == 2, "{call}: {numbers:?}");
        if !died {
            break;
        }
        call += 1;
    }
    assert!(call >= 2, "{call}");
}

#[tokio::test]
async fn a_failing_store_gives_the_batch_back() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let batch = stand.news().await.unwrap();
    let failing = stand.actor().await;
    failing.tap.by_number(&[(0, Fault::Outage)]);
    let response = push::handle(&failing.functions.push, batch.event.clone()).await;
    let first = batch.event.records.iter().find(|record| {
        let row: Value = serde_json::to_value(&record.change.new_image).unwrap();
        row["row"]["S"] == "event"
    });
    assert_eq!(response.batch_item_failures[0].item_identifier, first.unwrap().change.sequence_number);
    stand.follow().await;
    assert_eq!(numbers(&stand.api).await.len(), 2);
}

#[tokio::test]
async fn an_expired_cursor_is_reported_as_such() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    stand.follow().await;
    for (cursor, status) in [("99", 410), ("x", 400), ("-1", 400)] {
        let answer = stand.api.get(&format!("/v1/events?cursor={cursor}")).await;
        assert_eq!(answer.status.as_u16(), status, "{cursor}");
    }
    stand.clock.advance(Duration::from_hours(7 * 24));
    let gone = stand.api.get("/v1/events?cursor=0").await;
    assert_eq!((gone.status.as_u16(), &gone.json()["code"]), (410, &json!("resync_required")));
    // The end of the log is a valid cursor, however old.
    let end = gone.json()["cursor"].as_str().unwrap().to_owned();
    assert_eq!(after(&stand.api, &end).await["data"], json!([]));
}

#[tokio::test]
async fn a_waiting_caller_is_answered_when_something_happens() {
    let stand = Stand::start().await;
    let (answer, ()) = tokio::join!(stand.api.get("/v1/events?cursor=0&wait=20"), async {
        stand.customer_writes(ANA, "hola").await;
        eventually("it is in the stream", async || {
            stand.follow().await;
            (numbers(&stand.api).await.len() == 2).then_some(())
        })
        .await;
    });
    assert_eq!(answer.json()["data"][0]["type"], "conversation.updated");
    let wrong = stand.api.get("/v1/events?cursor=0&wait=21").await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (400, &json!("wait")));
}

#[tokio::test]
async fn where_waiting_is_impossible_a_wait_is_rejected_and_the_rest_answered() {
    let settings = Settings { event_wait: Duration::ZERO, ..Settings::default() };
    let stand = Stand::start_with_settings(settings).await;
    let refused = stand.api.get("/v1/events?cursor=0&wait=1").await;
    assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (400, &json!("wait")));
    for allowed in ["/v1/events?cursor=0", "/v1/events?cursor=0&wait=0"] {
        assert_eq!(stand.api.get(allowed).await.status.as_u16(), 200, "{allowed}");
    }
}
