//! The end of sockets, and unprocessed frames: merges, revoked keys, an unreachable gateway, frames whose
//! function died, the gateway's longest time.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::{
    domain::{
        caller::{ApiKey, KeyHash, KeyKind, Scope},
        content::{Content, MessageText},
        frame::{Frame, OPERATION},
        socket::SocketId,
    },
    ports::{
        clock::{Clock, Deadline},
        store::{Record, Write},
    },
    usecases::{
        Disconnect,
        sending::{Recipient, SendCommand},
    },
};
use ventanilla_local::gateway::Availability;

use crate::harness::{DEMO_KEY, IdNumber as _, Socket, Stand, eventually};

const ANA: &str = "+50212345678";

fn disconnect(stand: &Stand) -> Disconnect {
    let functions = &stand.running.functions;
    Disconnect::new(&functions.app.core.ports, &functions.ports.connections)
}

async fn open(stand: &Stand, query: &str) -> Socket {
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}{query}"), &[]).await.unwrap();
    assert_eq!(socket.next().await["type"], "connected");
    socket
}

/// The rows of this kind.
async fn rows(stand: &Stand, kind: &str) -> Vec<Value> {
    stand.rows().await.into_values().filter(|row| row["row"]["S"] == kind).collect()
}

async fn revoke(stand: &Stand) {
    let key = ApiKey {
        name: "demo".to_owned(),
        tenant: Stand::tenant(),
        scopes: vec![Scope::Read],
        kind: KeyKind::default(),
        created_at: None,
        revoked_at: Some(stand.clock.now()),
    };
    stand.running.table.put_api_key(&KeyHash::of(DEMO_KEY).unwrap(), &key).await.unwrap();
}

/// A customer who first hid their number and then showed it, so that their two conversations are merged.
/// Returns the merged one and the remaining one.
pub(crate) async fn merge(stand: &Stand, meanwhile: impl AsyncFnOnce()) -> (u64, u64) {
    let number = "+14155550123";
    let quiet = json!({ "reach": "none" }).to_string();
    let phone = format!("/sandbox/phones/{number}");
    stand.api.call(http::Method::PUT, &phone, &[], quiet.into()).await;
    let path = format!("{phone}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hidden", "hide_phone": true })).await.status, 200);
    let hidden = stand.conversations().await[0]["id"].id_number();
    let body = json!({ "phoneNumber": number, "content": "by number" });
    assert_eq!(stand.api.post("/api/whatsapp/send", &body).await.status, 200);
    let shown = stand.conversation_with(number).await["id"].id_number();
    meanwhile().await;
    assert_eq!(stand.api.post(&path, &json!({ "text": "both" })).await.status, 200);
    let listed = stand.conversations().await;
    let standing = |id: u64| listed.iter().any(|it| it["id"].id_number() == id);
    if standing(hidden) { (shown, hidden) } else { (hidden, shown) }
}

#[tokio::test]
async fn a_subscription_to_a_conversation_continues_in_the_one_it_was_merged_into() {
    for of_first in [true, false] {
        let stand = Stand::start_live().await;
        let mut narrow = None;
        merge(&stand, async || {
            let listed = stand.conversations().await;
            let first = listed.iter().find(|it| it["contact"]["phone_number"].is_null()).unwrap();
            let second = listed.iter().find(|it| !it["contact"]["phone_number"].is_null()).unwrap();
            let id = if of_first { &first["id"] } else { &second["id"] }.id_number();
            narrow = Some((open(&stand, &format!("&conversationId=conv_{id}")).await, id));
        })
        .await;
        let (mut socket, id) = narrow.unwrap();
        assert_eq!(socket.next_of("whatsapp_message").await["data"]["text"], "both", "{of_first}");
        // And may still send there under the id that it knows.
        let data = json!({ "conversationId": format!("conv_{id}"), "text": "still here" });
        socket.send(&json!({ "type": "whatsapp_reply", "data": data })).await;
        assert_eq!(socket.next_of("reply_status").await["data"]["success"], true, "{of_first}");
    }
}

#[tokio::test]
async fn a_merge_moves_the_watch_of_the_window() {
    let stand = Stand::start().await;
    let (ended, goes_on) = merge(&stand, async || {}).await;
    let watched: Vec<Value> = rows(&stand, "window_watch").await;
    let of = |id: String| watched.iter().filter(|row| row["conversation"]["N"] == id).count();
    assert_eq!(of(goes_on.to_string()), 1, "{ended} {goes_on} {watched:?}");
    stand.clock.advance(Duration::from_hours(23));
    assert_eq!(stand.sweep().await.expiring, 1);
}

