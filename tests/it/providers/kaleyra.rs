//! Kaleyra's responses, and the outcomes that follow from them.

use axum::{Router, body::to_bytes, extract::Request};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use ventanilla::{
    config::file::ConfigFile,
    domain::channel::{Access, KaleyraApi},
};
use ventanilla_sandbox::{Fault, serve::serve};

use crate::harness::{CALLBACK_SECRET, CONFIG, Carrier, KALEYRA_KEY, OTHER_KEY, SID, Stand};

const ANA: &str = "+50212345678";

fn will_answer(stand: &Stand, code: &str) {
    stand.provider_will(Fault::Kaleyra { code: code.to_owned(), http_status: None });
}

async fn scene(carrier: Carrier) -> (Stand, String) {
    let stand = Stand::start_with(carrier.config()).await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    (stand, format!("/api/whatsapp/conversations/{conversation}/messages"))
}

/// The kinds of the events in the log, with what they are about.
async fn events(stand: &Stand, kind: &str) -> Vec<Value> {
    let rows = stand.rows().await;
    rows.values().filter(|row| row["row"]["S"] == "event" && row["kind"]["S"] == kind).cloned().collect()
}

#[tokio::test]
async fn each_documented_failure_has_its_reason() {
    let (stand, path) = scene(Carrier::KaleyraV2).await;
    for (code, status, reason) in [
        ("RBC001", 502, "provider_auth"),
        ("WA401", 502, "provider_auth"),
        ("WA-401", 502, "account_blocked"),
        ("WA400", 400, "invalid_input"),
        ("E110", 502, "low_balance"),
        ("WA429", 429, "rate_limited"),
        ("WA500", 502, "provider_fault"),
        ("WAV2101", 502, "account_blocked"),
        ("WA777", 502, "provider_rejected"),
    ] {
        will_answer(&stand, code);
        let answer = stand.api.post(&path, &json!({ "content": "x" })).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["code"]), (status, &json!(reason)), "{code} {body}");
        assert_eq!(body["provider_code"], code);
    }
    assert!(stand.phone_got(ANA).await.is_empty());
}

#[tokio::test]
async fn a_low_balance_is_an_event_and_the_next_message_is_tried_again() {
    for carrier in [Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let (stand, path) = scene(carrier).await;
        will_answer(&stand, "E110");
        let key = [("idempotency-key", "visit-7")];
        let refused = stand.api.post_with(&path, &key, &json!({ "content": "x" })).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (502, &json!("low_balance")));
        let events = events(&stand, "channel.low_balance").await;
        assert_eq!(events.len(), 1, "{carrier:?}");
        assert_eq!(events[0]["channel"]["N"], "1");
        // Nothing is paused: once there is money, the same request goes through.
        let again = stand.api.post_with(&path, &key, &json!({ "content": "x" })).await;
        assert_eq!(again.status, 200, "{}", again.text);
        assert_eq!(stand.phone_got(ANA).await, ["x"]);
    }
}

#[tokio::test]
async fn the_other_generation_of_the_api_is_named() {
    for (carrier, other) in [(Carrier::KaleyraV2, KaleyraApi::V1), (Carrier::KaleyraV1, KaleyraApi::V2)] {
        let (stand, path) = scene(carrier).await;
        let directory = &stand.running.functions.app.core.ports.directory;
        let channel = directory.channel(&Stand::tenant(), "1".parse().unwrap()).await.unwrap();
        let mut channel = channel.unwrap();
        let Access::Kaleyra(access) = &mut channel.access else { panic!() };
        access.api = other;
        stand.running.table.put_channel(&channel).await.unwrap();
        // What is remembered of the channel is too old then.
        stand.clock.advance(std::time::Duration::from_mins(2));
        let answer = stand.api.post(&path, &json!({ "content": "x" })).await;
        let body = answer.json();
        assert_eq!((&body["code"], &body["provider_code"]), (&json!("provider_auth"), &json!("WA-401")));
        assert!(body["detail"].as_str().unwrap().contains("different Version"), "{body}");
    }
}

/// A Kaleyra that rejects a request by repeating its body.
async fn parrot() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = |request: Request| async {
        let key = request.headers()["api-key"].to_str().unwrap().to_owned();
        let form = to_bytes(request.into_body(), 1 << 20).await.unwrap();
        let form = String::from_utf8(form.to_vec()).unwrap();
        (StatusCode::BAD_REQUEST, json!({ "error": { "callback_url": format!("{key} {form}") } }).to_string())
    };
    let router = Router::new().fallback(answer);
    tokio::spawn(serve(listener, router, std::future::pending::<()>()));
    url
}

#[tokio::test]
async fn a_rejection_that_repeats_our_secrets_is_returned_without_them() {
    let mut config = Carrier::KaleyraV1.config();
    let Access::Kaleyra(access) = &mut config.channels[0].configured.access else { panic!() };
    (access.base_url, access.callback_base_url) = (parrot().await, Some("https://api.example".to_owned()));
    let stand = Stand::start_with(config).await;
    let answer = stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "x" })).await;
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("callback_url") && detail.contains("***"), "{detail}");
    assert!(!detail.contains(CALLBACK_SECRET) && !detail.contains(KALEYRA_KEY), "{detail}");
}

#[tokio::test]
async fn a_client_keeps_its_sid_when_a_number_moves_to_meta() {
    // The company's first number is at Meta, another one is still at Kaleyra.
    let at_kaleyra = format!(
        "[[channels]]\nid = 4\ntenant = \"demo\"\nprovider = \"kaleyra\"\napi = \"v2\"\nwaba_id = \"2004\"\n\
         number = \"+15550100004\"\nsid = \"{SID}\"\napi_key = \"{KALEYRA_KEY}\"\n\
         callback_secret = \"{CALLBACK_SECRET}\"\nbase_url = \"sandbox\"\n"
    );
    let stand = Stand::start_with(ConfigFile::parse(&format!("{CONFIG}\n{at_kaleyra}")).unwrap()).await;
    stand.customer_writes(ANA, "hola").await;
    let text = json!({ "messaging_object": {
        "messaging_product": "whatsapp", "to": ANA, "type": "text", "text": { "body": "Su pedido salió" },
    } });
    let path = |sid: &str| format!("/v2/{sid}/whatsapp/+15550100001/messages");
    let sent = stand.api.post(&path(SID), &text).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text);
    let unknown = stand.api.post(&path("HXTEST0000000009IN"), &text).await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED, "{}", unknown.text);
    let others = stand.api.with_key(Some(OTHER_KEY)).post(&path(SID), &text).await;
    assert_eq!(others.status, StatusCode::UNAUTHORIZED, "{}", others.text);
}
