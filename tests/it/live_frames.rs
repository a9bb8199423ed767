//! What the gateway accepted is carried out, whatever the socket does next: it closes, it is closed, it is found to be
//! gone, its key is revoked, its function dies.

use std::time::Duration;

use aws_lambda_events::apigw::{ApiGatewayWebsocketProxyRequest, ApiGatewayWebsocketProxyRequestContext};
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        caller::{ApiKey, KeyHash, Scope},
        socket::SocketId,
    },
    ports::{
        clock::{Clock, Deadline},
        store::{Record, Write},
    },
};
use ventanilla_local::functions::Functions;

use crate::{
    harness::{Actor, DEMO_KEY, Fault, IdNumber as _, Socket, Stand, eventually},
    live_ends::merge,
};

const ANA: &str = "+50212345678";

/// As long as an invocation may take in the cloud.
const PATIENCE: Duration = Duration::from_secs(26);

fn reply(conversation: u64, text: &str) -> Value {
    let data = json!({ "conversationId": format!("conv_{conversation}"), "poolNumberId": "pn_1", "toNumber": ANA, "text": text });
    json!({ "type": "whatsapp_reply", "data": data })
}

/// The texts that a phone got, sorted.
async fn got(stand: &Stand) -> Vec<String> {
    let mut texts = stand.phone_got(ANA).await;
    texts.sort_unstable();
    texts
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:04}")).collect()
}

// ------------------------------------------------------------------------------- through the gateway

/// How a client ends its socket right after it said something.
#[derive(Debug, Clone, Copy)]
enum End {
    /// It sends a close frame first.
    Closes,
    /// It drops the connection.
    Breaks,
    /// Its next frame is larger than the gateway takes.
    SaysTooMuch,
}

async fn says_and_ends(stand: &Stand, conversation: u64, text: &str, end: End) {
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    socket.send(&reply(conversation, text)).await;
    match end {
        End::Closes => socket.close().await,
        End::Breaks => drop(socket),
        End::SaysTooMuch => {
            socket.send_text(&"x".repeat(33 * 1024)).await;
            assert_eq!(socket.closed().await, Some(1009));
        }
    }
}

/// So many clients, one after the other, say something each and end their sockets. Everything gets to the phone, once.
async fn all_is_sent(count: usize, end: End) {
    let stand = Stand::start_live().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let texts = numbered(count);
    for text in &texts {
        says_and_ends(&stand, ana, text, end).await;
    }
    let all = async || {
        let got = got(&stand).await;
        (got.len() >= count).then_some(got)
    };
    assert_eq!(eventually("all of it is on the phone", all).await, texts, "{end:?}");
}

#[tokio::test]
async fn a_frame_right_before_a_socket_was_closed_is_sent() {
    all_is_sent(50, End::Closes).await;
}

#[tokio::test]
async fn a_frame_right_before_a_socket_broke_off_is_sent() {
    all_is_sent(20, End::Breaks).await;
}

#[tokio::test]
async fn a_frame_right_before_one_that_is_too_large_is_sent() {
    all_is_sent(20, End::SaysTooMuch).await;
}

#[tokio::test]
#[ignore = "takes minutes: just frames"]
async fn of_a_thousand_frames_before_an_end_none_is_lost() {
    all_is_sent(1000, End::Closes).await;
    all_is_sent(250, End::SaysTooMuch).await;
}

// ------------------------------------------------------------------------------- the gateway's own calls

fn context(connection: &str, kind: &str, at: i64) -> ApiGatewayWebsocketProxyRequestContext {
    let mut context = ApiGatewayWebsocketProxyRequestContext::default();
    context.connection_id = Some(connection.to_owned());
    context.event_type = Some(kind.to_owned());
    context.request_time_epoch = at;
    context
}

/// The calls of the gateway for one connection, each of which a test makes itself.
struct Calls<'a> {
    stand: &'a Stand,
    connection: String,
}

