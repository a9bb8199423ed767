//! Any order and repetition of status webhooks, also before our own commit, leads to one state.

use std::time::Duration;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;

use crate::harness::{IdNumber as _, Stand};

/// When a report comes, as seen from our commit.
#[derive(Debug, Clone, Copy)]
enum Moment {
    Before,
    After,
}

/// One delivery of a report: which one, when, and whether the provider gives our data back with it.
#[derive(Debug, Clone, Copy)]
struct Delivery {
    report: usize,
    moment: Moment,
    echoed: bool,
}

/// The reports of one message; their order here is that of their times.
const REPORTS: [(&str, i64); 5] = [("sent", 0), ("failed", 1), ("delivered", 2), ("read", 3), ("sent", 4)];

/// Every report at least once, up to 12 deliveries, in any order.
fn deliveries() -> impl Strategy<Value = Vec<Delivery>> {
    let one = |report: BoxedStrategy<usize>| {
        (report, prop_oneof![Just(Moment::Before), Just(Moment::After)], any::<bool>())
            .prop_map(|(report, moment, echoed)| Delivery { report, moment, echoed })
    };
    let each: Vec<_> = (0..REPORTS.len()).map(|report| one(Just(report).boxed())).collect();
    let more = prop::collection::vec(one((0..REPORTS.len()).boxed()), 0..7);
    (each, more).prop_map(|(each, more)| [each, more].concat()).prop_shuffle()
}

fn callback(wamid: &str, echo: &str, delivery: Delivery, base: i64) -> Value {
    let (status, after) = REPORTS[delivery.report];
    let mut report = json!({ "id": wamid, "status": status, "timestamp": (base + after).to_string(), "recipient_id": "50212345678" });
    if delivery.echoed {
        report["biz_opaque_callback_data"] = json!(echo);
    }
    if status == "failed" {
        report["errors"] = json!([{ "code": 131_047, "title": "window closed" }]);
    }
    let value = json!({ "messaging_product": "whatsapp", "metadata": { "phone_number_id": "1001" }, "statuses": [report] });
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2001", "changes": [{ "field": "messages", "value": value }] }] })
}

/// A send whose webhooks the test plays itself: through a scripted provider that delays its response until
/// the early ones were delivered.
async fn play(stand: &Stand, provider: &Provider, conversation: u64, plan: &[Delivery]) -> Value {
    // The customer writes, so the window is open; a moment later we answer.
    customer_writes(stand).await;
    stand.clock.advance(Duration::from_secs(2));
    let base = stand.clock.now().seconds();
    let (mut early, mut late) = (Vec::new(), Vec::new());
    for delivery in plan {
        match delivery.moment {
            Moment::Before => early.push(*delivery),
            Moment::After => late.push(*delivery),
        }
    }
    let wamid = format!("wamid.{:016x}", stand.running.functions.app.core.ports.ctx.ids.nonce());
    let reply = stand.reply(conversation, "x");
    let calls = async {
        let call = provider.called().await;
        for delivery in early {
            let body = callback(&wamid, &call.echo, delivery, base);
            assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
        }
        call.answer(&wamid);
        call.echo.clone()
    };
    let (answer, echo) = tokio::join!(reply, calls);
    assert_eq!(answer.status, 200, "{}", answer.text);
    for delivery in late {
        let body = callback(&wamid, &echo, delivery, base);
        assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    }
    let mut found = stand
        .messages(conversation)
        .await
        .into_iter()
        .find(|m| m["provider_message_id"] == wamid.as_str())
        .unwrap();
    // What differs from message to message is taken out; what is left must not differ.
    let at = found["status_at"].as_object_mut().unwrap();
    at.remove("accepted");
    for (name, after) in [("sent", 0), ("failed", 1), ("delivered", 2), ("read", 3)] {
        let expected = ventanilla::domain::time::Timestamp::from_seconds(base + after).iso_millis();
        assert_eq!(at.insert(name.to_owned(), json!("as reported")), Some(json!(expected)), "{name}");
    }
    let window = stand.conversation_with("+50212345678").await["window"]["open"].clone();
    json!({ "status": found["status"], "status_at": found["status_at"], "error": found["error"], "pricing": found["pricing"], "window open": window })
}

