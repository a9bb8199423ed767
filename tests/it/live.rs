//! Sockets: events are pushed in order, without a gap; and frames are processed in order.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::{
    domain::caller::{ApiKey, KeyHash, KeyKind, Scope},
    ports::clock::Clock,
};
use ventanilla_local::gateway::ArrivalOrder;
use ventanilla_sandbox::LogEntry;

use crate::harness::{DEMO_KEY, IdNumber as _, OTHER_KEY, Socket, Stand, eventually};

const ANA: &str = "+50212345678";

async fn open(stand: &Stand, query: &str) -> Socket {
    let query = format!("apiKey={DEMO_KEY}{query}");
    let mut socket = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    assert_eq!(socket.next().await["type"], "connected");
    socket
}

/// Opens a socket and waits until it is live.
async fn live(stand: &Stand, query: &str) -> Socket {
    let before = stand.running.gateway.connections().len();
    let socket = open(stand, query).await;
    eventually("all are live", async || {
        let rows = stand.rows().await;
        let live = rows.values().filter(|row| row["phase"]["S"] == "live").count();
        (live > before).then_some(())
    })
    .await;
    socket
}

fn reply(conversation: u64, text: &str) -> Value {
    let data = json!({ "conversationId": format!("conv_{conversation}"), "poolNumberId": "pn_1", "toNumber": ANA, "text": text });
    json!({ "type": "whatsapp_reply", "data": data })
}

fn sent(stand: &Stand) -> Vec<String> {
    let log = stand.running.sandbox.log().into_iter();
    log.filter_map(|entry| match entry {
        LogEntry::Call(call) => call.text,
        _ => None,
    })
    .collect()
}

#[tokio::test]
async fn only_a_good_key_opens_a_socket_and_only_to_what_is_its_own() {
    let stand = Stand::start_live().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let refused = async |query: String| Socket::open(&stand.base(), &query, &[]).await.err();
    assert_eq!(refused(String::new()).await, Some(401));
    assert_eq!(refused("apiKey=vk_wrong".to_owned()).await, Some(401));
    for other in [format!("conversationId=conv_{conversation}"), "poolNumberId=pn_1".to_owned()] {
        assert_eq!(refused(format!("apiKey={OTHER_KEY}&{other}")).await, Some(403));
    }
    assert_eq!(refused(format!("apiKey={DEMO_KEY}&conversationId=conv_999")).await, Some(403));
    assert_eq!(refused(format!("apiKey={DEMO_KEY}&resume_from=x")).await, Some(400));
    let bearer = format!("Bearer {DEMO_KEY}");
    let mut socket = Socket::open(&stand.base(), "", &[("authorization", &bearer)]).await.unwrap();
    let hello = socket.next().await;
    assert_eq!((&hello["type"], &hello["scope"]), (&json!("connected"), &json!("user")));
    let query = format!("apiKey={DEMO_KEY}&conversationId=conv_{conversation}");
    let mut narrow = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    let hello = narrow.next().await;
    assert_eq!(
        (&hello["scope"], &hello["conversationId"]),
        (&json!("conversation"), &json!(format!("conv_{conversation}")))
    );
}

#[tokio::test]
async fn a_ticket_opens_one_socket_once() {
    let stand = Stand::start_live().await;
    let made = stand.api.post("/v1/socket/tickets", &json!({})).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let query = format!("ticket={}", made.json()["ticket"].as_str().unwrap());
    let mut socket = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    assert_eq!(socket.next().await["type"], "connected");
    assert_eq!(Socket::open(&stand.base(), &query, &[]).await.err(), Some(401));
    let late = stand.api.post("/v1/socket/tickets", &json!({})).await.json();
    stand.clock.advance(Duration::from_mins(1));
    let query = format!("ticket={}", late["ticket"].as_str().unwrap());
    assert_eq!(Socket::open(&stand.base(), &query, &[]).await.err(), Some(401));
}

#[tokio::test]
async fn events_are_pushed_to_their_subscribers_only() {
    let stand = Stand::start_live().await;
    let first = stand.customer_writes(ANA, "hola").await;
    let mut all = live(&stand, "").await;
    assert_eq!(all.next_of("whatsapp_message").await["data"]["text"], "hola");
    let mut narrow = live(&stand, &format!("&conversationId=conv_{first}")).await;
    let second = stand.customer_writes("+50298765432", "buenas").await;
    let heard = all.next_of("whatsapp_message").await;
    let data = &heard["data"];
    assert_eq!(
        (&data["fromNumber"], &data["body"], &data["type"], &data["poolNumberPhoneNumber"]),
        (&json!("+50298765432"), &json!("buenas"), &json!("text"), &json!("+15550100001"))
    );
    assert_eq!(data["conversationId"], format!("conv_{second}"));
    assert!(data["messageId"].as_str().unwrap().starts_with("msg_") && heard["eventId"].is_string());
    stand.reply(first, "claro").await;
    for socket in [&mut all, &mut narrow] {
        let status = socket.next_of("message_status").await;
        assert_eq!(status["data"]["conversationId"], format!("conv_{first}"));
        assert!(status["data"]["messageId"].as_str().unwrap().starts_with("wamid."));
    }
}