impl<'a> Calls<'a> {
    /// A connection that was opened.
    async fn open(stand: &'a Stand, connection: &str, query: &[(&str, &str)]) -> Self {
        let mut event = ApiGatewayWebsocketProxyRequest::default();
        event.request_context = context(connection, "CONNECT", stand.clock.now().millis());
        let key = [("apiKey", DEMO_KEY)];
        let asked = key.iter().chain(query).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        event.query_string_parameters = asked.collect::<std::collections::HashMap<_, _>>().into();
        let calls = Self { stand, connection: connection.to_owned() };
        assert_eq!(calls.make(&stand.running.functions, event).await, 200);
        calls
    }

    async fn make(&self, functions: &Functions, event: ApiGatewayWebsocketProxyRequest) -> i64 {
        let deadline = Deadline(functions.app.clock.now().plus(PATIENCE));
        Box::pin(socket::handle(&functions.socket, event, deadline)).await.status_code
    }

    /// A frame, which came a second ago.
    async fn says(&self, functions: &Functions, name: &str, frame: &Value) -> i64 {
        let mut event = ApiGatewayWebsocketProxyRequest::default();
        event.request_context = context(&self.connection, "MESSAGE", self.stand.clock.now().millis() - 1000);
        event.request_context.message_id = Some(name.to_owned());
        event.body = Some(frame.to_string());
        self.make(functions, event).await
    }

    /// Sends the gateway's disconnect event.
    async fn ends(&self, functions: &Functions) -> i64 {
        let mut event = ApiGatewayWebsocketProxyRequest::default();
        event.request_context = context(&self.connection, "DISCONNECT", self.stand.clock.now().millis());
        self.make(functions, event).await
    }
}

/// Holds `first` at one of its calls to the store while `second` happens. Says whether there was such a call.
async fn meanwhile(
    held: &Actor,
    call: usize,
    first: impl Future<Output = i64>,
    second: impl Future<Output = i64>,
) -> bool {
    held.tap.by_number(&[(call, Fault::Held)]);
    let mut first = std::pin::pin!(first);
    let met = tokio::select! {
        () = held.tap.held() => true,
        status = &mut first => {
            assert_eq!(status, 200);
            false
        }
    };
    assert_eq!(second.await, 200);
    if met {
        held.tap.go_on();
        assert_eq!(first.await, 200);
    }
    met
}

#[tokio::test]
async fn a_frame_and_the_end_of_its_socket_may_meet_at_any_call_to_the_store() {
    let stand = Stand::start().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let held = stand.actor().await;
    let functions = &stand.running.functions;
    let mut said = Vec::new();
    let mut calls_met = Vec::new();
    for the_frame_is_held in [true, false] {
        let mut call = 0;
        loop {
            let text = format!("{the_frame_is_held} {call:02}");
            let calls = Calls::open(&stand, &format!("c{}=", said.len()), &[]).await;
            let frame = reply(ana, &text);
            said.push(text);
            let met = if the_frame_is_held {
                meanwhile(&held, call, calls.says(&held.functions, "f", &frame), calls.ends(functions)).await
            } else {
                meanwhile(&held, call, calls.ends(&held.functions), calls.says(functions, "f", &frame)).await
            };
            if !met {
                break;
            }
            call += 1;
        }
        calls_met.push(call);
    }
    said.sort_unstable();
    assert_eq!(got(&stand).await, said, "each once");
    assert!(calls_met[0] > 10 && calls_met[1] >= 2, "{calls_met:?}");
    let left = stand.rows().await.into_values().filter(|row| row["row"]["S"] == "frame").count();
    assert_eq!(left, 0);
}

/// When the socket of a frame ends whose function dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Before,
    After,
    /// The connection drops, and the gateway never reports it.
    Untold,
}

/// What became of a text: how often the phone got it, and whether the conversation shows that it was begun.
async fn fate(stand: &Stand, conversation: u64, text: &str) -> (usize, bool) {
    let got = stand.phone_got(ANA).await.iter().filter(|got| *got == text).count();
    let shown = stand.messages(conversation).await.iter().any(|message| message.to_string().contains(text));
    (got, shown)
}

