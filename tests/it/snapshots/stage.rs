//! The functions' handlers side by side, on an embedded table, with a frozen clock. Whoever moves a part of
//! the application finds its assembly for these tests here and nowhere else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
};
use http::{Method, Request};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tower::ServiceExt;
use ventanilla::{
    api::app::App,
    assembly::AppParts,
    aws::{
        dynamodb::Table,
        s3::S3,
        sqs::{FetchSqs, Sqs},
        websocket::GatewayConnections,
    },
    config::file::ConfigFile,
    domain::{caller::hex, settings::Settings},
    ports::{
        clock::{Clock, Deadline, Entropy},
        store::{Commit, Record, Write},
    },
    system::SystemEntropy,
    whatsapp::{http::client, registry::Registry, url_guard::Internet, webhook_registry::WebhookRegistry},
};
use ventanilla_local::{
    bucket::LocalBucket,
    functions::{FunctionPorts, Functions},
    provision::provision,
    sandbox_numbers::simulated_urls,
    server::TABLE,
    store::{self, Data, LocalStore},
    stream::Stream,
};

use super::{
    joined,
    outside::{FETCHES, JOBS, Outside},
    rows,
};
use crate::harness::{CONFIG, DEMO_KEY, IdNumber as _, TestClock, signed, table_rows};

/// When every scene begins.
const BEGIN: &str = "2026-03-03T10:30:00Z";

/// How much later each step is than the one before.
const TICK: Duration = Duration::from_secs(1);

/// What each server's address is called in the files.
const SERVER: &str = "http://server.invalid";

/// A channel at Kaleyra, of tenant `other`.
const AT_KALEYRA: &str = r#"
[[channels]]
id = 4
tenant = "other"
provider = "kaleyra"
api = "v2"
waba_id = "2004"
number = "+15550100004"
name = "Kaleyra"
sid = "HXTEST0000000001IN"
api_key = "key-of-kaleyra-4"
callback_secret = "callback-secret-4"
base_url = "sandbox"

[local]"#;

/// Numbers that differ from each other and are known by their beginning and their end. The low bits, which ids are made
/// with, are always the same: so an id says when it was made, however many numbers were drawn before.
#[derive(Default)]
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn next_u64(&self) -> u64 {
        0xfeed_0000_0000_05a5 | (self.0.fetch_add(1, Ordering::Relaxed) << 12)
    }
}

/// Everything of one scene.
pub(super) struct Stage {
    functions: Functions,
    clock: Arc<TestClock>,
    outside: Outside,
    router: Router,
    http: reqwest::Client,
    store: LocalStore,
    stream: Mutex<Stream>,
    words: Mutex<Vec<(String, String)>>,
    /// How much of what was queued was worked at.
    worked: Mutex<usize>,
}

impl Stage {
    pub(super) async fn start() -> Self {
        let (store, http) = (store::open(&Data::Memory).await.unwrap(), client().unwrap());
        let (listener, url) = Outside::bind().await;
        let clock = Arc::new(TestClock::still(BEGIN.parse().unwrap()));
        let text = CONFIG.replacen("[local]", AT_KALEYRA.trim_start(), 1);
        let config = ConfigFile::parse(&text).unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(Counted::default());
        let table = Table::new(store.client(&http), TABLE.to_owned(), Arc::clone(&entropy));
        table.create_if_missing().await.unwrap();
        provision(&table, &config, Some(&simulated_urls(&url)), || {}).await.unwrap();
        let bucket = LocalBucket::new(None, clock.clone(), &SystemEntropy);
        let mut aws = store.aws.clone();
        aws.sqs_endpoint = Some(url.clone());
        let function_ports = FunctionPorts {
            queue: Arc::new(Sqs::new(aws.sqs(&http), format!("{url}{JOBS}"), Arc::clone(&entropy))),
            fetches: Arc::new(FetchSqs::new(aws.sqs(&http), format!("{url}{FETCHES}"))),
            connections: Arc::new(GatewayConnections::new(aws.sockets(&http, url.clone()))),
            bucket: Arc::new(S3::new(http.clone(), bucket.at(&url), clock.clone())),
            providers: WebhookRegistry::default(),
        };
        let parts = AppParts {
            web: Arc::new(Internet::open()),
            table,
            http: http.clone(),
            providers: Registry::default(),
            secrets: None,
            file: Some(Arc::new(config)),
            clock: clock.clone(),
            entropy,
            settings: Settings::default(),
        };
        let functions = Functions::new(App::new(parts.ports(), None), function_ports);
        let outside = Outside::start(listener, url.clone(), bucket.router());
        let stream = Stream::open(http.clone(), store.aws.dynamodb_endpoint.clone().unwrap()).await.unwrap();
        let words = vec![(url, SERVER.to_owned())];
        Self {
            router: functions.api().merge(functions.webhook()),
            functions,
            clock,
            outside,
            http,
            store,
            stream: Mutex::new(stream),
            words: Mutex::new(words),
            worked: Mutex::default(),
        }
    }

