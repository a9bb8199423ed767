//! `POST /api/whatsapp/send-template`: a template to many recipients.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use ventanilla::{
    domain::{
        broadcast::{EntryRecipient, Own},
        content::{Content, TemplateContent},
        phone::Phone,
    },
    ports::clock::{Clock, Deadline},
    usecases::sending::{Individual, ManyCommand, OnCommonRejection, RateLimiter},
};
use ventanilla_sandbox::{Fault, FaultRule, LogEntry};

use super::reminder;
use crate::harness::{Answer, Carrier, IdNumber as _, Stand, eventually};

const PATH: &str = "/api/whatsapp/send-template";
const ANA: &str = "+50212345678";
const BOB: &str = "+50298765432";

async fn send(stand: &Stand, body: &Value) -> Answer {
    stand.api.post(PATH, body).await
}

fn calls(stand: &Stand) -> usize {
    stand.running.sandbox.log().iter().filter(|entry| matches!(entry, LogEntry::Call(_))).count()
}

#[tokio::test]
async fn the_seed_s_request_gets_the_seed_s_answer() {
    for carrier in [Carrier::Meta, Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let answer = send(&stand, &reminder(&[ANA, BOB])).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["success"]), (200, &json!(true)), "{carrier:?} {body}");
        assert_eq!(body["summary"], json!({ "total": 2, "sent": 2, "failed": 0, "unknown": 0 }));
        for (result, number) in body["results"].as_array().unwrap().iter().zip([ANA, BOB]) {
            assert_eq!((&result["phoneNumber"], &result["success"]), (&json!(number), &json!(true)));
            assert!(result["data"]["messages"][0]["id"].is_string(), "{result}");
        }
        stand.running.sandbox.until_idle().await;
        for (number, request) in [(ANA, 123), (BOB, 124)] {
            let place = stand.conversation_with(number).await;
            assert_eq!(place["request_id"], request);
            let messages = stand.messages(place["id"].id_number()).await;
            assert_eq!((&messages[0]["type"], &messages[0]["status"]), (&json!("template"), &json!("read")));
        }
    }
}

#[tokio::test]
async fn a_bad_or_failing_recipient_fails_alone_in_its_place() {
    let stand = Stand::start().await;
    let refused = Fault::Refuse { code: 131_026, http_status: None, details: None };
    stand.running.sandbox.inject(FaultRule::new(refused).to(BOB));
    let mut body = reminder(&[ANA, BOB, "nobody", "+502 1234-5678", "+50255566677"]);
    body["recipients"][4]["requestId"] = json!("x");
    let answer = send(&stand, &body).await.json();
    assert_eq!(answer["summary"], json!({ "total": 5, "sent": 1, "failed": 4, "unknown": 0 }));
    let told: Vec<(bool, &str)> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["success"] == true, it["code"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            (true, ""),
            (false, "recipient_unreachable"),
            (false, "invalid_request"),
            (false, "duplicate_recipient"),
            (false, "invalid_request"),
        ]
    );
    assert!(answer["results"][2]["error"].is_string());
    assert_eq!(answer["results"][3]["phoneNumber"], "+502 1234-5678");
}

#[tokio::test]
async fn all_errors_of_the_template_are_returned_at_once_and_nothing_is_sent() {
    let stand = Stand::start().await;
    for (change, component) in [
        (json!({ "components": [] }), "body"),
        (json!({ "templateName": "never_heard_of" }), "template"),
        (json!({ "languageCode": "fr" }), "template"),
        (json!({ "templateName": "spring_sale" }), "template"),
    ] {
        let mut body = reminder(&[ANA, BOB]);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = send(&stand, &body).await;
        let told = answer.json();
        assert_eq!((answer.status.as_u16(), &told["code"]), (400, &json!("template_problem")), "{told}");
        assert_eq!(told["problems"][0]["component"], component, "{told}");
    }
    assert_eq!(calls(&stand), 0);
}