async fn a_function_dies_everywhere(fault: Fault, ends: Ends) {
    let stand = Stand::start().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let functions = &stand.running.functions;
    let (mut call, mut lost) = (0, Vec::new());
    loop {
        let dying = stand.actor().await;
        let text = format!("frame {call:02}");
        let calls = Calls::open(&stand, &format!("c{call}="), &[]).await;
        if ends == Ends::Before {
            assert_eq!(calls.ends(functions).await, 200);
        }
        dying.tap.by_number(&[(call, fault)]);
        let frame = reply(ana, &text);
        tokio::select! {
            _ = calls.says(&dying.functions, "f", &frame) => {}
            () = dying.tap.crash() => {}
        }
        if dying.tap.faults_left() > 0 {
            break;
        }
        if ends == Ends::After {
            assert_eq!(calls.ends(functions).await, 200);
        }
        for _ in 0..3 {
            stand.clock.advance(Duration::from_secs(62));
            stand.sweep().await;
        }
        let (got, shown) = fate(&stand, ana, &text).await;
        assert!(got <= 1, "{fault:?} {ends:?}: doubled at call {call}");
        if got == 0 && !shown {
            lost.push(call);
        }
        let left = stand.rows().await.into_values().filter(|row| row["row"]["S"] == "frame").count();
        assert_eq!(left, 0, "{fault:?} {ends:?}: it waits for nobody after call {call}");
        call += 1;
    }
    assert!(call > 10, "{call}");
    // A function that dies before it wrote its frame down leaves nothing: the gateway calls once.
    let unwritten: &[usize] = match fault {
        Fault::CrashBefore => &[0, 1, 2],
        Fault::CrashAfter => &[0, 1],
        _ => &[],
    };
    assert_eq!(lost, unwritten, "{fault:?} {ends:?}");
}

#[tokio::test]
async fn a_frame_whose_function_dies_is_sent_by_the_sweep_once_its_socket_ended() {
    for ends in [Ends::Before, Ends::After, Ends::Untold] {
        a_function_dies_everywhere(Fault::CrashBefore, ends).await;
        a_function_dies_everywhere(Fault::CrashAfter, ends).await;
    }
}

#[tokio::test]
async fn a_frame_whose_store_fails_is_sent_though_its_socket_ended() {
    a_function_dies_everywhere(Fault::Outage, Ends::Before).await;
}