#[tokio::test]
async fn a_key_that_was_just_revoked_opens_no_socket_though_it_is_remembered() {
    let stand = Stand::start_live().await;
    let _remembered = open(&stand, "").await;
    revoke(&stand).await;
    let again = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await;
    assert_eq!(again.err(), Some(401));
    // Of the one that was open stays what the gateway may still have of it; of the other one nothing.
    eventually("nothing of it is left", async || {
        let left = (rows(&stand, "connection").await.len(), rows(&stand, "connection_route").await.len());
        (left == (0, 1)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_frame_that_the_gateway_throttles_is_delivered_later() {
    let stand = Stand::start_live().await;
    let mut socket = open(&stand, "").await;
    eventually("it is live", async || {
        rows(&stand, "connection").await.iter().any(|row| row["phase"]["S"] == "live").then_some(())
    })
    .await;
    stand.running.gateway.set_availability(Availability::Down);
    stand.customer_writes(ANA, "hola").await;
    // The follower is at work at it by now.
    eventually("it has its number", async || (!rows(&stand, "log").await.is_empty()).then_some(())).await;
    stand.running.gateway.set_availability(Availability::Up);
    assert_eq!(socket.next_of("whatsapp_message").await["data"]["text"], "hola");
}

#[tokio::test]
async fn a_socket_that_cannot_be_closed_gets_nothing_more_and_is_closed_as_soon_as_possible() {
    let stand = Stand::start_live().await;
    let mut socket = open(&stand, "").await;
    stand.running.gateway.set_availability(Availability::Down);
    revoke(&stand).await;
    eventually("it is given up", async || {
        rows(&stand, "connection").await.iter().any(|row| row["phase"]["S"] == "lost").then_some(())
    })
    .await;
    stand.running.gateway.set_availability(Availability::Up);
    assert_eq!(stand.sweep().await.closed, 0, "not yet");
    stand.clock.advance(Duration::from_secs(31));
    assert_eq!(stand.sweep().await.closed, 1);
    assert!(socket.closed().await.is_some());
    assert!(rows(&stand, "connection").await.is_empty());
}

#[tokio::test]
async fn a_frame_of_a_socket_that_is_given_up_is_carried_out_and_closes_it() {
    let stand = Stand::start_live().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let mut socket = open(&stand, "").await;
    let [id] = stand.running.gateway.connections().try_into().unwrap();
    disconnect(&stand).forget_socket(&SocketId::try_from(id).unwrap()).await.unwrap();
    let data = json!({ "conversationId": format!("conv_{ana}"), "text": "anybody there?" });
    socket.send(&json!({ "type": "whatsapp_reply", "data": data })).await;
    assert_eq!(socket.next_of("reply_status").await["data"]["success"], true);
    assert!(socket.closed().await.is_some());
    assert_eq!(stand.phone_got(ANA).await, ["anybody there?"]);
    // So is one that missed something, and could not be closed.
    let mut lost = open(&stand, "").await;
    let [id] = stand.running.gateway.connections().try_into().unwrap();
    stand.running.gateway.set_availability(Availability::Down);
    disconnect(&stand).drop_socket(&SocketId::try_from(id).unwrap()).await.unwrap();
    stand.running.gateway.set_availability(Availability::Up);
    assert_eq!(rows(&stand, "connection").await[0]["phase"]["S"], "lost");
    let data = json!({ "conversationId": format!("conv_{ana}"), "text": "and now?" });
    lost.send(&json!({ "type": "whatsapp_reply", "data": data })).await;
    assert_eq!(lost.next_of("reply_status").await["data"]["success"], true);
    assert!(lost.closed().await.is_some());
    assert_eq!(stand.phone_got(ANA).await, ["anybody there?", "and now?"]);
}

#[tokio::test]
async fn a_client_is_asked_to_reconnect_before_the_gateway_s_limit() {
    let stand = Stand::start_live().await;
    let mut socket = open(&stand, "").await;
    // A sweep that meets another write of its row leaves it to the next one.
    eventually("it is live", async || {
        rows(&stand, "connection").await.iter().any(|row| row["phase"]["S"] == "live").then_some(())
    })
    .await;
    stand.clock.advance(Duration::from_mins(114));
    assert_eq!(stand.sweep().await.sent_away, 0);
    stand.clock.advance(Duration::from_mins(2));
    assert_eq!((stand.sweep().await.sent_away, stand.sweep().await.sent_away), (1, 0));
    let told = socket.next_of("reconnect").await;
    let cursor = told["cursor"].as_str().unwrap();
    assert!(told["reconnectAt"].is_string());
    // With that cursor nothing is missed of what happens from now on.
    stand.customer_writes(ANA, "hola").await;
    let mut next = open(&stand, &format!("&resume_from={cursor}")).await;
    assert_eq!(next.next_of("whatsapp_message").await["data"]["text"], "hola");
}

#[tokio::test]
async fn a_browser_that_cannot_ping_asks_in_words() {
    let stand = Stand::start_live().await;
    let mut socket = open(&stand, "").await;
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await, json!({ "type": "pong" }));
    assert!(rows(&stand, "frame").await.is_empty(), "it waits for nobody");
}

#[tokio::test]
async fn an_unfinished_frame_is_answered_by_the_sweep() {
    let stand = Stand::start_live().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let mut socket = open(&stand, "").await;
    let [id] = stand.running.gateway.connections().try_into().unwrap();
    let functions = &stand.running.functions;
    let frame = |name: &str| Frame {
        tenant: Stand::tenant(),
        socket: SocketId::try_from(id.clone()).unwrap(),
        came_at: stand.clock.now(),
        name: name.to_owned(),
        body: json!({ "type": "whatsapp_reply", "data": {
            "conversationId": format!("conv_{ana}"), "text": "hello", "clientId": name,
        } })
        .to_string(),
        grant: None,
    };
    // One whose function died at once, and one whose function died after it had sent.
    let (never, begun) = (frame("never"), frame("begun"));
    let text = Content::plain(MessageText::try_from("hello".to_owned()).unwrap());
    let (recipient, deadline) = (
        Recipient::Conversation(ana.to_string().parse().unwrap()),
        Deadline(stand.clock.now().plus(Duration::from_secs(20))),
    );
    let command = SendCommand {
        key: Some(begun.key()),
        ..SendCommand::new(Stand::tenant(), OPERATION, recipient, text, deadline)
    };
    assert!(functions.send.sending.send(&command).await.outcome.is_ok());
    for frame in [never, begun] {
        functions.app.core.ports.ctx.store.commit(vec![Write::Put(Record::Frame(frame))]).await.unwrap();
    }
    assert_eq!(stand.sweep().await.unanswered, 0, "they may still be at it");
    stand.clock.advance(Duration::from_secs(61));
    assert_eq!(stand.sweep().await.unanswered, 2);
    let mut ends: Vec<(Value, Value)> = Vec::new();
    for _ in 0..2 {
        let told = socket.next_of("reply_status").await["data"].clone();
        assert_eq!(told["success"], false);
        assert_eq!(told["message_id"].is_u64(), told["clientId"] == "begun");
        ends.push((told["clientId"].clone(), told["code"].clone()));
    }
    ends.sort_by_key(|end| end.0.to_string());
    assert_eq!(ends, [(json!("begun"), json!("OUTCOME_UNKNOWN")), (json!("never"), json!("NOT_SENT"))]);
    assert!(rows(&stand, "frame").await.is_empty());
    assert_eq!(stand.phone_got(ANA).await, ["hello"], "once");
}

#[tokio::test]
async fn who_listens_to_one_conversation_gets_nothing_that_waits() {
    let stand = Stand::start_live().await;
    let ana = stand.customer_writes(ANA, "waits").await;
    eventually("it waits", async || (rows(&stand, "waiting").await.len() == 1).then_some(())).await;
    let mut narrow = open(&stand, &format!("&conversationId=conv_{ana}")).await;
    eventually("it is live", async || {
        rows(&stand, "connection").await.iter().any(|row| row["phase"]["S"] == "live").then_some(())
    })
    .await;
    assert_eq!(rows(&stand, "waiting").await.len(), 1);
    stand.customer_writes(ANA, "now").await;
    assert_eq!(narrow.next_of("whatsapp_message").await["data"]["text"], "now");
    let mut all = open(&stand, "").await;
    assert_eq!(all.next_of("whatsapp_message").await["data"]["text"], "waits");
}
