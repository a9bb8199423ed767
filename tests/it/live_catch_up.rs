//! Catch-up beside the events: its cost, its slices, its end, and that a message is not delivered again.

use std::time::Duration;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use serde_json::{Value, json};
use ventanilla_local::gateway::Availability;

use crate::harness::{Actor, DEMO_KEY, Fault, OTHER_KEY, Socket, Stand, eventually};

const ANA: &str = "+50212345678";
const BOB: &str = "+50298765432";

async fn open(stand: &Stand, key: &str, query: &str) -> Socket {
    Socket::open(&stand.base(), &format!("apiKey={key}{query}"), &[]).await.unwrap()
}

/// Opens a socket and closes it again, before the stream was followed.
async fn open_and_close(stand: &Stand, query: &str) {
    close(stand, open(stand, DEMO_KEY, query).await).await;
}

/// Closes the one socket that there is.
async fn close(stand: &Stand, socket: Socket) {
    assert_eq!(rows(stand, "connection").await.len(), 1);
    socket.close().await;
    eventually("its row is gone", async || rows(stand, "connection").await.is_empty().then_some(())).await;
}

/// The rows of this kind.
async fn rows(stand: &Stand, kind: &str) -> Vec<Value> {
    stand.rows().await.into_values().filter(|row| row["row"]["S"] == kind).collect()
}

/// A customer writes to the other tenant.
async fn other_hears(stand: &Stand, text: &str) {
    let body = json!({ "text": text, "to": "1002" });
    assert_eq!(stand.api.post(&format!("/sandbox/phones/{BOB}/messages"), &body).await.status, 200);
}

/// What one of the two mappings of the stream lets through.
fn part(event: &Event, of_sockets: bool) -> Event {
    let is_of_a_socket = |record: &&EventRecord| {
        let row: Value = serde_json::to_value(&record.change.new_image).unwrap();
        row["row"]["S"] == "connection"
    };
    let mut part = Event::default();
    part.records =
        event.records.iter().filter(|record| is_of_a_socket(record) == of_sockets).cloned().collect();
    part
}

/// Follows the stream to its end with one function for the events and one for the sockets. Gives the calls to the store
/// of each.
async fn follow(stand: &Stand, events: &Actor, sockets: &Actor) -> (u32, u32) {
    calls(events);
    calls(sockets);
    while let Some(batch) = stand.news().await {
        for (actor, of_sockets) in [(events, false), (sockets, true)] {
            let response = push::handle(&actor.functions.push, part(&batch.event, of_sockets)).await;
            assert!(response.batch_item_failures.is_empty());
        }
        stand.heard(batch).await;
    }
    (calls(events), calls(sockets))
}

/// The calls to the store since this was last asked.
fn calls(actor: &Actor) -> u32 {
    actor.tap.costs().values().map(|cost| cost.calls).sum()
}

#[tokio::test]
async fn sockets_that_come_and_go_cost_another_tenant_nothing_and_themselves_a_call_each() {
    let stand = Stand::start().await;
    let (events, sockets) = (stand.actor().await, stand.actor().await);
    for number in 0..60 {
        stand.customer_writes(ANA, &number.to_string()).await;
    }
    follow(&stand, &events, &sockets).await;
    for _ in 0..10 {
        open_and_close(&stand, "&resume_from=0").await;
    }
    other_hears(&stand, "hola").await;
    let (of_events, of_sockets) = follow(&stand, &events, &sockets).await;
    assert_eq!(of_events, 2, "to read what is known and to number it");
    assert_eq!(of_sockets, 10, "each is looked at once, and is gone");
}

#[tokio::test]
async fn with_no_socket_a_message_costs_two_calls_also_after_the_last_one_closed() {
    let stand = Stand::start().await;
    let (events, sockets) = (stand.actor().await, stand.actor().await);
    stand.customer_writes(ANA, "first").await;
    assert_eq!(follow(&stand, &events, &sockets).await, (2, 0));
    open_and_close(&stand, "").await;
    stand.customer_writes(ANA, "second").await;
    follow(&stand, &events, &sockets).await;
    stand.customer_writes(ANA, "third").await;
    assert_eq!(follow(&stand, &events, &sockets).await, (2, 0));
    assert_eq!(rows(&stand, "waiting").await.len(), 3);
    let mut socket = open(&stand, DEMO_KEY, "").await;
    stand.follow().await;
    stand.customer_writes(ANA, "now").await;
    stand.follow().await;
    assert_eq!(socket.texts_until("now").await, ["first", "second", "third"]);
}

