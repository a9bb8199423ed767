//! A whole backend for one test: its own store, sandbox, clock and port.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{net::TcpListener, sync::Mutex};
use ventanilla::{
    api::app::App,
    assembly::AppParts,
    aws::dynamodb::Table,
    config::file::ConfigFile,
    domain::{caller::hex, id::TenantId, settings::Settings, time::Timestamp},
    ports::clock::{Clock, Deadline},
    system::SystemEntropy,
    usecases::{Ports, reconcile::Swept},
    whatsapp::{http::client, webhook_registry::WebhookRegistry},
};
use ventanilla_local::{
    functions::{FunctionPorts, Functions},
    replay::Replayer,
    server::{LocalServer, Options, TABLE, start},
    store::{self, Data, LocalStore},
    stream::{RecordBatch, Stream},
};
use ventanilla_sandbox::{Fault as ProviderFault, FaultRule, GRAPH_MOUNT, serve::Timeouts};

use super::{Client, HeldQueue, IdNumber as _, Tap, TestClock};

/// The key of tenant `demo`.
pub(crate) const DEMO_KEY: &str = "vk_ZGVtby1rZXktZm9yLXRoaXMtbWFjaGluZS1vbmx5ISE";
/// The key of tenant `other`.
pub(crate) const OTHER_KEY: &str = "vk_b3RoZXIta2V5LWZvci10aGlzLW1hY2hpbmUtb25seSE";

/// A signature that the embedded store does not check.
const UNCHECKED: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/// What rows of an earlier version call the address of their server.
const SERVER: &str = "http://server.invalid";

/// Two tenants with a channel each under one app, and a second app with a channel of tenant `other`.
pub(crate) const CONFIG: &str = r#"
[[tenants]]
id = "demo"
default_channel = 1
bot = true
handoff_phrases = ["hablar con humano"]
[[tenants.keys]]
name = "demo"
key = "vk_ZGVtby1rZXktZm9yLXRoaXMtbWFjaGluZS1vbmx5ISE"
scopes = ["send", "read", "admin"]
[[tenants.keys]]
name = "read-only"
key = "vk_cmVhZC1vbmx5LWtleS1mb3ItdGhpcy1tYWNoaW5lISE"
scopes = ["read"]

[[tenants]]
id = "other"
default_channel = 2
[[tenants.keys]]
name = "other"
key = "vk_b3RoZXIta2V5LWZvci10aGlzLW1hY2hpbmUtb25seSE"
scopes = ["send", "read", "admin"]

[[apps]]
id = "demo"
app_secret = "demo-app-secret"
previous_app_secret = "previous-app-secret"
verify_token = "demo-verify-token"

[[apps]]
id = "second"
app_secret = "second-app-secret"
verify_token = "second-verify-token"

[[channels]]
id = 1
tenant = "demo"
provider = "meta"
app = "demo"
phone_number_id = "1001"
waba_id = "2001"
number = "+15550100001"
access_token = "token-1"
graph_base_url = "sandbox"

[[channels]]
id = 2
tenant = "other"
provider = "meta"
app = "demo"
phone_number_id = "1002"
waba_id = "2002"
number = "+15550100002"
access_token = "token-2"
graph_base_url = "sandbox"

[[channels]]
id = 3
tenant = "other"
provider = "meta"
app = "second"
phone_number_id = "1003"
waba_id = "2003"
number = "+15550100003"
access_token = "token-3"
graph_base_url = "sandbox"

[local]
assume_key = "demo"
"#;

/// The config of every stand.
pub(crate) fn config() -> ConfigFile {
    ConfigFile::parse(CONFIG).unwrap()
}

/// Everything that one test needs.
pub(crate) struct Stand {
    pub(crate) running: LocalServer,
    pub(crate) clock: Arc<TestClock>,
    /// A client with the key of tenant `demo`.
    pub(crate) api: Client,
    /// The way to the store; counts and disturbs what passes.
    pub(crate) tap: Tap,
    store: LocalStore,
    stream: Mutex<Option<Stream>>,
    config: Arc<ConfigFile>,
    http: reqwest::Client,
}

