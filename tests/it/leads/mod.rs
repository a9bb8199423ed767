//! ABC Sales's contract, as its clients see it.

mod files;
mod reading;
mod replies;
mod upserts;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};
use ventanilla::{
    config::file::ConfigFile,
    domain::health_check::{self, ChannelCheck, CheckOutcome},
    ports::{
        clock::Clock,
        store::{Record, Write},
    },
};

use crate::harness::{Answer, Client, DEMO_KEY, IdNumber as _, OTHER_KEY, Stand, config};

const ANA: &str = "+50212345678";
const BOB: &str = "+50287654321";

/// The id of the contact that a number of tenant `demo` writes from.
async fn contact(stand: &Stand, number: &str) -> u64 {
    stand.conversation_with(number).await["contact"]["id"].id_number()
}

/// Replies to a lead on a channel.
async fn reply(client: &Client, lead: &str, channel: u64, text: &str) -> Answer {
    let body = json!({ "content": text, "messaging_channel_connection_id": channel });
    client.post(&format!("/v1/leads/{lead}/conversations/reply"), &body).await
}

/// What was said to and by a lead, on all pages, newest first.
async fn said(client: &Client, lead: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/leads/{lead}/conversations?limit={limit}{after}");
        let page = client.get(&path).await.json();
        let entries = page["data"]["conversations"].as_array().unwrap_or_else(|| panic!("{page}"));
        all.extend(entries.iter().cloned());
        let Some(next) = page["meta"]["next_cursor"].as_str() else {
            assert!(page["meta"].is_null(), "{page}");
            return all;
        };
        assert_eq!(entries.len(), limit, "a page with a cursor is full: {page}");
        after = format!("&cursor={next}");
    }
}

/// Upserts a lead from a company's system; returns the stored lead.
async fn told(stand: &Stand, body: &Value) -> (u16, Value) {
    let answer = stand.api.post("/v1/webhooks/leads", body).await;
    (answer.status.as_u16(), answer.json()["data"]["lead"].clone())
}

#[tokio::test]
async fn connections_are_listed_word_for_word_as_documented() {
    let named = "number = \"+15550100001\"\nname = \"Main WhatsApp\"";
    let text = crate::harness::CONFIG.replace("number = \"+15550100001\"", named);
    let stand = Stand::start_with(ConfigFile::parse(&text).unwrap()).await;
    let answer = stand.api.get("/v1/messaging-channel-connections").await;
    let documented = r#"{
        "data": {
        "messaging_channel_connections": [
        {
        "id": 1,
        "name": "Main WhatsApp",
        "messaging_channel_id": "whatsapp",
        "default": true,
        "connected": true
        }
        ]
        }
        }"#;
    let documented: Value = serde_json::from_str(documented).unwrap();
    assert_eq!((answer.status.as_u16(), answer.text), (200, documented.to_string()));
    assert_eq!(answer.headers["content-type"], "application/json");
}

#[tokio::test]
async fn each_company_sees_its_own_connections_and_which_is_its_default() {
    let stand = Stand::start_with(config()).await;
    let other = stand.api.with_key(Some(OTHER_KEY)).get("/v1/messaging-channel-connections").await.json();
    let shape = |id: u64, name: &str, default: bool| json!({ "id": id, "name": name, "messaging_channel_id": "whatsapp", "default": default, "connected": true });
    let expected = [shape(2, "WhatsApp +15550100002", true), shape(3, "WhatsApp +15550100003", false)];
    assert_eq!(other, json!({ "data": { "messaging_channel_connections": expected } }));
}

#[tokio::test]
async fn the_state_of_a_check_from_before_the_provider_s_report_was_stored_apart_is_kept() {
    let stand = Stand::start().await;
    let connected = async || {
        let listed = stand.api.get("/v1/messaging-channel-connections").await.json();
        listed["data"]["messaging_channel_connections"][0]["connected"].clone()
    };
    assert_eq!(connected().await, true, "nobody looked yet");
    let outcomes = [(CheckOutcome::Failed, false), (CheckOutcome::Warned, true), (CheckOutcome::Fine, true)];
    for (rev, (outcome, expected)) in outcomes.into_iter().enumerate() {
        let check = ChannelCheck {
            tenant: Stand::tenant(),
            channel: "1".parse().unwrap(),
            checked_at: stand.clock.now(),
            outcome,
            barred: None,
            answer: health_check::CheckAnswer::Reported,
            quality: None,
            messaging_limit: None,
            rev: rev.try_into().unwrap(),
        };
        stand
            .running
            .functions
            .app
            .core
            .ports
            .ctx
            .store
            .commit(vec![Write::Put(Record::ChannelCheck(check))])
            .await
            .unwrap();
        assert_eq!(connected().await, expected, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_key_is_a_bearer_token_or_the_password_of_basic() {
    let stand = Stand::start().await;
    let nobody = stand.api.with_key(None);
    let with = async |path: &str, value: String| {
        nobody.call(Method::GET, path, &[("authorization", value.as_str())], Vec::new()).await
    };
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    let path = "/v1/messaging-channel-connections";
    for good in [
        format!("Bearer {DEMO_KEY}"),
        basic(format!(":{DEMO_KEY}")),
        basic(format!("anyone:{DEMO_KEY}")),
        basic(format!("anyone:{DEMO_KEY}")).replace("Basic", "basic"),
    ] {
        assert_eq!(with(path, good.clone()).await.status, 200, "{good}");
    }
    let unknown = format!("vk_{}", "u".repeat(43));
    for bad in [
        basic(format!("{DEMO_KEY}:")),
        basic(format!("anyone:{unknown}")),
        basic(format!("anyone:{DEMO_KEY}:")),
        basic(DEMO_KEY.to_owned()),
        format!("Basic {DEMO_KEY}"),
        "Basic".to_owned(),
    ] {
        let answer = with(path, bad.clone()).await;
        let code = answer.json()["error"]["code"].clone();
        assert_eq!((answer.status.as_u16(), code), (401, json!("unauthenticated")), "{bad}");
    }
    assert_eq!(nobody.get(path).await.status, 401);
    // The other contracts do not promise that.
    assert_eq!(with("/v1/conversations", basic(format!("anyone:{DEMO_KEY}"))).await.status, 401);
}
