//! A third provider, to show what one takes: this folder and its registration. Rows, rules, webhook routes, the config
//! file and the operator's commands know nothing of it.

mod client;
mod config;
mod service;
mod webhook;

use std::sync::Arc;

use serde_json::{Value, json};
use ventanilla::{
    config::file::ConfigFile,
    domain::channel::Access,
    whatsapp::{
        registry::{Registration, Registry},
        webhook_registry::WebhookRegistry,
    },
};

use crate::harness::{CONFIG, IdNumber as _, Stand, eventually};
use config::StubSecret;
use service::Service;

/// The stub, as everything outside this folder knows it.
static REGISTRATION: Registration = Registration {
    name: "stub",
    client: |http| Arc::new(client::Stub::new(http)),
    settings: config::SETTINGS,
    configure: config::configure,
    simulate: |_, _| false,
    secret_marks: &["stub_key"],
    secret: config::secret,
    is_own: |secret| secret.of::<StubSecret>().is_some(),
};

const ANA: &str = "+50212345678";
const SECRET: &str = "stub-callback-secret";
const KEY: &str = "stub-key";

fn registry() -> Registry {
    with_webhooks().providers()
}

fn with_webhooks() -> WebhookRegistry {
    WebhookRegistry::default().with(&REGISTRATION, &webhook::StubWebhooks)
}

/// The config of every stand, with channel 1 at the stub.
fn config(url: &str, more: &str) -> String {
    let (before, rest) = CONFIG.split_once("provider = \"meta\"\napp = \"demo\"\n").unwrap();
    let (_, after) = rest.split_once("graph_base_url = \"sandbox\"\n").unwrap();
    format!(
        "{before}provider = \"stub\"\nnumber = \"+15550100001\"\nstub_url = \"{url}\"\nstub_key = \"{KEY}\"\n\
         callback_secret = \"{SECRET}\"\n{more}{after}"
    )
}

/// A backend whose channel 1 is at the stub.
async fn at_the_stub() -> (Stand, Service) {
    let service = Service::start().await;
    let config = ConfigFile::parse_with(&config(&service.url, ""), &registry()).unwrap();
    let stand = Stand::start_among(config, with_webhooks()).await;
    service.calls_back(stand.base() + "/webhooks/stub/1/" + SECRET).await;
    (stand, service)
}

/// A customer writes to channel 1; gives the conversation.
async fn conversation(stand: &Stand, service: &Service) -> u64 {
    assert_eq!(service.customer_writes(ANA, "m-1", "hola").await, 200);
    stand.conversation_with(ANA).await["id"].id_number()
}

#[tokio::test]
async fn a_text_is_sent_and_its_statuses_come_back() {
    let (stand, service) = at_the_stub().await;
    let conversation = conversation(&stand, &service).await;
    assert_eq!(stand.reply(conversation, "buenas").await.status, 200);
    eventually("the text is delivered", async || {
        let messages = stand.messages(conversation).await;
        messages.into_iter().find(|it| it["text"] == "buenas" && it["status"] == "delivered")
    })
    .await;
    assert_eq!(service.got().await, [json!({ "to": "50212345678", "text": "buenas" })]);
    let shown = stand.api.get("/v1/channels/ch_1").await.json();
    assert_eq!(shown["provider"], "stub");
}

#[tokio::test]
async fn rejected_and_unsupported_requests_leave_nothing_behind() {
    let (stand, service) = at_the_stub().await;
    let conversation = conversation(&stand, &service).await;
    service.refuses_the_next("nobody").await;
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    let refused = stand.api.post(&path, &json!({ "content": "buenas" })).await;
    assert_eq!(
        (refused.json()["code"].as_str(), refused.json()["detail"].as_str()),
        (Some("provider_rejected"), Some("nobody"))
    );
    assert_eq!(stand.messages(conversation).await.len(), 1);
    // Its access says that no user id leads to a customer there.
    let body = json!({ "to": { "user_id": "GT.13491208655302741918" }, "text": "x" });
    let unsupported = stand.api.post("/v1/messages", &body).await;
    assert_eq!(unsupported.json()["code"], "unsupported", "{}", unsupported.text);
    assert!(
        unsupported.text.contains("Stub is not known to reach customers by a user id"),
        "{}",
        unsupported.text
    );
}

#[tokio::test]
async fn a_webhook_is_proven_by_the_secret_of_its_own_channel_and_kept_once() {
    let (stand, service) = at_the_stub().await;
    let api = stand.api.with_key(None);
    let message = json!({ "message": { "id": "m-1", "from": "50212345678", "text": "hola" } });
    for (path, status) in [
        ("/webhooks/stub/1/another-callback-secret", 401),
        ("/webhooks/stub/2/stub-callback-secret", 401),
        ("/webhooks/kaleyra/1/stub-callback-secret", 401),
        ("/webhooks/stub/demo", 404),
        ("/webhooks/nobody/1/stub-callback-secret", 404),
    ] {
        assert_eq!(api.post(path, &message).await.status, status, "{path}");
    }
    assert!(stand.conversations().await.is_empty());
    for _ in 0..2 {
        assert_eq!(service.customer_writes(ANA, "m-1", "hola").await, 200);
    }
    let place = stand.conversation_with(ANA).await;
    assert_eq!(place["unread_count"], 1);
    // What it does not know is kept as it came.
    assert_eq!(
        api.post(&format!("/webhooks/stub/1/{SECRET}"), &json!({ "weather": "rain" })).await.status,
        200
    );
    let rows = stand.rows().await;
    assert!(
        rows.values()
            .any(|row| row["row"]["S"] == "raw" && row["body"]["S"].as_str().unwrap().contains("rain"))
    );
}

#[tokio::test]
async fn its_fields_are_read_by_its_own_folder() {
    let parse = |more: &str| ConfigFile::parse_with(&config("https://stub.example/", more), &registry());
    let Access::Other(access) = parse("").unwrap().channels[0].channel(None).access else { panic!() };
    assert_eq!(Value::from(access.settings), json!({ "stub_url": "https://stub.example" }));
    for (more, says) in [
        ("sid = \"HX\"\n", "channel 1 has sid, which its provider does not know"),
        ("stub_url = 5\n", "line"),
    ] {
        let error = parse(more).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    let unknown = ConfigFile::parse(&config("https://stub.example", "")).unwrap_err().to_string();
    assert!(unknown.contains("expected `meta` or `kaleyra`"), "{unknown}");
    // Its secret is told from those of the others by its fields.
    let own = json!({ "stub_key": KEY, "callback_secret": SECRET }).to_string();
    let known = registry().secret(&own).unwrap();
    assert!((REGISTRATION.is_own)(&known) && Registry::default().secret(&own).is_none());
}
