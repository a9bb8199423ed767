//! The Lambda Runtime API, and a queue, as a function's binary meets them.

use std::{
    collections::VecDeque,
    fs,
    path::PathBuf,
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
    sync::{Notify, oneshot},
};
use ventanilla::ports::clock::Clock;
use ventanilla_sandbox::serve::serve;

use crate::harness::{Stand, binaries, root};

/// An event of `events/`.
pub(super) fn event(name: &str) -> Value {
    let path = root().join("events").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
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
                let deadline = ventanilla::system::SystemClock.now().millis() + patience;
                let headers = [
                    ("lambda-runtime-aws-request-id", REQUEST.to_owned()),
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
pub(super) struct Function {
    queue: Arc<Queue>,
    _process: Child,
    printed: Option<PathBuf>,
}

impl Function {
    /// With the config of every stand.
    pub(super) async fn start(name: &str, stand: &Stand) -> Self {
        Self::start_with(name, stand, crate::harness::CONFIG).await
    }

    /// Starts a function with another config.
    pub(super) async fn start_with(name: &str, stand: &Stand, toml: &str) -> Self {
        Self::spawn(name, stand, toml, &[]).await
    }

    /// Starts a function with a job queue.
    pub(super) async fn start_at(queue: &JobQueue, name: &str, stand: &Stand) -> Self {
        let there = [
            ("AWS_ENDPOINT_URL_SQS", queue.url.clone()),
            ("VENTANILLA_QUEUE_URL", format!("{}/123456789012/{JOBS}", queue.url)),
        ];
        Self::spawn(name, stand, crate::harness::CONFIG, &there).await
    }

    /// With a queue of files.
    pub(super) async fn start_wanting(queue: &JobQueue, name: &str, stand: &Stand) -> Self {
        let there = [
            ("AWS_ENDPOINT_URL_SQS", queue.url.clone()),
            ("VENTANILLA_FETCH_QUEUE_URL", format!("{}/123456789012/{FETCHES}", queue.url)),
        ];
        Self::spawn(name, stand, crate::harness::CONFIG, &there).await
    }

    /// Where callers may wait so many seconds for an event.
    pub(super) async fn start_waiting(name: &str, stand: &Stand, seconds: u64) -> Self {
        let there = [("VENTANILLA_EVENT_WAIT_SECONDS", seconds.to_string())];
        Self::spawn(name, stand, crate::harness::CONFIG, &there).await
    }

    /// As it is deployed, where what it logs and counts is kept.
    pub(super) async fn start_logging(name: &str, stand: &Stand, level: &str) -> Self {
        let there = [("VENTANILLA_METRICS_NAMESPACE", NAMESPACE.to_owned()), ("RUST_LOG", level.to_owned())];
        Self::spawn(name, stand, crate::harness::CONFIG, &there).await
    }

    /// What it printed so far, line by line: all of it is JSON.
    pub(super) fn printed(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.printed.as_ref().unwrap()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }

    async fn spawn(name: &str, stand: &Stand, toml: &str, more: &[(&str, String)]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let queue = Arc::new(Queue::default());
        let router = Router::new().fallback(runtime_api).with_state(Arc::clone(&queue));
        tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        let config =
            std::env::temp_dir().join(format!("ventanilla-{}-{}.toml", std::process::id(), address.port()));
        fs::write(&config, toml).unwrap();
        let wanted = more.iter().any(|(name, _)| *name == "VENTANILLA_METRICS_NAMESPACE");
        let printed = wanted.then(|| config.with_extension("out"));
        let output = printed.as_ref().map_or_else(Stdio::null, |path| fs::File::create(path).unwrap().into());
        let process = command(name)
            .await
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_ENDPOINT_URL_DYNAMODB", &stand.tap.url)
            .env("VENTANILLA_CONFIG", &config)
            .envs(more.iter().map(|variable| (variable.0, &variable.1)))
            .stdout(output)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { queue, _process: process, printed }
    }

    /// What the function answers to an event.
    pub(super) async fn invoke(&self, event: Value) -> Result<Value, Value> {
        self.invoke_within(event, 25_000).await
    }

    /// What the function answers when the runtime gives it so many milliseconds.
    pub(super) async fn invoke_within(&self, event: Value, millis: i64) -> Result<Value, Value> {
        let (answer, answered) = oneshot::channel();
        self.queue.waiting.lock().unwrap().push_back((event, millis, answer));
        self.queue.arrived.notify_one();
        let patience = std::time::Duration::from_secs(30);
        tokio::time::timeout(patience, answered).await.expect("the function answers").unwrap()
    }
}

/// A function's binary with its environment as it is deployed, where nobody is but who a test says.
async fn command(name: &str) -> Command {
    let mut command = Command::new(binaries().await.join(name));
    command
        .env_clear()
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        // Nobody listens there: the config file has to serve.
        .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")
        .env("VENTANILLA_TABLE", "ventanilla-local")
        // Nobody is there either, unless a test says so.
        .env("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9")
        .env("VENTANILLA_BUCKET", "a-bucket")
        .env("VENTANILLA_QUEUE_URL", format!("http://127.0.0.1:9/123456789012/{JOBS}"))
        .env("VENTANILLA_FETCH_QUEUE_URL", format!("http://127.0.0.1:9/123456789012/{FETCHES}"))
        .env("VENTANILLA_SOCKET_URL", "http://127.0.0.1:9/live");
    command
}

/// What a function says that ends at once, because it is not told this variable. A function that runs on is asked no
/// event, and the test waits in vain.
pub(super) async fn says_without(name: &str, variable: &str) -> String {
    let ended =
        command(name).await.env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9").env_remove(variable).output();
    let patience = std::time::Duration::from_secs(30);
    let ended = tokio::time::timeout(patience, ended).await.expect("it ends").unwrap();
    assert!(!ended.status.success(), "{name} without {variable}");
    String::from_utf8(ended.stderr).unwrap()
}

/// Where a function counts.
pub(super) const NAMESPACE: &str = "Ventanilla/test";

/// The request id of every invocation.
pub(super) const REQUEST: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// The name of the queue.
const JOBS: &str = "jobs.fifo";

/// The name of the queue of files, which needs no order.
const FETCHES: &str = "fetches";

/// An emulated SQS: messages stay in it until the test takes them out.
pub(super) struct JobQueue {
    url: String,
    entries: Arc<Mutex<Vec<Value>>>,
}

impl JobQueue {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let entries = Arc::<Mutex<Vec<Value>>>::default();
        let router = Router::new().fallback(take_in).with_state(Arc::clone(&entries));
        tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        Self { url, entries }
    }

    /// Takes out the messages, as SQS got them.
    pub(super) fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.entries.lock().unwrap())
    }
}

/// `SendMessageBatch`, the one call that functions make.
async fn take_in(State(kept): State<Arc<Mutex<Vec<Value>>>>, request: Request) -> Response {
    assert_eq!(request.headers()["x-amz-target"], "AmazonSQS.SendMessageBatch");
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let call: Value = serde_json::from_slice(&body).unwrap();
    let url = call["QueueUrl"].as_str().unwrap();
    assert!(url.ends_with(JOBS) || url.ends_with(FETCHES), "{call}");
    let entries = call["Entries"].as_array().unwrap().clone();
    let taken: Vec<Value> = entries
        .iter()
        .map(|entry| json!({ "Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": "" }))
        .collect();
    kept.lock().unwrap().extend(entries);
    let answer = json!({ "Successful": taken, "Failed": [] });
    ([("content-type", "application/x-amz-json-1.0")], answer.to_string()).into_response()
}