    /// Moves the clock forward.
    pub(super) fn later(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// The time now, in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().millis()
    }

    /// Makes a call with the key of tenant `demo`; gives the status and the body.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> (u16, Value) {
        let mut request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {DEMO_KEY}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        self.clock.advance(TICK);
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// A POST that succeeds.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, &[], body).await;
        assert!((200..300).contains(&status), "{path} {body}: {status} {answer}");
        answer
    }

    /// A POST that is rejected.
    pub(super) async fn post_fails(&self, path: &str, body: &Value) {
        let (status, answer) = self.call(Method::POST, path, &[], body).await;
        assert!(status >= 400, "{path} {body}: {status} {answer}");
    }

    /// A GET that succeeds.
    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call(Method::GET, path, &[], &Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// A call whose end no caller waits for.
    pub(super) async fn post_abandoned(&self, path: &str, body: &Value) {
        let call = self.post(path, body);
        tokio::time::timeout(Duration::from_millis(700), call).await.unwrap_err();
        self.clock.advance(TICK);
    }

    /// A webhook of Meta's with this body, signed.
    pub(super) async fn webhook(&self, body: &Value) {
        let signature = signed("demo-app-secret", body.to_string().as_bytes());
        let headers = [("x-hub-signature-256", signature.as_str())];
        let (status, answer) = self.call(Method::POST, "/webhooks/meta/demo", &headers, body).await;
        assert_eq!(status, 200, "{body}: {answer}");
    }

    /// A webhook with some fields of its value.
    pub(super) async fn told(&self, value: Value) {
        let whole = joined(
            json!({ "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550100001", "phone_number_id": "1001" } }),
            value,
        );
        let change = json!({ "field": "messages", "value": whole });
        let entry = json!([{ "id": "2001", "changes": [change] }]);
        self.webhook(&json!({ "object": "whatsapp_business_account", "entry": entry })).await;
    }

    /// A customer writes a message of this id.
    pub(super) async fn writes(&self, from: &str, wamid: &str, more: Value) {
        let contact = json!({ "wa_id": &from[1..], "profile": { "name": format!("Customer {wamid}") } });
        let message = joined(
            json!({ "from": &from[1..], "id": wamid, "timestamp": (self.now() / 1000).to_string() }),
            more,
        );
        self.told(json!({ "contacts": [contact], "messages": [message] })).await;
    }

    /// A customer writes a text; gives the conversation.
    pub(super) async fn writes_text(&self, from: &str, wamid: &str, text: &str) -> u64 {
        self.writes(from, wamid, json!({ "type": "text", "text": { "body": text } })).await;
        let all = self.get("/v1/conversations?limit=100").await;
        let all = all["data"].as_array().unwrap();
        all.iter().find(|it| it["contact"]["phone_number"] == from).unwrap()["id"].id_number()
    }

    /// Does what is queued, until nothing is.
    pub(super) async fn work(&self) {
        loop {
            let next = {
                let heard = self.outside.heard.lock().unwrap();
                let worked = &mut self.worked.try_lock().unwrap();
                let next = heard.queued.get(**worked).cloned();
                **worked += usize::from(next.is_some());
                next
            };
            let Some((queue, entry)) = next else { return };
            let event = json!({ "Records": [{ "messageId": "0", "body": entry["MessageBody"], "attributes": {},
                "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "us-east-1" }] });
            let failed = if queue == JOBS {
                let event = serde_json::from_value(event).unwrap();
                worker::handle(&self.functions.worker, event, self.deadline()).await.batch_item_failures
            } else {
                let event = serde_json::from_value(event).unwrap();
                fetch::handle(&self.functions.fetch, event, self.deadline()).await.batch_item_failures
            };
            assert!(failed.is_empty(), "{entry}");
            self.clock.advance(TICK);
        }
    }

    /// Looks at everything that is due.
    pub(super) async fn sweep(&self) {
        reconcile::handle(&self.functions.reconcile, self.deadline()).await.unwrap();
        self.clock.advance(TICK);
    }

    /// Syncs the lists of templates.
    pub(super) async fn sync_templates(&self) {
        let core = &self.functions.app.core;
        sync_templates::handle(core.ports.template_caches.as_ref(), &core.templates, self.deadline())
            .await
            .unwrap();
        self.clock.advance(TICK);
    }

    /// Follows the table's stream to its end.
    pub(super) async fn follow(&self) {
        let mut stream = self.stream.lock().await;
        while let Some(batch) = stream.next().await.unwrap() {
            let response = push::handle(&self.functions.push, batch.event).await;
            assert!(response.batch_item_failures.is_empty());
            stream.commit(batch.position).await.unwrap();
        }
        self.clock.advance(TICK);
    }

    /// From now on the file that is late can be had.
    pub(super) fn late_file_comes(&self) {
        self.outside.heard.lock().unwrap().late_file_came = true;
    }

    /// Something comes from the gateway of the sockets.
    pub(super) async fn gateway(
        &self,
        socket: &str,
        kind: &str,
        query: &[(&str, &str)],
        body: Option<(&str, &str)>,
    ) -> i64 {
        // It is looked at once earlier ones would have come.
        let came_at = self.now();
        self.clock.advance(TICK);
        let query: serde_json::Map<String, Value> =
            query.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
        let single: serde_json::Map<String, Value> =
            query.iter().map(|(name, value)| (name.clone(), value[0].clone())).collect();
        let (name, text) = body.unzip();
        let event = json!({
            "headers": {}, "multiValueHeaders": {}, "isBase64Encoded": false, "body": text,
            "queryStringParameters": single, "multiValueQueryStringParameters": query,
            "requestContext": { "eventType": kind, "connectionId": socket, "messageId": name, "connectedAt": came_at,
                "requestTimeEpoch": came_at, "requestId": "r", "extendedRequestId": "r", "stage": "live", "apiId": "x",
                "domainName": "x", "identity": { "sourceIp": "203.0.113.10" } },
        });
        let event = serde_json::from_value(event).unwrap();
        socket::handle(&self.functions.socket, event, self.deadline()).await.status_code
    }

    /// Writes records past all use cases, one after the other.
    pub(super) async fn commit(&self, records: impl IntoIterator<Item = Record>) {
        for record in records {
            let ended =
                self.functions.app.core.ports.ctx.store.commit(vec![Write::Put(record)]).await.unwrap();
            assert_eq!(ended, Commit::Committed);
            self.clock.advance(TICK);
        }
    }

    /// Has the files say `word` for the hash of something that is made of random numbers.
    pub(super) async fn hides_hash(&self, random: &str, word: &str) {
        let hash = hex(&Sha256::digest(random.as_bytes()));
        self.words.lock().await.push((hash, word.to_owned()));
    }

    /// The table, as text.
    pub(super) async fn rows(&self) -> String {
        let rows = table_rows(&self.http, &self.store).await;
        rows::shown(&rows, &self.words.lock().await)
    }

    /// The messages that were put into the queues, as SQS got them.
    pub(super) async fn queued(&self) -> String {
        let entries: Vec<String> = self
            .outside
            .heard
            .lock()
            .unwrap()
            .queued
            .iter()
            .map(|(queue, entry)| format!("{queue} {entry}\n"))
            .collect();
        rows::steady(&entries.concat(), &self.words.lock().await)
    }

    /// The frames that were sent to sockets, as API Gateway got them. Taken out, so that the next call
    /// returns the following ones.
    pub(super) async fn frames(&self) -> String {
        let mut frames = std::mem::take(&mut self.outside.heard.lock().unwrap().frames);
        // Each socket's own order counts; they are served side by side.
        frames.sort_by(|(one, _), (other, _)| one.cmp(other));
        let lines: Vec<String> =
            frames.iter().map(|(socket, frame)| format!("  {socket} {frame}\n")).collect();
        rows::steady(&lines.concat(), &self.words.lock().await)
    }

    fn deadline(&self) -> Deadline {
        Deadline(self.clock.now().plus(Duration::from_mins(2)))
    }
}