#[tokio::test]
async fn a_reply_is_sent_and_its_outcome_is_pushed() {
    let stand = Stand::start_live().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let bob = stand.customer_writes("+50298765432", "hola").await;
    let mut socket = live(&stand, &format!("&conversationId=conv_{ana}")).await;
    let mut asked = reply(ana, "Thanks for reaching out!");
    asked["data"]["clientId"] = json!("c1");
    socket.send(&asked).await;
    let status = socket.next_of("reply_status").await;
    assert_eq!(
        (&status["data"]["success"], &status["data"]["conversationId"], &status["data"]["clientId"]),
        (&json!(true), &json!(format!("conv_{ana}")), &json!("c1"))
    );
    assert!(status["data"]["messageId"].as_str().unwrap().starts_with("wamid."));
    // Another conversation than its own; a tenant that is another's; what cannot be read; then again a good one.
    socket.send(&reply(bob, "no")).await;
    let wrong = socket.next_of("reply_status").await;
    assert_eq!(
        (&wrong["data"]["success"], &wrong["data"]["code"]),
        (&json!(false), &json!("CONVERSATION_SCOPE_MISMATCH"))
    );
    socket.send(&reply(999, "no")).await;
    for bad in ["no json", "[]", r#"{"type":"unheard_of","data":{}}"#] {
        socket.send_text(bad).await;
        assert_eq!(socket.next_of("error").await["data"]["code"], "INVALID_REQUEST", "{bad}");
    }
    socket.send(&reply(ana, &"x".repeat(4097))).await;
    let too_long = socket.next_of("reply_status").await;
    let conversation = format!("conv_{ana}");
    assert_eq!(
        (&too_long["data"]["conversationId"], &too_long["data"]["code"], &too_long["data"]["field"]),
        (&json!(conversation), &json!("INVALID_REQUEST"), &json!("text"))
    );
    stand.clock.advance(Duration::from_hours(25));
    socket.send(&reply(ana, "late")).await;
    let closed = socket.next_of("reply_status").await;
    let text = "Service window expired — last inbound message is older than 24 hours.";
    assert_eq!(
        (&closed["data"]["code"], &closed["data"]["error"]),
        (&json!("SERVICE_WINDOW_EXPIRED"), &json!(text))
    );
    assert_eq!(sent(&stand), ["Thanks for reaching out!"]);
}