#[tokio::test]
async fn a_long_catch_up_continues_in_slices_each_of_which_saves_its_progress() {
    let stand = Stand::start().await;
    let (events, sockets) = (stand.actor().await, stand.actor().await);
    for number in 0..100 {
        stand.customer_writes(ANA, &number.to_string()).await;
    }
    follow(&stand, &events, &sockets).await;
    let end = stand.api.get("/v1/events").await.json()["log_end"].as_str().unwrap().parse::<u64>().unwrap();
    let mut socket = open(&stand, DEMO_KEY, "&resume_from=0").await;
    let mut places = Vec::new();
    while let Some(batch) = stand.news().await {
        let slice = part(&batch.event, true);
        if slice.records.is_empty() {
            stand.heard(batch).await;
            continue;
        }
        calls(&sockets);
        assert!(push::handle(&sockets.functions.push, slice.clone()).await.batch_item_failures.is_empty());
        let cost = calls(&sockets);
        assert!(cost <= 12, "a slice took {cost} calls");
        let row = &rows(&stand, "connection").await[0];
        let place = row["from"]["N"].as_str().or_else(|| row["since"]["N"].as_str()).unwrap();
        places.push(place.parse::<u64>().unwrap());
        // The same record once more changes nothing.
        assert!(push::handle(&sockets.functions.push, slice).await.batch_item_failures.is_empty());
        assert!(calls(&sockets) <= 1);
        stand.heard(batch).await;
    }
    // The last record is that of going live.
    places.dedup();
    assert_eq!(places.last(), Some(&end));
    assert!(places.len() > 1);
    assert!(places.iter().fold((0, true), |(from, well), to| (*to, well && to - from <= 90)).1, "{places:?}");
    stand.customer_writes(ANA, "now").await;
    follow(&stand, &events, &sockets).await;
    let expected: Vec<String> = (0..100).map(|number: u32| number.to_string()).collect();
    assert_eq!(socket.texts_until("now").await, expected, "each once");
}

#[tokio::test]
async fn a_socket_that_is_closed_while_it_catches_up_is_done() {
    let stand = Stand::start().await;
    let (events, sockets) = (stand.actor().await, stand.actor().await);
    for number in 0..100 {
        stand.customer_writes(ANA, &number.to_string()).await;
    }
    follow(&stand, &events, &sockets).await;
    let waiting = rows(&stand, "waiting").await.len();
    let socket = open(&stand, DEMO_KEY, "&resume_from=0").await;
    let batch = stand.news().await.unwrap();
    push::handle(&sockets.functions.push, part(&batch.event, true)).await;
    stand.heard(batch).await;
    close(&stand, socket).await;
    calls(&sockets);
    assert_eq!(follow(&stand, &events, &sockets).await.1, 1);
    assert_eq!(rows(&stand, "waiting").await.len(), waiting, "the offline queue is what it was");
}

#[tokio::test]
async fn messages_removed_from_the_offline_queue_are_not_queued_again() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "taken").await;
    stand.follow().await;
    let mut first = open(&stand, DEMO_KEY, "").await;
    stand.follow().await;
    assert_eq!(first.next_of("whatsapp_message").await["data"]["text"], "taken");
    close(&stand, first).await;
    // One that would read everything again, and is gone before it could.
    open_and_close(&stand, "&resume_from=0").await;
    stand.follow().await;
    assert_eq!(rows(&stand, "waiting").await, Vec::<Value>::new());
    let mut next = open(&stand, DEMO_KEY, "").await;
    stand.customer_writes(ANA, "new").await;
    stand.follow().await;
    assert!(next.texts_until("new").await.is_empty());
}

#[tokio::test]
async fn messages_during_a_catch_up_are_delivered_to_that_socket_only() {
    for query in ["", "&resume_from=0"] {
        let stand = Stand::start().await;
        stand.customer_writes(ANA, "before").await;
        stand.follow().await;
        let mut socket = open(&stand, DEMO_KEY, query).await;
        stand.customer_writes(ANA, "meanwhile").await;
        let batch = stand.news().await.unwrap();
        let actor = stand.actor().await;
        push::handle(&actor.functions.push, part(&batch.event, false)).await;
        assert_eq!(rows(&stand, "waiting").await.len(), 2, "should it be lost");
        push::handle(&actor.functions.push, part(&batch.event, true)).await;
        // In whatever order the two are done, and done again.
        push::handle(&actor.functions.push, part(&batch.event, false)).await;
        stand.heard(batch).await;
        stand.follow().await;
        let left = usize::from(!query.is_empty());
        assert_eq!(rows(&stand, "waiting").await.len(), left, "{query}");
        stand.customer_writes(ANA, "last").await;
        stand.follow().await;
        assert_eq!(socket.texts_until("last").await, ["before", "meanwhile"], "{query}");
    }
}

#[tokio::test]
async fn the_undelivered_part_waits_for_the_next_socket_and_the_rest_does_not() {
    let stand = Stand::start().await;
    let lost = open(&stand, DEMO_KEY, "&resume_from=0").await;
    // It catches up with the first, and closes before it gets the second.
    stand.customer_writes(ANA, "first").await;
    stand.follow().await;
    let [id] = stand.running.gateway.connections().try_into().unwrap();
    stand.running.gateway.drop_connection(&id);
    drop(lost);
    stand.customer_writes(ANA, "second").await;
    stand.follow().await;
    let mut next = open(&stand, DEMO_KEY, "").await;
    stand.follow().await;
    stand.customer_writes(ANA, "last").await;
    stand.follow().await;
    assert_eq!(next.texts_until("last").await, ["second"]);
}