/// The same functions over these ports.
pub(crate) fn over(functions: &Functions, ports: Ports) -> Functions {
    Functions::new(App::new(ports, functions.app.assumed.clone()), functions.ports.clone())
}

/// Functions of its own on the same table: its calls are counted and disturbed apart from all others.
pub(crate) struct Actor {
    pub(crate) functions: Functions,
    pub(crate) tap: Tap,
    /// The jobs that it enqueued; no worker runs them.
    pub(crate) queue: Arc<HeldQueue>,
}

impl Stand {
    /// Starts a stand with the usual config.
    pub(crate) async fn start() -> Self {
        Self::start_with(config()).await
    }

    /// Starts one with another config.
    pub(crate) async fn start_with(config: ConfigFile) -> Self {
        Self::start_set(&Data::Memory, config, Settings::default(), None).await
    }

    /// Starts a stand with other providers.
    pub(crate) async fn start_among(config: ConfigFile, providers: WebhookRegistry) -> Self {
        let among = |options: &mut Options| options.providers = providers;
        Self::start_changed(&Data::Memory, config, Settings::default(), None, among).await
    }

    /// Starts a stand whose clock is frozen at this time until it is moved, and where statuses come only
    /// while the test waits for them.
    pub(crate) async fn start_still(config: ConfigFile, at: Timestamp) -> Self {
        let (store, listener) = (store::open(&Data::Memory).await.unwrap(), listener().await);
        let (clock, settings) = (TestClock::still(at), Settings::default());
        let stand = Self::start_at(store, listener, clock, config, settings, None, |_| {}).await;
        stand.running.sandbox.pause_statuses();
        stand
    }

    /// Starts one that keeps its data in a folder.
    pub(crate) async fn start_in(folder: PathBuf) -> Self {
        Self::start_set(&Data::Folder(folder), config(), Settings::default(), None).await
    }

    /// Starts a stand that follows the table by itself, so that events are pushed to sockets.
    pub(crate) async fn start_live() -> Self {
        Self::start_live_with_settings(Settings::default()).await
    }

    /// Starts one like that with other settings.
    pub(crate) async fn start_live_with_settings(settings: Settings) -> Self {
        Self::start_set(&Data::Memory, config(), settings, Some(Duration::from_millis(10))).await
    }

    /// Starts one that follows the table by itself, but looks at nothing that the server did not write itself.
    pub(crate) async fn start_heedless() -> Self {
        Self::start_set(&Data::Memory, config(), Settings::default(), Some(Duration::from_hours(1000))).await
    }

    /// Starts one with other settings.
    pub(crate) async fn start_with_settings(settings: Settings) -> Self {
        Self::start_set(&Data::Memory, config(), settings, None).await
    }

    /// Starts one that waits no longer than this for what a client sends.
    pub(crate) async fn start_impatient(longest: Duration) -> Self {
        let patience = Timeouts { headers: longest, body: longest };
        let impatient = |options: &mut Options| options.timeouts = patience;
        Self::start_changed(&Data::Memory, config(), Settings::default(), None, impatient).await
    }

    /// Starts one that follows the table by itself and answers so many requests at a time.
    pub(crate) async fn start_narrow(most_at_once: usize) -> Self {
        let narrow = |options: &mut Options| options.max_concurrent_requests = most_at_once;
        let follow_every = Some(Duration::from_millis(10));
        Self::start_changed(&Data::Memory, config(), Settings::default(), follow_every, narrow).await
    }

    /// Starts one on a table as an earlier version left it at that time. What its rows call [`SERVER`] is this server.
    pub(crate) async fn start_on(rows: &str, left_at: Timestamp) -> Self {
        let (store, listener) = (store::open(&Data::Memory).await.unwrap(), listener().await);
        let http = client().unwrap();
        let table = Table::new(store.aws.dynamodb(&http), TABLE.to_owned(), Arc::new(SystemEntropy));
        table.create_if_missing().await.unwrap();
        let rows = rows.replace(SERVER, &format!("http://{}", listener.local_addr().unwrap()));
        let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
        for rows in rows.chunks(25) {
            put_rows(&http, &store, rows).await;
        }
        let clock = TestClock::default();
        clock.set(left_at);
        Self::start_at(store, listener, clock, config(), Settings::default(), None, |_| {}).await
    }

