//! The real binaries of the functions, under the Lambda Runtime API: an event in, an answer out.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{Notify, OnceCell, oneshot},
};
use ventanilla::{config::file::ConfigFile, port::clock::Clock};
use ventanilla_sandbox::serve::serve;

use crate::harness::{Stand, signed};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// An event of `events/`.
fn event(name: &str) -> Value {
    let path = root().join("events").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Builds the binaries once, with the cargo and the features that built this test.
async fn binaries() -> PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT
        .get_or_init(|| async {
            let built = Command::new(env!("CARGO"))
                .args(["build", "--workspace", "--bins", "--offline", "--quiet", "--profile", "test"])
                .current_dir(root())
                .status()
                .await
                .unwrap();
            assert!(built.success());
            // This test lies in `deps` of the same folder.
            std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
        })
        .await
        .clone()
}

/// Takes what the function answers: a response, or an error.
type Answering = oneshot::Sender<Result<Value, Value>>;

#[derive(Default)]
struct Queue {
    waiting: Mutex<VecDeque<(Value, i64, Answering)>>,
    open: Mutex<Option<Answering>>,
    arrived: Notify,
}

/// The endpoint that a Lambda runtime asks for events.
async fn runtime_api(State(queue): State<Arc<Queue>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET {
        assert_eq!(path, "/2018-06-01/runtime/invocation/next");
        loop {
            let next = queue.waiting.lock().unwrap().pop_front();
            if let Some((event, patience, answer)) = next {
                *queue.open.lock().unwrap() = Some(answer);
                let deadline = ventanilla::assembly::SystemClock.now().millis() + patience;
                let headers = [
                    ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
                    ("lambda-runtime-deadline-ms", deadline.to_string()),
                    (
                        "lambda-runtime-invoked-function-arn",
                        "arn:aws:lambda:eu-west-1:123456789012:function:f".to_owned(),
                    ),
                    ("content-type", "application/json".to_owned()),
                ];
                return (headers, event.to_string()).into_response();
            }
            queue.arrived.notified().await;
        }
    }
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let answer = queue.open.lock().unwrap().take().unwrap();
    let result = if path.ends_with("/response") { Ok(body) } else { Err(body) };
    answer.send(result).unwrap();
    StatusCode::ACCEPTED.into_response()
}

/// A function's binary, running.
struct Function {
    queue: Arc<Queue>,
    _process: Child,
}

impl Function {
    async fn start(name: &str, stand: &Stand) -> Self {
        Self::start_with(name, stand, crate::harness::CONFIG).await
    }

    async fn start_with(name: &str, stand: &Stand, toml: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let queue = Arc::new(Queue::default());
        let router = Router::new().fallback(runtime_api).with_state(Arc::clone(&queue));
        tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        let config =
            std::env::temp_dir().join(format!("ventanilla-{}-{}.toml", std::process::id(), address.port()));
        fs::write(&config, toml).unwrap();
        let process = Command::new(binaries().await.join(name))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local")
            .env("AWS_ENDPOINT_URL_DYNAMODB", &stand.tap.url)
            // Nobody listens there: the config file has to serve.
            .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")
            .env("VENTANILLA_TABLE", "ventanilla-local")
            .env("VENTANILLA_CONFIG", &config)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { queue, _process: process }
    }

    /// What the function answers to an event.
    async fn invoke(&self, event: Value) -> Result<Value, Value> {
        self.invoke_within(event, 25_000).await
    }

    /// What the function answers when the runtime gives it so many milliseconds.
    async fn invoke_within(&self, event: Value, millis: i64) -> Result<Value, Value> {
        let (answer, answered) = oneshot::channel();
        self.queue.waiting.lock().unwrap().push_back((event, millis, answer));
        self.queue.arrived.notify_one();
        let patience = std::time::Duration::from_secs(30);
        tokio::time::timeout(patience, answered).await.expect("the function answers").unwrap()
    }
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap_or_else(|_| panic!("{answer}"))
}

/// The event with another path and, for the path's parameter, another id.
fn towards(mut event: Value, path: &str) -> Value {
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event
}

/// The event with the test's own callback in it.
fn telling(mut event: Value, body: &Value) -> Value {
    let body = body.to_string();
    event["headers"]["x-hub-signature-256"] = json!(signed("demo-app-secret", body.as_bytes()));
    event["body"] = json!(body);
    event["isBase64Encoded"] = json!(false);
    event
}

