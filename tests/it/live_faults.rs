//! Faults on the way to a socket: repeated batches, a follower that dies at any of its calls to the store,
//! sockets that break during a push. Nothing is lost, and a repeated event has the same id.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use async_trait::async_trait;
use ventanilla::{
    domain::{frame::Frame, socket::SocketId, time::Timestamp},
    ports::{
        clock::{Clock, Deadline},
        store::{Record, Write},
    },
    usecases::{
        FrameOrder,
        live::{FrameHandler, FrameNotHandled},
    },
};
use ventanilla_local::gateway::Gateway;

use crate::harness::{DEMO_KEY, Fault, Socket, Stand, eventually};

const ANA: &str = "+50212345678";

/// The texts that a socket gets until the last one, each event once, in the order of their first delivery.
async fn heard(socket: &mut Socket, last: &str) -> Vec<String> {
    let (mut met, mut texts) = (BTreeSet::new(), Vec::new());
    loop {
        let frame = socket.next_of("whatsapp_message").await;
        let text = frame["data"]["text"].as_str().unwrap().to_owned();
        if met.insert(frame["eventId"].as_str().unwrap().to_owned()) {
            texts.push(text.clone());
        }
        if text == last {
            return texts;
        }
    }
}

/// Follows the table with a function that dies at one of its calls, and then with one that lives. Says whether
/// the first one died.
async fn follow_and_die(stand: &Stand, call: usize, fault: Fault) -> bool {
    let dying = stand.actor().await;
    dying.tap.by_number(&[(call, fault)]);
    while let Some(batch) = stand.news().await {
        let died = tokio::select! {
            response = push::handle(&dying.functions.push, batch.event.clone()) => !response.batch_item_failures.is_empty(),
            () = dying.tap.crash() => true,
        };
        if died {
            stand.follow().await;
            return true;
        }
        stand.heard(batch).await;
    }
    false
}

async fn dies_everywhere(query: &str, fault: Fault) -> usize {
    let mut call = 0;
    loop {
        let stand = Stand::start().await;
        stand.customer_writes(ANA, "one").await;
        stand.customer_writes(ANA, "two").await;
        if query.is_empty() {
            // Nobody is there: they wait.
            stand.follow().await;
        }
        let asked = format!("apiKey={DEMO_KEY}{query}");
        let mut socket = Socket::open(&stand.base(), &asked, &[]).await.unwrap();
        stand.customer_writes(ANA, "three").await;
        let died = follow_and_die(&stand, call, fault).await;
        stand.customer_writes(ANA, "four").await;
        stand.follow().await;
        let texts = heard(&mut socket, "four").await;
        assert_eq!(texts, ["one", "two", "three", "four"], "{query} {fault:?} at call {call}");
        if !died {
            return call;
        }
        call += 1;
    }
}

#[tokio::test]
async fn a_follower_that_dies_anywhere_loses_nothing_for_who_comes_with_a_cursor() {
    for fault in [Fault::CrashAfter, Fault::CrashBefore, Fault::Outage] {
        let calls = dies_everywhere("&resume_from=0", fault).await;
        assert!(calls > 8, "{fault:?} {calls}");
    }
}

#[tokio::test]
async fn a_follower_that_dies_anywhere_loses_nothing_that_waited() {
    for fault in [Fault::CrashAfter, Fault::CrashBefore, Fault::Outage] {
        let calls = dies_everywhere("", fault).await;
        assert!(calls > 12, "{fault:?} {calls}");
    }
}

/// The reads of the store, by operation, with which a follower pushes this many messages to a socket.
async fn reads_to_tell(messages: usize) -> [u32; 2] {
    let stand = Stand::start().await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    stand.follow().await;
    for number in 1..=messages {
        stand.customer_writes(ANA, &number.to_string()).await;
    }
    let follower = stand.actor().await;
    while let Some(batch) = stand.news().await {
        assert!(
            push::handle(&follower.functions.push, batch.event.clone()).await.batch_item_failures.is_empty()
        );
        stand.heard(batch).await;
    }
    assert_eq!(heard(&mut socket, &messages.to_string()).await.len(), messages);
    let costs = follower.tap.costs();
    ["GetItem", "BatchGetItem"].map(|operation| costs.get(operation).map_or(0, |cost| cost.calls))
}