#[tokio::test]
async fn the_frames_that_a_socket_left_are_sent_in_order() {
    let stand = Stand::start().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let calls = Calls::open(&stand, "c=", &[]).await;
    assert_eq!(calls.ends(&stand.running.functions).await, 200);
    let core = &stand.running.functions.app.core;
    let opened =
        core.ports.sockets.opened(&SocketId::try_from("c=".to_owned()).unwrap()).await.unwrap().unwrap();
    assert!(opened.socket.is_none());
    for number in 0..8 {
        let frame = ventanilla::domain::frame::Frame {
            tenant: Stand::tenant(),
            socket: SocketId::try_from("c=".to_owned()).unwrap(),
            came_at: stand.clock.now().plus(Duration::from_millis(number)),
            name: format!("f{number}"),
            body: reply(ana, &number.to_string()).to_string(),
            // As they were written down before they carried it.
            grant: None,
        };
        core.ports.ctx.store.commit(vec![Write::Put(Record::Frame(frame))]).await.unwrap();
    }
    stand.clock.advance(Duration::from_secs(62));
    assert!(stand.sweep().await.carried_out > 0);
    assert_eq!(stand.phone_got(ANA).await, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(stand.sweep().await.carried_out, 0);
}

// ------------------------------------------------------------------------------- by whose right

async fn revoke(stand: &Stand) {
    let key = ApiKey {
        name: "demo".to_owned(),
        tenant: Stand::tenant(),
        scopes: vec![Scope::Send, Scope::Read],
        kind: ventanilla::domain::caller::KeyKind::default(),
        created_at: None,
        revoked_at: Some(stand.clock.now()),
    };
    stand.running.table.put_api_key(&KeyHash::of(DEMO_KEY).unwrap(), &key).await.unwrap();
}

#[tokio::test]
async fn a_revoked_key_sends_nothing_more_over_a_socket_that_ended_or_did_not() {
    let stand = Stand::start().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let functions = &stand.running.functions;
    let (open, ended) = (Calls::open(&stand, "a=", &[]).await, Calls::open(&stand, "b=", &[]).await);
    assert_eq!(ended.ends(functions).await, 200);
    // The key is remembered.
    for calls in [&open, &ended] {
        assert_eq!(calls.says(functions, "before", &reply(ana, "before")).await, 200);
    }
    revoke(&stand).await;
    for calls in [&open, &ended] {
        assert_eq!(calls.says(functions, "after", &reply(ana, "after")).await, 200);
    }
    assert_eq!(stand.phone_got(ANA).await, ["before", "before"]);
}

#[tokio::test]
async fn a_socket_that_ended_may_speak_where_it_might_before_and_nowhere_else() {
    let stand = Stand::start().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let bob = stand.customer_writes("+50298765432", "hola").await;
    let functions = &stand.running.functions;
    let narrow = format!("conv_{ana}");
    let calls = Calls::open(&stand, "a=", &[("conversationId", &narrow)]).await;
    assert_eq!(calls.ends(functions).await, 200);
    assert_eq!(calls.says(functions, "one", &reply(bob, "no")).await, 200);
    assert_eq!(calls.says(functions, "two", &reply(ana, "yes")).await, 200);
    assert_eq!(calls.says(functions, "two", &reply(ana, "yes")).await, 200, "it came twice");
    assert_eq!((got(&stand).await, stand.phone_got("+50298765432").await.len()), (vec!["yes".to_owned()], 0));
    // Nothing is known of one that was never opened.
    let unknown = Calls { stand: &stand, connection: "z=".to_owned() };
    assert_eq!(unknown.says(functions, "one", &reply(ana, "no")).await, 410);
    assert_eq!(got(&stand).await, ["yes"]);
}

#[tokio::test]
async fn a_socket_that_ended_may_send_into_the_merged_conversation() {
    for of_hidden in [true, false] {
        let stand = Stand::start().await;
        let functions = &stand.running.functions;
        let mut ended = None;
        let (merged, goes_on) = merge(&stand, async || {
            let listed = stand.conversations().await;
            let hidden = |it: &&Value| it["contact"]["phone_number"].is_null() == of_hidden;
            let narrow = format!("conv_{}", listed.iter().find(hidden).unwrap()["id"].id_number());
            let calls = Calls::open(&stand, "a=", &[("conversationId", &narrow)]).await;
            assert_eq!(calls.ends(functions).await, 200);
            ended = Some(calls);
        })
        .await;
        let calls = ended.unwrap();
        for (name, conversation) in [("one", merged), ("two", goes_on)] {
            let mut frame = reply(conversation, name);
            frame["data"]["toNumber"] = json!("+14155550123");
            assert_eq!(calls.says(functions, name, &frame).await, 200);
        }
        assert_eq!(stand.phone_got("+14155550123").await, ["by number", "one", "two"], "{of_hidden}");
    }
}

#[tokio::test]
async fn a_vanished_socket_gets_nothing_and_its_frames_are_sent() {
    let stand = Stand::start().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    let functions = &stand.running.functions;
    // The gateway has no such socket: catch-up finds that out and deletes its rows.
    let calls = Calls::open(&stand, "a=", &[]).await;
    stand.follow().await;
    let kinds = async || -> Vec<String> {
        let rows = stand
            .rows()
            .await
            .into_values()
            .map(|row| row["row"]["S"].as_str().unwrap_or_default().to_owned());
        rows.filter(|kind| kind.starts_with("connection")).collect()
    };
    assert_eq!(kinds().await, ["connection_route"]);
    assert_eq!(calls.says(functions, "one", &reply(ana, "still said")).await, 200);
    assert_eq!(got(&stand).await, ["still said"]);
    stand.customer_writes(ANA, "and then").await;
    stand.follow().await;
    assert_eq!((calls.ends(functions).await, kinds().await), (200, vec!["connection_route".to_owned()]));
}