#[test]
fn any_order_and_repetition_ends_in_the_same_state() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (stand, provider, conversation) = runtime.block_on(async {
        let provider = Provider::start().await;
        let stand = Stand::start_with(provider.config()).await;
        customer_writes(&stand).await;
        let conversation = stand.conversation_with("+50212345678").await["id"].id_number();
        (stand, provider, conversation)
    });
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&deliveries(), |plan| {
        let ended = runtime.block_on(play(&stand, &provider, conversation, &plan));
        let expected = json!({ "status": "read", "status_at": {
            "received": null, "sent": "as reported", "delivered": "as reported", "read": "as reported", "played": null,
            "failed": "as reported",
        }, "error": { "code": 131_047, "message": "window closed" }, "pricing": null, "window open": false });
        prop_assert_eq!(ended, expected);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// A message of the customer, as of now.
async fn customer_writes(stand: &Stand) {
    let id = format!("wamid.in.{:016x}", stand.running.functions.app.core.ports.ctx.ids.nonce());
    let at = stand.clock.now().seconds().to_string();
    let message = json!({ "id": id, "from": "50212345678", "timestamp": at, "type": "text", "text": { "body": "hola" } });
    let value = json!({ "metadata": { "phone_number_id": "1001" }, "messages": [message] });
    let body = json!({ "entry": [{ "id": "2001", "changes": [{ "field": "messages", "value": value }] }] });
    assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
}

use provider::Provider;

/// A Graph endpoint that responds only when the test says so.
mod provider {
    use axum::{
        Router,
        body::to_bytes,
        extract::{Request, State},
        response::Response,
    };
    use serde_json::{Value, json};
    use tokio::{
        net::TcpListener,
        sync::{Mutex, mpsc, oneshot},
    };
    use ventanilla::config::file::ConfigFile;
    use ventanilla::domain::channel::Access;
    use ventanilla_sandbox::serve::serve;

    use crate::harness::config;

    pub(super) struct Call {
        pub(super) echo: String,
        answer: std::sync::Mutex<Option<oneshot::Sender<String>>>,
    }

    impl Call {
        pub(super) fn answer(&self, wamid: &str) {
            self.answer.lock().unwrap().take().unwrap().send(wamid.to_owned()).unwrap();
        }
    }

    pub(super) struct Provider {
        url: String,
        calls: Mutex<mpsc::UnboundedReceiver<Call>>,
    }

    impl Provider {
        pub(super) async fn start() -> Self {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let (out, calls) = mpsc::unbounded_channel();
            let router = Router::new().fallback(take).with_state(out);
            tokio::spawn(serve(listener, router, std::future::pending::<()>()));
            Self { url, calls: Mutex::new(calls) }
        }

        pub(super) fn config(&self) -> ConfigFile {
            let mut config = config();
            let access = &mut config.channels[0].configured.access;
            let Access::Meta(access) = access else { panic!("channel 1 is Meta's") };
            access.graph_base_url.clone_from(&self.url);
            config
        }

        pub(super) async fn called(&self) -> Call {
            self.calls.lock().await.recv().await.unwrap()
        }
    }

    async fn take(State(out): State<mpsc::UnboundedSender<Call>>, request: Request) -> Response {
        let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let (answer, answered) = oneshot::channel();
        let echo = body["biz_opaque_callback_data"].as_str().unwrap().to_owned();
        out.send(Call { echo, answer: std::sync::Mutex::new(Some(answer)) }).unwrap();
        let wamid = answered.await.unwrap();
        Response::new(json!({ "messages": [{ "id": wamid }] }).to_string().into())
    }
}