    async fn start_set(
        data: &Data,
        config: ConfigFile,
        settings: Settings,
        follow_every: Option<Duration>,
    ) -> Self {
        Self::start_changed(data, config, settings, follow_every, |_| {}).await
    }

    async fn start_changed(
        data: &Data,
        config: ConfigFile,
        settings: Settings,
        follow_every: Option<Duration>,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let (store, listener) = (store::open(data).await.unwrap(), listener().await);
        let clock = TestClock::default();
        Box::pin(Self::start_at(store, listener, clock, config, settings, follow_every, change)).await
    }

    async fn start_at(
        store: LocalStore,
        listener: TcpListener,
        clock: TestClock,
        config: ConfigFile,
        settings: Settings,
        follow_every: Option<Duration>,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        super::logging::begin();
        let clock = Arc::new(clock);
        let tap = Tap::start(store.aws.dynamodb_endpoint.clone().unwrap()).await;
        let kept = Arc::new(config.clone());
        let mut options = Options::new(listener, Data::Endpoint(tap.url.clone()), config);
        options.clock = clock.clone();
        options.settings = settings;
        options.status_delay = Duration::from_millis(1);
        // The tests sweep by hand.
        options.sweep_interval = Duration::from_hours(1000);
        // And most follow the table by hand.
        options.max_poll_interval = follow_every;
        change(&mut options);
        let running = start(options).await.unwrap();
        running.sandbox.set_retry_backoff(Duration::from_millis(20));
        let http = client().unwrap();
        let api = Client::new(http.clone(), format!("http://{}", running.address), Some(DEMO_KEY));
        Self { running, clock, api, tap, store, stream: Mutex::default(), config: kept, http }
    }

    /// A function of its own, as Lambda would start one.
    pub(crate) async fn actor(&self) -> Actor {
        let tap = Tap::start(self.store.aws.dynamodb_endpoint.clone().unwrap()).await;
        let mut aws = self.store.aws.clone();
        aws.dynamodb_endpoint = Some(tap.url.clone());
        let entropy = Arc::new(SystemEntropy);
        let queue = Arc::new(HeldQueue::default());
        let shared = &self.running.functions;
        let parts = AppParts {
            web: shared.app.core.ports.web.clone(),
            table: Table::new(aws.dynamodb(&self.http), TABLE.to_owned(), entropy.clone()),
            http: self.http.clone(),
            providers: shared.ports.providers.providers(),
            secrets: None,
            file: Some(Arc::clone(&self.config)),
            clock: self.clock.clone(),
            entropy,
            settings: Settings::default(),
        };
        let own = FunctionPorts { queue: queue.clone(), ..shared.ports.clone() };
        Actor { functions: Functions::new(App::new(parts.ports(), None), own), tap, queue }
    }

    /// Takes archived webhooks in again.
    pub(crate) fn replayer(&self) -> Replayer {
        let ports = &self.running.functions.app.core.ports;
        Replayer::new(
            ports,
            Arc::new(self.running.table.clone()),
            self.running.functions.ports.providers.clone(),
        )
    }

    /// Uploads a file at Meta for the first number; gives its media id.
    pub(crate) async fn upload(&self, mime_type: &str) -> String {
        let form = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n\
             --edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\
             Content-Type: {mime_type}\r\n\r\ncontent\r\n--edge--\r\n"
        );
        let headers =
            [("authorization", "Bearer token-1"), ("content-type", "multipart/form-data; boundary=edge")];
        let path = format!("{GRAPH_MOUNT}/v23.0/1001/media");
        let answer =
            self.api.with_key(None).call(http::Method::POST, &path, &headers, form.into_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The server's own address.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.running.address)
    }