#[tokio::test]
async fn a_dry_run_returns_the_same_and_sends_nothing() {
    let stand = Stand::start().await;
    let path = format!("{PATH}?dry_run=true");
    let answer = stand.api.post(&path, &reminder(&[ANA, "nobody", ANA])).await.json();
    assert_eq!(
        answer["summary"],
        json!({ "total": 3, "sent": 0, "failed": 2, "unknown": 0, "would_be_sent": 1 })
    );
    assert_eq!(answer["results"][0], json!({ "phoneNumber": ANA, "success": true, "dry_run": true }));
    assert_eq!(answer["results"][2]["code"], "duplicate_recipient");
    let wrong = stand.api.post(&format!("{PATH}?dry_run=maybe"), &reminder(&[ANA])).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["details"][0]["field"]), (400, &json!("dry_run")));
    assert_eq!(calls(&stand), 0);
    assert!(stand.conversations().await.is_empty());
}

#[tokio::test]
async fn one_key_holds_for_each_recipient() {
    let stand = Stand::start().await;
    let key = [("idempotency-key", "campaign-7")];
    stand.running.sandbox.inject(FaultRule::new(Fault::RateLimit { retry_after: None }).to(BOB));
    let first = stand.api.post_with(PATH, &key, &reminder(&[ANA, BOB])).await.json();
    assert_eq!(first["summary"]["sent"], 1);
    // Told again: who has it gets nothing more, who was throttled is tried again.
    let again = stand.api.post_with(PATH, &key, &reminder(&[ANA, BOB])).await.json();
    assert_eq!(again["summary"]["sent"], 2, "{again}");
    assert_eq!(
        (&again["results"][0]["replayed"], &again["results"][1]["replayed"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(again["results"][0]["data"], first["results"][0]["data"]);
    let phone = stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
    assert_eq!(phone["messages"].as_array().unwrap().len(), 1);
    let mut other = reminder(&[ANA]);
    other["components"][0]["parameters"][0]["text"] = json!("María");
    let reused = stand.api.post_with(PATH, &key, &other).await.json();
    assert_eq!(reused["results"][0]["code"], "idempotency_key_reused");
}

#[tokio::test]
async fn a_hundred_recipients_are_answered_in_one_call_and_a_slow_one_delays_no_other() {
    let stand = Stand::start().await;
    let numbers: Vec<String> = (0..100).map(|place| format!("+5021234{place:04}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let hold = stand.running.sandbox.delay_send(numbers[0]);
    let body = reminder(&numbers);
    let (answer, ()) = tokio::join!(send(&stand, &body), async {
        // All others are tried while the first has no answer.
        eventually("the others", async || (calls(&stand) == 100).then_some(())).await;
        hold.release();
    });
    let answer = answer.json();
    assert_eq!(answer["summary"]["sent"], 100, "{}", answer["summary"]);
    assert_eq!(calls(&stand), 100);
    let too_many = vec![ANA; 1001];
    assert_eq!(send(&stand, &reminder(&too_many)).await.json()["details"][0]["field"], "recipients");
}

#[tokio::test]
async fn every_kind_of_parameter_reaches_the_phone() {
    let stand = Stand::start().await;
    let text = |text: &str| json!({ "type": "text", "text": text });
    for (name, language, components) in [
        ("hello_world", "en_US", json!([])),
        (
            "service_confirmation",
            "es",
            json!([
                { "type": "header", "parameters": [text("Confirmación de Servicio")] },
                { "type": "body", "parameters": [text("Juan"), text("SR-2024-001"), { "type": "date_time", "date_time": { "fallback_value": "15 de marzo" } }] },
                { "type": "button", "sub_type": "url", "index": "0", "parameters": [text("tracking-code-123")] },
            ]),
        ),
        (
            "promo_with_image",
            "es",
            json!([
                { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://files.example/a.jpg" } }] },
                { "type": "body", "parameters": [text("Ana")] },
                { "type": "button", "sub_type": "quick_reply", "index": 1, "parameters": [{ "type": "payload", "payload": "yes" }] },
            ]),
        ),
        (
            "order_update_named",
            "en_US",
            json!([{ "type": "body", "parameters": [
            { "type": "text", "parameter_name": "order_id", "text": "7" },
            { "type": "text", "parameter_name": "first_name", "text": "Ana" },
        ] }]),
        ),
    ] {
        let body = json!({
            "templateName": name, "languageCode": language, "components": components,
            "recipients": [{ "phoneNumber": ANA }],
        });
        let answer = send(&stand, &body).await.json();
        assert_eq!(answer["summary"]["sent"], 1, "{name} {answer}");
        stand.running.sandbox.until_idle().await;
    }
    let phone = stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
    assert_eq!(phone["messages"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_recipient_without_enough_time_is_not_started_and_delays_no_other() {
    let stand = Stand::start().await;
    let sending = &stand.running.functions.send.sending;
    let number = |place: usize| Phone::parse(&format!("+5021234000{place}")).unwrap();
    let template = TemplateContent::new("hello_world", "en_US", Vec::new()).unwrap();
    let command = ManyCommand {
        tenant: Stand::tenant(),
        content: Content::Template(template),
        channel: None,
        recipients: (0..4).map(|place| (EntryRecipient::Number(number(place)), Own::default())).collect(),
        sent_by: None,
        broadcast: None,
        key: None,
        // A turn a second, and time for the first two.
        deadline: Deadline(stand.clock.now().plus(Duration::from_millis(8500))),
    };
    let rate_limiter = Arc::new(RateLimiter::new(Duration::from_secs(1), OnCommonRejection::GoOn));
    let outcomes = sending.send_to_many(&command, &rate_limiter).await;
    let begun: Vec<bool> = outcomes.iter().map(|it| matches!(it, Individual::Tried(_))).collect();
    assert_eq!(begun, [true, true, false, false]);
    assert!(matches!(outcomes[3], Individual::NotBegun));
    assert_eq!(calls(&stand), 2);
}

#[tokio::test]
async fn a_repeat_gets_the_first_result_though_the_template_is_invalid_by_now() {
    let stand = Stand::start().await;
    let key = [("idempotency-key", "campaign-8")];
    let first = stand.api.post_with(PATH, &key, &reminder(&[ANA, BOB])).await.json();
    assert_eq!(first["summary"]["sent"], 2);
    let paused = json!({ "status": "PAUSED", "tell": true }).to_string().into_bytes();
    let path = "/sandbox/templates/2001/appointment_reminder/es";
    assert!(stand.api.call(http::Method::PUT, path, &[], paused).await.status.is_success());
    stand.running.sandbox.until_idle().await;
    let again = stand.api.post_with(PATH, &key, &reminder(&[ANA, BOB])).await.json();
    assert_eq!(
        (&again["summary"]["sent"], &again["results"][0]["replayed"]),
        (&json!(2), &json!(true)),
        "{again}"
    );
    // Without the key it is a first request, and rejected.
    assert_eq!(send(&stand, &reminder(&[ANA])).await.json()["code"], "template_problem");
    assert_eq!(calls(&stand), 2);
}

#[tokio::test]
async fn an_old_copy_rejects_nothing_by_itself() {
    let stand = Stand::start().await;
    let mut body = reminder(&[ANA]);
    body["templateName"] = json!("spring_sale");
    body["components"] = json!([]);
    assert_eq!(send(&stand, &body).await.json()["code"], "template_problem");
    // Approved meanwhile, and no webhook reported it.
    let approved = json!({ "status": "APPROVED", "components": [{ "type": "BODY", "text": "Oferta" }] });
    let path = "/sandbox/templates/2001/spring_sale/es";
    let body_of = approved.to_string().into_bytes();
    assert!(stand.api.call(http::Method::PUT, path, &[], body_of).await.status.is_success());
    stand.clock.advance(Duration::from_secs(11));
    let answer = send(&stand, &body).await.json();
    assert_eq!(answer["summary"]["sent"], 1, "{answer}");
}

#[tokio::test]
async fn a_list_that_may_lack_templates_rejects_none_as_missing() {
    let stand = Stand::start_with(Carrier::KaleyraV2.config()).await;
    let mut body = reminder(&[ANA]);
    body["templateName"] = json!("made_at_meta");
    let answer = send(&stand, &body).await.json();
    // Accepted, and rejected later by Meta, which knows.
    assert_eq!(answer["summary"]["sent"], 1, "{answer}");
}
