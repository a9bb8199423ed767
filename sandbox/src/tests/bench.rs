//! A served sandbox, and a receiver that records the webhooks it gets.

use std::{
    collections::VecDeque,
    error::Error,
    future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{Router, extract::State, routing::post};
use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use sha2::Sha256;
use time::OffsetDateTime;
use tokio::net::TcpListener;

use super::at;
use crate::{
    BusinessNumber, Clock, GRAPH_MOUNT, KALEYRA_MOUNT, KaleyraApi, ProviderAccount, Sandbox, SandboxConfig,
    WebhookMethod, address::Address, serve,
};

pub(super) const TOKEN: &str = "token-of-the-first-number";
pub(super) const SECRET: &str = "app secret";
pub(super) const SID: &str = "HXAP1600000097IN";
pub(super) const API_KEY: &str = "Akey-of-the-account";
pub(super) const PHONE: &str = "525512345678";

/// One webhook as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) method: Method,
    pub(super) query: String,
    pub(super) signature: String,
    pub(super) bytes: Bytes,
}

/// The webhooks that the receiver got, and the statuses it responds with before it returns to 200.
#[derive(Debug, Clone, Default)]
struct Inbox(Arc<Mutex<(Vec<Received>, VecDeque<StatusCode>)>>);

pub(super) struct Bench {
    pub(super) sandbox: Sandbox,
    pub(super) client: reqwest::Client,
    pub(super) base: String,
    /// Where the receiver is.
    pub(super) hook: String,
    inbox: Inbox,
    /// Seconds by which the sandbox's clock is ahead of the machine's.
    ahead: Arc<AtomicU64>,
}

impl Bench {
    /// Two numbers at Meta of two companies, and three at Kaleyra of one account: 1003 on V2, 1004
    /// and 1005 on V1, of which 1005 gets its webhooks by GET. All send them to the receiver.
    pub(super) async fn start() -> Result<Self, Box<dyn Error>> {
        let client = client()?;
        let inbox = Inbox::default();
        let receiver = Router::new().route("/hook", post(receive).get(receive)).with_state(inbox.clone());
        let hook = format!("{}/hook", spawn(receiver).await?);
        let numbers = vec![
            number("1", meta(TOKEN), &hook),
            number("2", meta("token-of-the-second-number"), &hook),
            number("3", kaleyra(KaleyraApi::V2), &hook),
            number("4", kaleyra(KaleyraApi::V1), &hook),
            by_get(number("5", kaleyra(KaleyraApi::V1), &hook)),
        ];
        let ahead = Arc::new(AtomicU64::new(0));
        let config = SandboxConfig {
            status_delay: Duration::from_millis(1),
            clock: clock(&ahead),
            ..SandboxConfig::new(numbers)
        };
        let sandbox = Sandbox::new(config, client.clone());
        sandbox.set_retry_backoff(Duration::from_millis(1));
        let router = Router::new()
            .nest(GRAPH_MOUNT, sandbox.graph_router())
            .nest(KALEYRA_MOUNT, sandbox.kaleyra_router())
            .merge(sandbox.control_router());
        let base = spawn(router).await?;
        Ok(Self { sandbox, client, base, hook, inbox, ahead })
    }

    /// The same after [`PHONE`] has written to every number.
    pub(super) async fn with_customer() -> Result<Self, Box<dyn Error>> {
        let bench = Self::start().await?;
        bench.record_inbound(PHONE)?;
        Ok(bench)
    }

    /// Opens the service window of every number for a customer, without a message or a webhook.
    pub(super) fn record_inbound(&self, customer: &str) -> Result<(), Box<dyn Error>> {
        let address = Address::parse(customer).ok_or("no address")?;
        let mut state = self.sandbox.state();
        let phone = state.phones.get_or_create(&address);
        for number in self.sandbox.numbers() {
            phone.record_inbound(&number.phone_number_id, self.sandbox.clock().unix_now());
        }
        Ok(())
    }