    /// A customer with this number writes; gives the id of the conversation.
    pub(crate) async fn customer_writes(&self, number: &str, text: &str) -> u64 {
        let path = format!("/sandbox/phones/{number}/messages");
        let answer = self.api.post(&path, &json!({ "text": text })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.conversation_with(number).await["id"].id_number()
    }

    /// A customer has written to the number of channel 1, and its webhook was not delivered: WhatsApp
    /// accepts whatever is sent to them in the next 24 hours, and the backend does not know them yet.
    pub(crate) async fn window_opens(&self, customer: &str) {
        self.window_opens_at(customer, &json!({})).await;
    }

    /// The same at another number, `{"to": …}`, or at another time.
    pub(crate) async fn window_opens_at(&self, customer: &str, more: &Value) {
        let mut message = json!({ "text": "hola", "webhook": false });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self.api.post(&format!("/sandbox/phones/{customer}/messages"), &message).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// The conversation of tenant `demo` with a number.
    pub(crate) async fn conversation_with(&self, number: &str) -> Value {
        let found = self.conversations().await.into_iter().find(|it| it["contact"]["phone_number"] == number);
        found.unwrap_or_else(|| panic!("no conversation with {number}"))
    }

    /// The conversations of tenant `demo`.
    pub(crate) async fn conversations(&self) -> Vec<Value> {
        let answer = self.api.get("/v1/conversations?limit=100").await;
        answer.json()["data"].as_array().unwrap().clone()
    }

    /// The messages of a conversation of tenant `demo`, oldest first.
    pub(crate) async fn messages(&self, conversation: u64) -> Vec<Value> {
        let answer = self.api.get(&format!("/v1/conversations/{conversation}/messages?limit=100")).await;
        let mut messages = answer.json()["data"].as_array().unwrap().clone();
        messages.reverse();
        messages
    }

    /// Replies in the PHP bot's contract.
    pub(crate) async fn reply(&self, conversation: u64, text: &str) -> super::Answer {
        self.api.post(&format!("/api/conversations/{conversation}/reply"), &json!({ "message": text })).await
    }

    /// The texts that a phone got.
    pub(crate) async fn phone_got(&self, number: &str) -> Vec<String> {
        let phone = self.api.get(&format!("/sandbox/phones/{number}")).await.json();
        let all = phone["messages"].as_array().unwrap().iter();
        let got = all.filter(|message| message["direction"] == "received");
        got.map(|message| message["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Scripts the provider's next answer.
    pub(crate) fn provider_will(&self, fault: ProviderFault) {
        self.running.sandbox.inject(FaultRule::new(fault));
    }

    /// Sweeps once, as the schedule does every minute.
    pub(crate) async fn sweep(&self) -> Swept {
        let deadline = Deadline(self.clock.now().plus(Duration::from_mins(1)));
        reconcile::handle(&self.running.functions.reconcile, deadline).await.unwrap()
    }

    /// What is new in the table's stream; it comes again until it is said to be done.
    pub(crate) async fn news(&self) -> Option<RecordBatch> {
        let mut stream = self.stream.lock().await;
        if stream.is_none() {
            let endpoint = self.store.aws.dynamodb_endpoint.clone().unwrap();
            *stream = Some(Stream::open(self.http.clone(), endpoint).await.unwrap());
        }
        stream.as_mut().unwrap().next().await.unwrap()
    }

    /// Says that a batch is done.
    pub(crate) async fn heard(&self, batch: RecordBatch) {
        self.stream.lock().await.as_mut().unwrap().commit(batch.position).await.unwrap();
    }

    /// Follows the table's stream to its end, as Lambda would.
    pub(crate) async fn follow(&self) {
        while let Some(batch) = self.news().await {
            let response = push::handle(&self.running.functions.push, batch.event.clone()).await;
            assert!(response.batch_item_failures.is_empty());
            self.heard(batch).await;
        }
    }

    /// Posts a webhook of an app, signed with a secret.
    pub(crate) async fn callback(&self, app: &str, secret: &str, body: &Value) -> super::Answer {
        let body = body.to_string();
        let signature = signed(secret, body.as_bytes());
        let headers = [("x-hub-signature-256", signature.as_str())];
        let path = format!("/webhooks/meta/{app}");
        self.api.with_key(None).call(http::Method::POST, &path, &headers, body.into_bytes()).await
    }

    /// Every row of the table as it is, by key. Only a test may look at it this way.
    pub(crate) async fn rows(&self) -> BTreeMap<String, Value> {
        table_rows(&self.http, &self.store).await
    }

    /// Writes a row past all rules.
    pub(crate) async fn put_row(&self, row: &Value) {
        self.store_call("PutItem", json!({ "TableName": TABLE, "Item": row })).await;
    }

    /// Writes up to 25 rows past all rules.
    pub(crate) async fn put_rows(&self, rows: &[Value]) {
        put_rows(&self.http, &self.store, rows).await;
    }

    /// Takes a row away past all rules.
    pub(crate) async fn drop_row(&self, pk: &str, sk: &str) {
        let key = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        self.store_call("DeleteItem", json!({ "TableName": TABLE, "Key": key })).await;
    }

    /// The numbers of all rows that the stream still has, whether they were followed or not.
    pub(crate) async fn stream_numbers(&self) -> Vec<String> {
        let listed = self.stream_call("ListStreams", json!({ "TableName": TABLE })).await;
        let arn = &listed["Streams"][0]["StreamArn"];
        let described = self.stream_call("DescribeStream", json!({ "StreamArn": arn })).await;
        let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
        let begin = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let begin = self.stream_call("GetShardIterator", begin).await;
        let asked = json!({ "ShardIterator": begin["ShardIterator"], "Limit": 1000 });
        let found = self.stream_call("GetRecords", asked).await;
        let records = found["Records"].as_array().unwrap_or_else(|| panic!("{found}")).iter();
        records.map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()).collect()
    }

    async fn store_call(&self, operation: &str, asked: Value) -> Value {
        self.call_target(&format!("DynamoDB_20120810.{operation}"), asked).await
    }

    async fn stream_call(&self, operation: &str, asked: Value) -> Value {
        self.call_target(&format!("DynamoDBStreams_20120810.{operation}"), asked).await
    }

    async fn call_target(&self, target: &str, asked: Value) -> Value {
        ask(&self.http, &self.store, target, asked).await
    }

    /// The tenant that most tests are about.
    pub(crate) fn tenant() -> TenantId {
        "demo".parse().unwrap()
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

async fn put_rows(http: &reqwest::Client, store: &LocalStore, rows: &[Value]) {
    let puts: Vec<Value> = rows.iter().map(|row| json!({ "PutRequest": { "Item": row } })).collect();
    let asked = json!({ "RequestItems": { TABLE: puts } });
    let answer = ask(http, store, "DynamoDB_20120810.BatchWriteItem", asked).await;
    assert_eq!(answer["UnprocessedItems"], json!({}), "{answer}");
}

/// Every row of a store's table as it is, by key.
pub(crate) async fn table_rows(http: &reqwest::Client, store: &LocalStore) -> BTreeMap<String, Value> {
    let mut rows = BTreeMap::new();
    let mut start = Value::Null;
    loop {
        let mut asked = json!({ "TableName": TABLE });
        if !start.is_null() {
            asked["ExclusiveStartKey"] = start;
        }
        let page = ask(http, store, "DynamoDB_20120810.Scan", asked).await;
        for item in page["Items"].as_array().unwrap_or_else(|| panic!("{page}")) {
            let key = format!("{} {}", item["pk"]["S"], item["sk"]["S"]);
            rows.insert(key, item.clone());
        }
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            return rows;
        }
    }
}

/// Asks the store past the application.
async fn ask(http: &reqwest::Client, store: &LocalStore, target: &str, asked: Value) -> Value {
    let request = http
        .post(store.aws.dynamodb_endpoint.clone().unwrap())
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", target)
        .header("authorization", UNCHECKED)
        .header("x-amz-date", "20260101T000000Z")
        .body(asked.to_string());
    let answer = http.execute(request.build().unwrap()).await.unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// The signature header of a body.
pub(crate) fn signed(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}