#[tokio::test]
async fn a_customer_s_message_can_be_reacted_to_by_our_id() {
    let stand = Stand::start_live().await;
    let mut socket = live(&stand, "").await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let heard = socket.next_of("whatsapp_message").await;
    let data = json!({ "conversationId": format!("conv_{ana}"), "messageId": heard["data"]["messageId"], "emoji": "👍" });
    socket.send(&json!({ "type": "whatsapp_reaction", "data": data })).await;
    assert_eq!(socket.next_of("reply_status").await["data"]["success"], true);
    let kinds: Vec<_> = stand
        .running
        .sandbox
        .log()
        .into_iter()
        .filter_map(|entry| match entry {
            LogEntry::Call(call) => call.kind,
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["reaction"]);
}

#[tokio::test]
async fn a_reaction_names_its_message_by_our_id_both_ways() {
    let stand = Stand::start_live().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let mut socket = live(&stand, "").await;
    socket.send(&reply(ana, "claro")).await;
    let wamid = socket.next_of("reply_status").await["data"]["messageId"].clone();
    let ours = socket.next_of("message_status").await["data"]["id"].clone();
    assert!(ours.as_str().unwrap().starts_with("msg_"));
    let path = format!("/sandbox/phones/{ANA}/messages");
    for (named, told) in [(&wamid, &ours), (&json!("wamid.unknown"), &json!("wamid.unknown"))] {
        let body = json!({ "type": "reaction", "reaction": { "message_id": named, "emoji": "👍" } });
        assert_eq!(stand.api.post(&path, &body).await.status, 200);
        let heard = loop {
            let frame = socket.next_of("whatsapp_message").await;
            if frame["data"]["type"] == "reaction" {
                break frame;
            }
        };
        assert_eq!(heard["data"]["reaction"], json!({ "messageId": told, "emoji": "👍" }));
    }
    // A client may name one of ours by either id.
    for named in [&wamid, &ours] {
        let data = json!({ "conversationId": format!("conv_{ana}"), "messageId": named, "emoji": "🙏" });
        socket.send(&json!({ "type": "whatsapp_reaction", "data": data })).await;
        assert_eq!(socket.next_of("reply_status").await["data"]["success"], true, "{named}");
    }
}

#[tokio::test]
async fn frames_reach_the_provider_in_the_order_in_which_they_came() {
    let stand = Stand::start_live().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let mut socket = live(&stand, "").await;
    stand.running.gateway.set_frame_order(ArrivalOrder::Reversed);
    for pair in 0..4 {
        socket.send(&reply(ana, &format!("{pair} first"))).await;
        socket.send(&reply(ana, &format!("{pair} second"))).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(socket.next_of("reply_status").await["data"]["messageId"].clone());
        }
        let log = stand.running.sandbox.log();
        let wamids: Vec<Value> = log
            .iter()
            .filter_map(|entry| match entry {
                LogEntry::Call(call) => match &call.outcome {
                    ventanilla_sandbox::CallOutcome::Accepted { wamid } => Some(json!(wamid)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        assert_eq!(wamids[2 * pair..], ids);
    }
    let expected: Vec<String> =
        (0..4).flat_map(|pair| [format!("{pair} first"), format!("{pair} second")]).collect();
    assert_eq!(sent(&stand), expected);
}

#[tokio::test]
async fn a_reconnect_with_a_cursor_misses_nothing_and_gets_nothing_twice() {
    let stand = Stand::start_live().await;
    stand.customer_writes(ANA, "0").await;
    let mut socket = live(&stand, "&resume_from=0").await;
    let mut heard: Vec<String> = Vec::new();
    let mut cursor = String::new();
    let writing = async {
        for number in 1..60 {
            stand.customer_writes(ANA, &number.to_string()).await;
        }
    };
    let listening = async {
        while heard.len() < 60 {
            let frame = socket.next_of("whatsapp_message").await;
            heard.push(frame["data"]["text"].as_str().unwrap().to_owned());
            cursor = frame["cursor"].as_str().unwrap().to_owned();
            // Every few messages the socket breaks, and the next one catches up.
            if heard.len().is_multiple_of(7) {
                let id = stand.running.gateway.connections().pop().unwrap();
                stand.running.gateway.drop_connection(&id);
                socket = open(&stand, &format!("&resume_from={cursor}")).await;
            }
        }
    };
    tokio::join!(writing, listening);
    let expected: Vec<String> = (0..60).map(|number: u32| number.to_string()).collect();
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn an_expired_cursor_is_reported_as_such_and_the_stream_continues() {
    let stand = Stand::start_live().await;
    stand.customer_writes(ANA, "old").await;
    eventually("it has its number", async || {
        (stand.api.get("/v1/events?after=0").await.json()["log_end"] != "0").then_some(())
    })
    .await;
    stand.clock.advance(Duration::from_hours(7 * 24));
    let mut socket = open(&stand, "&resume_from=0").await;
    assert_eq!(socket.next().await["type"], "resync_required");
    stand.customer_writes(ANA, "new").await;
    assert_eq!(socket.next_of("whatsapp_message").await["data"]["text"], "new");
}

#[tokio::test]
async fn undelivered_messages_wait_for_the_first_socket() {
    let stand = Stand::start_live().await;
    for number in 0..5 {
        stand.customer_writes(ANA, &format!("a{number}")).await;
        stand.customer_writes("+50298765432", &format!("b{number}")).await;
    }
    let waiting = async || {
        let rows = stand.rows().await;
        rows.values().filter(|row| row["row"]["S"] == "waiting").count()
    };
    eventually("all of it waits", async || (waiting().await == 10).then_some(())).await;
    let (mut one, mut two) = tokio::join!(open(&stand, ""), open(&stand, ""));
    eventually("nothing waits", async || (waiting().await == 0).then_some(())).await;
    stand.customer_writes(ANA, "last").await;
    let mut heard = Vec::new();
    for socket in [&mut one, &mut two] {
        loop {
            let frame = socket.next_of("whatsapp_message").await;
            let text = frame["data"]["text"].as_str().unwrap().to_owned();
            if text == "last" {
                break;
            }
            heard.push(text);
        }
    }
    let expected: Vec<String> =
        (0..5).flat_map(|number| [format!("a{number}"), format!("b{number}")]).collect();
    assert_eq!(heard, expected, "oldest first, each once, to one of them");
}

#[tokio::test]
async fn of_a_sender_the_latest_hundred_wait_and_the_rest_is_counted() {
    let stand = Stand::start_live().await;
    for number in 0..103 {
        stand.customer_writes(ANA, &number.to_string()).await;
    }
    // They are dropped when a socket drains the rest.
    eventually("all is dealt with", async || {
        let rows = stand.rows().await;
        (rows.values().filter(|row| row["row"]["S"] == "waiting").count() == 103).then_some(())
    })
    .await;
    let mut socket = open(&stand, "").await;
    assert_eq!(socket.next().await["data"]["text"], "3");
    assert_eq!(socket.next_of("messages_dropped").await["data"]["count"], 3);
}

#[tokio::test]
async fn a_slow_or_dead_socket_delays_no_other() {
    let stand = Stand::start_live().await;
    let _slow = live(&stand, "").await;
    let _dead = live(&stand, "").await;
    let mut good = live(&stand, "").await;
    let [slow, dead, _] = stand.running.gateway.connections().try_into().unwrap();
    stand.running.gateway.set_write_delay(&slow, Duration::from_mins(1));
    stand.running.gateway.drop_connection(&dead);
    stand.customer_writes(ANA, "hola").await;
    assert_eq!(good.next_of("whatsapp_message").await["data"]["text"], "hola");
    eventually("both are forgotten", async || {
        let rows = stand.rows().await;
        (rows.values().filter(|row| row["row"]["S"] == "connection").count() == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_closes_its_sockets_and_no_others() {
    let stand = Stand::start_live().await;
    let mut revoked = live(&stand, "").await;
    let query = format!("apiKey={OTHER_KEY}");
    let mut other = Socket::open(&stand.base(), &query, &[]).await.unwrap();
    assert_eq!(other.next().await["type"], "connected");
    let hash = KeyHash::of(DEMO_KEY).unwrap();
    let key = ApiKey {
        name: "demo".to_owned(),
        tenant: Stand::tenant(),
        scopes: vec![Scope::Read],
        kind: KeyKind::default(),
        created_at: None,
        revoked_at: Some(stand.clock.now()),
    };
    stand.running.table.put_api_key(&hash, &key).await.unwrap();
    assert!(revoked.closed().await.is_some());
    assert_eq!(stand.running.gateway.connections().len(), 1);
    // Nor can it open another, once what is remembered of it is too old.
    stand.clock.advance(Duration::from_mins(2));
    let again = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await;
    assert_eq!(again.err(), Some(401));
}

#[tokio::test]
async fn a_closed_socket_is_removed_and_a_frame_that_the_gateway_forbids_closes_it() {
    let stand = Stand::start_live().await;
    live(&stand, "").await.close().await;
    eventually("it is forgotten", async || {
        let rows = stand.rows().await;
        rows.values().all(|row| row["row"]["S"] != "connection").then_some(())
    })
    .await;
    let mut binary = open(&stand, "").await;
    binary.send_bytes(b"x").await;
    assert_eq!(binary.closed().await, Some(1003));
    let mut long = open(&stand, "").await;
    long.send_text(&"x".repeat(33 * 1024)).await;
    assert_eq!(long.closed().await, Some(1009));
}

#[tokio::test]
async fn a_window_that_closes_within_the_hour_is_reported_once_and_again_after_the_customer_wrote() {
    let stand = Stand::start_live().await;
    let mut socket = live(&stand, "").await;
    let hours = Duration::from_hours;
    // By the provider's time, which the simulated one takes from us here.
    let write = async |text: &str| {
        let told = json!({ "text": text, "timestamp": stand.clock.now().seconds() });
        assert_eq!(stand.api.post(&format!("/sandbox/phones/{ANA}/messages"), &told).await.status, 200);
    };
    write("hola").await;
    let ana = stand.conversation_with(ANA).await["id"].id_number();
    stand.clock.advance(hours(20));
    write("once more").await;
    stand.clock.advance(hours(4));
    // The first message alone would have ended it by now.
    assert_eq!(stand.sweep().await.expiring, 0);
    stand.clock.advance(hours(19));
    assert_eq!(stand.sweep().await.expiring, 1);
    assert_eq!(stand.sweep().await.expiring, 0);
    let told = socket.next_of("window_expiring").await;
    assert_eq!(told["data"]["conversationId"], format!("conv_{ana}"));
    assert!(told["data"]["expiresAt"].is_string());
    write("there I am").await;
    stand.clock.advance(hours(23));
    assert_eq!(stand.sweep().await.expiring, 1);
    // A socket that the sweep did not process in time gets no more events.
    write("and again").await;
    stand.clock.advance(hours(25));
    assert_eq!(stand.sweep().await.expiring, 0);
}