/// The demo's own config, which the samples for Kaleyra are made for.
const DEMO: &str = include_str!("../../ventanilla.toml");

#[tokio::test]
async fn kaleyra_s_callbacks_are_taken_in_under_the_runtime_api() {
    let stand = Stand::start_with(ConfigFile::parse(DEMO).unwrap()).await;
    let function = Function::start_with("webhook", &stand, DEMO).await;
    for name in [
        "webhook-kaleyra-v2-text.json",
        "webhook-kaleyra-v2-status.json",
        "webhook-kaleyra-v2-not-sent.json",
        "webhook-kaleyra-v1-text.json",
        "webhook-kaleyra-v1-status.json",
    ] {
        let answer = function.invoke(event(name)).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
    }
    let forged = towards(event("webhook-kaleyra-v2-text.json"), "/webhooks/kaleyra/2/wrong-callback-secret");
    assert_eq!(function.invoke(forged).await.unwrap()["statusCode"], 401);
    let place = stand.conversation_with("+50212345678").await;
    assert_eq!((&place["channel_id"], &place["unread_count"]), (&json!(2), &json!(2)));
    let mut texts: Vec<String> = stand
        .messages(place["id"].as_u64().unwrap())
        .await
        .iter()
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect();
    texts.sort();
    assert_eq!(texts, ["Hola, ¿están abiertos? Sí & no", "¿Dónde está mi pedido? 👍"]);
}

#[tokio::test]
async fn a_client_of_kaleyra_is_served_under_the_runtime_api() {
    let stand = Stand::start_with(ConfigFile::parse(DEMO).unwrap()).await;
    let function = Function::start_with("send", &stand, DEMO).await;
    let answer = function.invoke(event("send-kaleyra.json")).await.unwrap();
    assert_eq!((&answer["statusCode"], &body(&answer)["code"]), (&json!(202), &json!("WA202")), "{answer}");
    let id = body(&answer)["data"]["message_id"].as_str().unwrap().to_owned();
    assert_eq!(stand.api.get(&format!("/v1/messages/{id}")).await.json()["message"]["channel_id"], 2);
}

#[tokio::test]
async fn templates_are_sent_and_synced_under_the_runtime_api() {
    let stand = Stand::start().await;
    let sender = Function::start("send-template", &stand).await;
    let first = body(&sender.invoke(event("send-template.json")).await.unwrap());
    assert_eq!(first["summary"], json!({ "total": 2, "sent": 2, "failed": 0, "unknown": 0 }), "{first}");
    let again = body(&sender.invoke(event("send-template.json")).await.unwrap());
    assert!(again["results"].as_array().unwrap().iter().all(|result| result["replayed"] == true), "{again}");
    for number in ["+50212345678", "+50223456789"] {
        let phone = stand.api.get(&format!("/sandbox/phones/{number}")).await.json();
        assert_eq!(phone["messages"].as_array().unwrap().len(), 1, "{number}");
    }
    let syncer = Function::start("sync-templates", &stand).await;
    let listed = syncer.invoke(event("templates.json")).await.unwrap();
    assert_eq!(listed["statusCode"], 200, "{listed}");
    assert!(body(&listed)["data"].as_array().unwrap().len() > 7);
    assert_eq!(syncer.invoke(event("schedule-sync-templates.json")).await.unwrap(), Value::Null);
}

#[tokio::test]
async fn a_preference_is_heard_and_listed_under_the_runtime_api() {
    let stand = Stand::start_with(ConfigFile::parse(DEMO).unwrap()).await;
    let hook = Function::start_with("webhook", &stand, DEMO).await;
    let heard = hook.invoke(event("webhook-meta-preferences.json")).await.unwrap();
    assert_eq!(heard["statusCode"], 200, "{heard}");
    let sender = Function::start_with("send-template", &stand, DEMO).await;
    let listed = body(&sender.invoke(event("suppressions.json")).await.unwrap());
    let mut all: Vec<&str> = listed["suppressions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["address"].as_str().unwrap())
        .collect();
    all.sort_unstable();
    assert_eq!(all, ["+50212345678", "GT.13556113191870295143"]);
}

#[tokio::test]
async fn reply_answers_under_the_runtime_api() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let function = Function::start("reply", &stand).await;
    let answer = function
        .invoke(towards(event("reply.json"), &format!("/api/conversations/{id}/reply")))
        .await
        .unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(body(&answer), json!({ "success": true, "message": "Reply sent successfully" }));
    let missing = function.invoke(event("reply-php.json")).await.unwrap();
    assert_eq!((&missing["statusCode"], &body(&missing)["code"]), (&json!(500), &json!("not_found")));
    assert_eq!(stand.phone_got("+50212345678").await.len(), 1);
}