#[tokio::test]
async fn a_batch_that_comes_again_delivers_nothing_twice() {
    let stand = Stand::start().await;
    let mut socket = open(&stand, DEMO_KEY, "").await;
    stand.follow().await;
    stand.customer_writes(ANA, "once").await;
    let batch = stand.news().await.unwrap();
    let actor = stand.actor().await;
    for _ in 0..3 {
        assert!(
            push::handle(&actor.functions.push, batch.event.clone()).await.batch_item_failures.is_empty()
        );
    }
    stand.follow().await;
    stand.customer_writes(ANA, "last").await;
    stand.follow().await;
    assert_eq!(socket.texts_until("last").await, ["once"]);
    // Nor what waited and was taken.
    close(&stand, socket).await;
    stand.customer_writes(ANA, "waits").await;
    let batch = stand.news().await.unwrap();
    stand.follow().await;
    let mut socket = open(&stand, DEMO_KEY, "").await;
    stand.follow().await;
    push::handle(&actor.functions.push, batch.event).await;
    stand.customer_writes(ANA, "last").await;
    stand.follow().await;
    assert_eq!(socket.texts_until("last").await, ["waits"]);
}

#[tokio::test]
async fn a_slow_socket_falls_behind_and_holds_up_neither_its_batch_nor_the_next() {
    let stand = Stand::start().await;
    let _slow = open(&stand, DEMO_KEY, "").await;
    let mut good = open(&stand, DEMO_KEY, "").await;
    stand.follow().await;
    let [slow, _] = stand.running.gateway.connections().try_into().unwrap();
    stand.running.gateway.set_write_delay(&slow, Duration::from_hours(1));
    stand.customer_writes(ANA, "hola").await;
    let (events, sockets) = (stand.actor().await, stand.actor().await);
    let batch = stand.news().await.unwrap();
    let response = push::handle(&events.functions.push, part(&batch.event, false)).await;
    assert!(response.batch_item_failures.is_empty());
    assert_eq!(good.texts_until("hola").await, [""; 0]);
    let phases = async |phase: &str| {
        rows(&stand, "connection").await.iter().filter(|row| row["phase"]["S"] == phase).count()
    };
    // It is not waited for until it is closed: that is seen to beside the events.
    assert_eq!((phases("opening").await, phases("live").await), (1, 1));
    stand.heard(batch).await;
    follow(&stand, &events, &sockets).await;
    assert_eq!((phases("opening").await, phases("live").await), (0, 1), "it took nothing, and is closed");
}

#[tokio::test]
async fn a_socket_that_fell_behind_gets_each_message_once_it_reads_again() {
    let stand = Stand::start().await;
    let mut socket = open(&stand, DEMO_KEY, "").await;
    stand.follow().await;
    let [id] = stand.running.gateway.connections().try_into().unwrap();
    stand.running.gateway.set_availability(Availability::Down);
    stand.customer_writes(ANA, "one").await;
    let actor = stand.actor().await;
    let batch = stand.news().await.unwrap();
    push::handle(&actor.functions.push, part(&batch.event, false)).await;
    stand.heard(batch).await;
    assert_eq!(rows(&stand, "connection").await[0]["phase"]["S"], "opening", "{id}");
    assert_eq!(rows(&stand, "waiting").await.len(), 1);
    stand.running.gateway.set_availability(Availability::Up);
    stand.customer_writes(ANA, "two").await;
    stand.follow().await;
    assert!(rows(&stand, "waiting").await.is_empty());
    assert_eq!(socket.texts_until("two").await, ["one"]);
}

#[tokio::test]
async fn a_tenant_that_fails_holds_up_no_other_of_its_batch() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    other_hears(&stand, "hola").await;
    let batch = stand.news().await.unwrap();
    let failing = stand.actor().await;
    failing.tap.by_number(&[(0, Fault::Outage)]);
    let response = push::handle(&failing.functions.push, batch.event.clone()).await;
    let mut ends = Vec::new();
    for key in [DEMO_KEY, OTHER_KEY] {
        let log = stand.api.with_key(Some(key)).get("/v1/events?after=0").await.json();
        ends.push(log["log_end"].as_str().unwrap().to_owned());
    }
    // Whichever of the two met the outage.
    ends.sort_unstable();
    assert_eq!(ends, ["0", "2"]);
    assert_eq!(response.batch_item_failures.len(), 1);
    stand.follow().await;
    for key in [DEMO_KEY, OTHER_KEY] {
        let log = stand.api.with_key(Some(key)).get("/v1/events?after=0").await.json();
        assert_eq!(log["log_end"], "2");
    }
}
