//! Who does not want marketing gets none, and everything else.

use http::Method;
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        contact::Address,
        opt_out::{Marketing, OptOutReason},
        phone::Phone,
        time::Timestamp,
    },
    usecases::opt_outs::OptOutChange,
};
use ventanilla_sandbox::{Fault, FaultRule};

use crate::harness::{Answer, Carrier, IdNumber as _, OTHER_KEY, Stand};

const PATH: &str = "/api/whatsapp/send-template";
const ANA: &str = "+50212345678";
const BOB: &str = "+50298765432";

fn promo(numbers: &[&str]) -> Value {
    let recipients: Vec<Value> = numbers.iter().map(|number| json!({ "phoneNumber": number })).collect();
    json!({
        "templateName": "promo_with_image", "languageCode": "es",
        "components": [
            { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://files.example/a.jpg" } }] },
            { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] },
        ],
        "recipients": recipients,
    })
}

fn codes(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let results = body["results"].as_array().unwrap_or_else(|| panic!("{body}"));
    results.iter().map(|it| it["code"].as_str().unwrap_or("sent").to_owned()).collect()
}

async fn listed(stand: &Stand) -> Vec<(String, String)> {
    let body = stand.api.get("/v1/suppressions").await.json();
    let entries = body["data"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    entries.map(|it| (text(&it["address"]), text(&it["why"]))).collect()
}

async fn prefers(stand: &Stand, number: &str, value: &str) {
    let body = json!({ "category": "marketing_messages", "value": value });
    let answer = stand.api.post(&format!("/sandbox/phones/{number}/preferences"), &body).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    stand.running.sandbox.until_idle().await;
}

#[tokio::test]
async fn a_customer_who_stops_marketing_gets_none_but_still_what_concerns_them() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    prefers(&stand, ANA, "stop").await;
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[ANA, BOB])).await), ["suppressed", "sent"]);
    let dry = stand.api.post(&format!("{PATH}?dry_run=true"), &promo(&[ANA, BOB])).await;
    assert_eq!(codes(&dry), ["suppressed", "sent"]);
    // Not a utility template, nor an answer.
    assert_eq!(codes(&stand.api.post(PATH, &super::reminder(&[ANA])).await), ["sent"]);
    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    assert_eq!(stand.reply(conversation, "claro").await.status, 200);
    // Both addresses are known, and so is another tenant's customer another.
    let all = listed(&stand).await;
    assert!(all.contains(&(ANA.to_owned(), "preference".to_owned())) && all.len() == 2, "{all:?}");
    assert_eq!(stand.api.with_key(Some(OTHER_KEY)).get("/v1/suppressions").await.json()["data"], json!([]));
    prefers(&stand, ANA, "resume").await;
    assert!(listed(&stand).await.is_empty());
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[ANA])).await), ["sent"]);
}

#[tokio::test]
async fn a_stop_word_alone_stops_and_within_a_sentence_does_not() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "don't stop").await;
    assert!(listed(&stand).await.is_empty());
    stand.customer_writes(ANA, "¡STOP!").await;
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[ANA])).await), ["suppressed"]);
    assert!(listed(&stand).await.iter().all(|(_, why)| why == "word"));
    let conversation = stand.conversation_with(ANA).await["id"].id_number();
    assert_eq!(stand.messages(conversation).await.len(), 2, "what they wrote is kept");
}

#[tokio::test]
async fn the_providers_rejection_is_respected_from_then_on() {
    let stand = Stand::start().await;
    let unwanted = Fault::Refuse { code: 131_050, http_status: None, details: None };
    stand.running.sandbox.inject(FaultRule::new(unwanted).to(ANA));
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[ANA])).await), ["recipient_unreachable"]);
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[ANA])).await), ["suppressed"]);
    stand
        .running
        .sandbox
        .inject(FaultRule::new(Fault::FailLater { code: 131_050, after_sent: false }).to(BOB));
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[BOB])).await), ["sent"]);
    stand.running.sandbox.until_idle().await;
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[BOB])).await), ["suppressed"]);
}

#[tokio::test]
async fn an_operator_lifts_all_that_a_customer_stopped() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "stop").await;
    assert_eq!(listed(&stand).await.len(), 2);
    let path = "/v1/suppressions/%2B50212345678";
    assert_eq!(stand.api.call(Method::DELETE, path, &[], Vec::new()).await.status, 204);
    assert!(listed(&stand).await.is_empty());
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[ANA])).await), ["sent"]);
}

#[tokio::test]
async fn an_operator_stops_and_resumes_by_number_or_user_id() {
    let stand = Stand::start().await;
    let call = |method: Method, address: &'static str| {
        let api = stand.api.clone();
        async move { api.call(method, &format!("/v1/suppressions/{address}"), &[], Vec::new()).await }
    };
    let put = call(Method::PUT, "+50212345678").await;
    assert_eq!((put.status.as_u16(), &put.json()["why"]), (200, &json!("operator")));
    assert_eq!(call(Method::PUT, "US.13491208655302741918").await.status, 200);
    assert_eq!(listed(&stand).await.len(), 2);
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[ANA])).await), ["suppressed"]);
    stand.clock.advance(std::time::Duration::from_secs(1));
    for _ in 0..2 {
        assert_eq!(call(Method::DELETE, "50212345678").await.status, 204);
    }
    assert_eq!(codes(&stand.api.post(PATH, &promo(&[ANA])).await), ["sent"]);
    let wrong = call(Method::PUT, "nobody").await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (400, &json!("address")));
    let page = stand.api.get("/v1/suppressions?limit=1").await.json();
    let next = format!("/v1/suppressions?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(stand.api.get(&next).await.status, 200);
    // A place in one tenant's list says nothing of another's.
    let foreign = stand.api.with_key(Some(OTHER_KEY)).get(&next).await;
    assert_eq!((foreign.status.as_u16(), &foreign.json()["data"]), (200, &json!([])));
}

#[tokio::test]
async fn the_latest_preference_counts_in_any_order_of_arrival() {
    let stand = Stand::start().await;
    let core = &stand.running.functions.app.core;
    let tenant = Stand::tenant();
    let ana = Address::Number(Phone::parse(ANA).unwrap());
    let change = |marketing, second| OptOutChange {
        marketing,
        why: OptOutReason::Preference,
        at: Timestamp::from_seconds(second),
    };
    for (marketing, second, expected) in [
        (Marketing::Stopped, 10, 1),
        (Marketing::Stopped, 30, 1),
        // Written before the second opt-out, and delivered after it.
        (Marketing::Resumed, 20, 1),
        (Marketing::Resumed, 40, 0),
        (Marketing::Stopped, 35, 0),
    ] {
        core.opt_outs.apply_opt_out(&tenant, &ana, change(marketing, second)).await.unwrap();
        assert_eq!(listed(&stand).await.len(), expected, "{marketing:?} {second}");
    }
}

#[tokio::test]
async fn without_a_category_an_opt_out_still_holds() {
    let stand = Stand::start_with(Carrier::KaleyraV2.config()).await;
    stand.customer_writes(ANA, "stop").await;
    let mut body = super::reminder(&[ANA]);
    body["templateName"] = json!("never_listed");
    assert_eq!(codes(&stand.api.post(PATH, &body).await), ["suppressed"]);
}