#[tokio::test]
async fn send_answers_under_the_runtime_api() {
    let stand = Stand::start().await;
    let function = Function::start("send", &stand).await;
    let answer = function.invoke(event("send.json")).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let id = body(&answer)["data"]["conversation"]["conversation_id"].as_u64().unwrap();
    let path = format!("/api/whatsapp/conversations/{id}/messages");
    let second = function.invoke(towards(event("send-in-conversation.json"), &path)).await.unwrap();
    assert_eq!(second["statusCode"], 200, "{second}");
    assert_eq!(body(&second)["data"]["conversation_id"], id);
    stand.running.sandbox.settled().await;
    let states: Vec<Value> =
        stand.messages(id).await.iter().map(|message| message["status"].clone()).collect();
    assert_eq!(states, [json!("read"), json!("read")]);
    // Without time for a call and its commit, no call is begun.
    let mut late = towards(event("send-in-conversation.json"), &path);
    late["headers"].as_object_mut().unwrap().remove("idempotency-key");
    let late = function.invoke_within(late, 5_000).await.unwrap();
    assert_eq!((&late["statusCode"], &body(&late)["code"]), (&json!(502), &json!("provider_down")));
    assert_eq!(stand.messages(id).await.len(), 2);
}

#[tokio::test]
async fn webhook_answers_under_the_runtime_api() {
    let stand = Stand::start().await;
    let function = Function::start("webhook", &stand).await;
    let verified = function.invoke(event("webhook-meta-verify.json")).await.unwrap();
    assert_eq!(verified["statusCode"], 200, "{verified}");
    let query = event("webhook-meta-verify.json")["rawQueryString"].as_str().unwrap().to_owned();
    assert!(query.contains(&format!("hub.challenge={}", verified["body"].as_str().unwrap())));
    // The samples are signed as they lie there; one of them is Base64, as the gateway sends binaries.
    for name in ["webhook-meta-text.json", "webhook-meta-batch.json"] {
        let answer = function.invoke(event(name)).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
    }
    let mut forged = event("webhook-meta-text.json");
    forged["body"] = json!(format!("{} ", forged["body"].as_str().unwrap()));
    assert_eq!(function.invoke(forged).await.unwrap()["statusCode"], 401);
    let told = json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" },
        "messages": [{ "id": "wamid.1", "from": "50212345678", "timestamp": "1", "type": "text", "text": { "body": "ä 👋" } }],
    } }] }] });
    let answer = function.invoke(telling(event("webhook-meta-text.json"), &told)).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let id = stand.conversation_with("+50212345678").await["id"].as_u64().unwrap();
    assert_eq!(stand.messages(id).await[0]["text"], "ä 👋");
}

#[tokio::test]
async fn inbox_and_reconcile_answer_under_the_runtime_api() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let function = Function::start("inbox", &stand).await;
    let listed = function.invoke(event("inbox-conversations.json")).await.unwrap();
    assert_eq!(body(&listed)["conversations"][0]["id"], id, "{listed}");
    let messages = towards(event("inbox-messages.json"), &format!("/v1/conversations/{id}/messages"));
    assert_eq!(body(&function.invoke(messages).await.unwrap())["messages"][0]["text"], "hola");
    let missing = function.invoke(event("inbox-message.json")).await.unwrap();
    assert_eq!((&missing["statusCode"], &body(&missing)["code"]), (&json!(404), &json!("not_found")));
    let reconcile = Function::start("reconcile", &stand).await;
    assert_eq!(reconcile.invoke(event("reconcile-schedule.json")).await, Ok(Value::Null));
}

#[test]
fn every_event_is_used_by_a_test() {
    let source = include_str!("functions.rs");
    for entry in fs::read_dir(root().join("events")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(source.contains(&format!("\"{name}\"")), "{name} is read by no test");
    }
}