    /// Lets time pass for the sandbox.
    pub(super) fn pass(&self, time: Duration) {
        self.ahead.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    /// Calls a control route; gives the status and the JSON of the answer.
    pub(super) async fn control(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<(u16, Value), Box<dyn Error>> {
        let url = format!("{}/sandbox/{path}", self.base);
        let response = self.client.request(method, url).body(body.to_string()).send().await?;
        let status = response.status().as_u16();
        Ok((status, serde_json::from_slice(&response.bytes().await?).unwrap_or_default()))
    }

    /// The first number sends this body.
    pub(super) async fn send(&self, body: &Value) -> Result<reqwest::Response, reqwest::Error> {
        self.graph("1001", TOKEN, body).await
    }

    /// A text from the first number to [`PHONE`].
    pub(super) async fn send_text(&self, text: &str) -> Result<reqwest::Response, reqwest::Error> {
        self.send(&text_body(text)).await
    }

    /// Any number sends anything with any token.
    pub(super) async fn graph(
        &self,
        phone_number_id: &str,
        token: &str,
        body: &Value,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let url = format!("{}{GRAPH_MOUNT}/v25.0/{phone_number_id}/messages", self.base);
        self.client.post(url).bearer_auth(token).json(body).send().await
    }

    /// What is on a phone.
    pub(super) async fn phone(&self, number: &str) -> Result<Value, Box<dyn Error>> {
        let (status, phone) = self.control(Method::GET, &format!("phones/{number}"), &Value::Null).await?;
        assert_eq!(status, 200, "{phone}");
        Ok(phone)
    }

    /// The receiver responds to the next webhooks with these statuses, one each.
    pub(super) fn answer_with(&self, statuses: impl IntoIterator<Item = StatusCode>) {
        self.inbox.lock(|(_, answers)| answers.extend(statuses));
    }

    /// All webhooks so far, once none is pending.
    pub(super) async fn webhooks(&self) -> Vec<Received> {
        self.sandbox.until_idle().await;
        self.received()
    }

    /// All webhooks so far, pending or not.
    pub(super) fn received(&self) -> Vec<Received> {
        self.inbox.lock(|(received, _)| received.clone())
    }

    /// The statuses of all webhooks so far, once none is pending.
    pub(super) async fn statuses(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let body = |webhook: &Received| {
            let value = webhook.value()?;
            Ok(at(&value, "/statuses/0/status").as_str().unwrap_or("none").to_owned())
        };
        self.webhooks().await.iter().map(body).collect()
    }
}

impl Received {
    /// The `value` of Meta's first change: `entry[0].changes[0].value`.
    pub(super) fn value(&self) -> Result<Value, serde_json::Error> {
        let payload: Value = serde_json::from_slice(&self.bytes)?;
        Ok(at(&payload, "/entry/0/changes/0/value").clone())
    }

    /// The flat fields of the query and of a form, in their order.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let query = form_urlencoded::parse(self.query.as_bytes()).into_owned();
        query.chain(form_urlencoded::parse(&self.bytes).into_owned()).collect()
    }

    /// The flat field of this name; empty when there is none.
    pub(super) fn field(&self, name: &str) -> String {
        let found = self.fields().into_iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value).unwrap_or_default()
    }

    /// Whether the signature is right for exactly these bytes.
    pub(super) fn is_genuine(&self) -> Result<bool, Box<dyn Error>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
        mac.update(&self.bytes);
        let digits = format!("{:064x}", mac.finalize().into_bytes());
        Ok(self.signature == format!("sha256={digits}"))
    }
}

impl Inbox {
    fn lock<T>(&self, change: impl FnOnce(&mut (Vec<Received>, VecDeque<StatusCode>)) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The machine's clock, moved ahead.
fn clock(ahead: &Arc<AtomicU64>) -> Clock {
    let ahead = Arc::clone(ahead);
    Clock::new(move || {
        let now: SystemTime = OffsetDateTime::now_utc().into();
        now + Duration::from_secs(ahead.load(Ordering::SeqCst))
    })
}

/// A text body for [`PHONE`].
pub(super) fn text_body(text: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": format!("+{PHONE}"), "type": "text",
        "text": {"body": text}, "biz_opaque_callback_data": "our-key"})
}

/// Serves a router on a free port for the rest of the test; gives its base URL.
pub(super) async fn spawn(router: Router) -> Result<String, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve::serve(listener, router, future::pending::<()>()));
    Ok(base)
}

/// A client for plain HTTP; it will not be built without some TLS provider.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    // An error means another test of this process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build()
}

async fn receive(
    State(inbox): State<Inbox>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> StatusCode {
    let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    let signature = signature.unwrap_or_default().to_owned();
    let query = uri.query().unwrap_or_default().to_owned();
    inbox.lock(|(received, answers)| {
        received.push(Received { method, query, signature, bytes });
        answers.pop_front().unwrap_or(StatusCode::OK)
    })
}

/// The number whose ids and digits end in `end`.
fn number(end: &str, provider: ProviderAccount, hook: &str) -> BusinessNumber {
    BusinessNumber {
        phone_number_id: format!("100{end}"),
        waba_id: format!("200{end}"),
        display_phone_number: format!("521550000000{end}"),
        provider,
        webhook_url: hook.into(),
        webhook_method: WebhookMethod::Post,
    }
}

fn by_get(number: BusinessNumber) -> BusinessNumber {
    BusinessNumber { webhook_method: WebhookMethod::Get, ..number }
}

fn meta(token: &str) -> ProviderAccount {
    ProviderAccount::Meta { access_token: token.into(), app_secret: SECRET.into() }
}

fn kaleyra(api: KaleyraApi) -> ProviderAccount {
    ProviderAccount::Kaleyra { api, sid: SID.into(), api_key: API_KEY.into() }
}