#[tokio::test]
async fn a_follower_reads_no_more_often_for_many_messages_than_for_a_few() {
    assert_eq!(reads_to_tell(6).await, reads_to_tell(2).await);
}

fn the_only_one(gateway: &Gateway) -> String {
    let [only] = gateway.connections().try_into().unwrap();
    only
}

#[tokio::test]
async fn messages_that_a_broken_socket_missed_keep_waiting() {
    let stand = Stand::start_live().await;
    for number in 0..6 {
        stand.customer_writes(ANA, &number.to_string()).await;
    }
    eventually("all of it waits", async || {
        let rows = stand.rows().await;
        (rows.values().filter(|row| row["row"]["S"] == "waiting").count() == 6).then_some(())
    })
    .await;
    let query = format!("apiKey={DEMO_KEY}");
    let mut broken = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    let slowness = std::time::Duration::from_millis(40);
    stand.running.gateway.set_write_delay(&the_only_one(&stand.running.gateway), slowness);
    let mut texts = heard(&mut broken, "1").await;
    stand.running.gateway.drop_connection(&the_only_one(&stand.running.gateway));
    let mut next = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    texts.extend(heard(&mut next, "5").await);
    texts.dedup();
    // The one that was on its way when the socket broke may have been delivered or not.
    let all: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
    assert!(all.is_superset(&BTreeSet::from(["0", "1", "3", "4", "5"])), "{texts:?}");
}

#[tokio::test]
async fn the_row_of_a_vanished_socket_is_deleted_and_its_messages_wait() {
    let stand = Stand::start_live().await;
    let query = format!("apiKey={DEMO_KEY}");
    let mut first = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    stand.customer_writes(ANA, "heard").await;
    heard(&mut first, "heard").await;
    // The gateway never reports it.
    stand.running.gateway.drop_connection(&the_only_one(&stand.running.gateway));
    stand.customer_writes(ANA, "missed").await;
    eventually("it waits", async || {
        let rows = stand.rows().await;
        rows.values().any(|row| row["row"]["S"] == "waiting").then_some(())
    })
    .await;
    let mut next = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    assert_eq!(heard(&mut next, "missed").await, ["missed"]);
}

/// Deals with frames that take a while, and writes their names down.
struct Notes {
    takes: Duration,
    dealt: Mutex<Vec<String>>,
}

#[async_trait]
impl FrameHandler for Notes {
    fn time_needed(&self, _: &Frame) -> Duration {
        self.takes
    }

    async fn handle_frame(&self, frame: &Frame, _: Deadline) -> Result<(), FrameNotHandled> {
        self.dealt.lock().unwrap().push(frame.name.clone());
        Ok(())
    }
}

#[tokio::test]
async fn a_frame_that_there_is_no_time_for_is_left_to_a_call_that_has_it() {
    let stand = Stand::start_live().await;
    let functions = &stand.running.functions;
    let ports = &functions.app.core.ports;
    let ordering = FrameOrder::new(ports, &functions.ports.connections);
    let now = stand.clock.now();
    let frame = |name: &str, ago: i64| Frame {
        tenant: Stand::tenant(),
        socket: SocketId::try_from("a-socket=".to_owned()).unwrap(),
        came_at: Timestamp::from_millis(now.millis() - ago),
        name: name.to_owned(),
        body: "{}".to_owned(),
        grant: None,
    };
    let notes = Notes { takes: Duration::from_mins(2), dealt: Mutex::default() };
    // Its own call died.
    ports.ctx.store.commit(vec![Write::Put(Record::Frame(frame("first", 3000)))]).await.unwrap();
    let late =
        ordering.in_turn(frame("second", 2000), Deadline(now.plus(Duration::from_mins(1))), &notes).await;
    assert!(late.is_err() && notes.dealt.lock().unwrap().is_empty());
    let ended =
        ordering.in_turn(frame("third", 1000), Deadline(now.plus(Duration::from_mins(5))), &notes).await;
    assert!(ended.is_ok());
    assert_eq!(*notes.dealt.lock().unwrap(), ["first", "second", "third"]);
    // An invocation's own frame is processed, however little time there is: its client gets a response at
    // once.
    let own =
        ordering.in_turn(frame("fourth", 900), Deadline(now.plus(Duration::from_mins(1))), &notes).await;
    assert!(own.is_ok());
    assert_eq!(notes.dealt.lock().unwrap().last().unwrap(), "fourth");
}
