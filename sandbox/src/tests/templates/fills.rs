//! Messages that fill a template, well or badly.

use http::Method;
use serde_json::{Value, json};

use super::{filled, texts};
use crate::{
    CallOutcome, LogEntry,
    tests::{
        TestResult, at,
        bench::{Bench, PHONE},
    },
};

fn body(words: &[&str]) -> Value {
    json!({"type": "body", "parameters": texts(words)})
}

fn header(parameter: &Value) -> Value {
    json!({"type": "header", "parameters": [parameter]})
}

fn button(sub_type: &str, parameter: &Value) -> Value {
    json!({"type": "button", "sub_type": sub_type, "index": "0", "parameters": [parameter]})
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn named(name: &str) -> Value {
    json!({"type": "text", "parameter_name": name, "text": "x"})
}

#[tokio::test]
async fn a_template_that_is_filled_well_arrives() -> TestResult {
    let image = json!({"type": "image", "image": {"link": "https://x.example/a.png"}});
    let payload = json!({"type": "payload", "payload": "yes"});
    let coupon = json!({"type": "coupon_code", "coupon_code": "SUMMER"});
    let order = json!({"type": "body", "parameters": [named("order_id"), named("first_name")]});
    let service =
        json!([header(&text("A-1")), body(&["Ana", "aceite", "lunes"]), button("url", &text("A-1")),]);
    let promo = json!([header(&image), body(&["Ana"]), button("quick_reply", &payload)]);
    let code = json!([body(&["123456"]), button("url", &text("123456"))]);
    let cases = [
        ("hello_world", "en_US", Value::Null, "utility"),
        ("hello_world", "en_US", json!([]), "utility"),
        ("appointment_reminder", "es", json!([body(&["Ana", "lunes"])]), "utility"),
        ("service_confirmation", "es", service, "utility"),
        ("promo_with_image", "es", promo, "marketing"),
        ("order_update_named", "en_US", json!([order]), "utility"),
        ("coupon", "es", json!([button("copy_code", &coupon)]), "marketing"),
        ("login_code", "es", code, "authentication"),
    ];
    for (name, language, components, category) in cases {
        let bench = Bench::start().await?;
        let response = bench.send(&filled(name, language, &components)).await?;
        assert_eq!(response.status(), 200, "{name}");
        let webhooks = bench.webhooks().await;
        let sent = webhooks.first().ok_or("no webhook")?.value()?;
        assert_eq!(at(&sent, "/statuses/0/pricing/category"), category, "{name}");
        let phone = bench.phone(PHONE).await?;
        assert_eq!(at(&phone, "/messages/0/content/name"), name);
        assert_eq!(at(&phone, "/messages/0/statuses").as_array().map(Vec::len), Some(3), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_message_that_does_not_match_its_template_is_rejected_at_once() -> TestResult {
    let bench = Bench::start().await?;
    let three = body(&["Ana", "aceite", "lunes"]);
    let strangers = json!({"type": "body", "parameters": [named("order_id"), named("surname")]});
    let cases = [
        ("nothing_like_it", "es", json!([]), 404, 132_001),
        ("hello_world", "es", json!([]), 404, 132_001),
        ("hello_world", "en-US", json!([]), 404, 132_001),
        ("free_gift", "es", json!([]), 404, 132_001),
        ("visit_survey", "es", json!([]), 404, 132_001),
        ("spring_sale", "es", json!([]), 400, 132_015),
        ("hello_world", "en_US", json!([body(&["Ana"])]), 400, 132_000),
        ("hello_world", "en_US", json!("none"), 400, 100),
        ("appointment_reminder", "es", json!([body(&["Ana"])]), 400, 132_000),
        ("service_confirmation", "es", json!([header(&text("A-1")), three]), 400, 131_008),
        ("service_confirmation", "es", json!([three, button("url", &text("A"))]), 400, 132_000),
        ("promo_with_image", "es", json!([header(&text("Ana")), body(&["Ana"])]), 400, 132_012),
        ("order_update_named", "en_US", json!([strangers]), 400, 132_012),
        ("coupon", "es", json!([]), 400, 131_008),
        ("coupon", "es", json!([button("url", &text("A"))]), 400, 132_018),
        ("appointment_reminder", "es", json!([body(&["Ana", "lunes\nmartes"])]), 400, 132_018),
        ("appointment_reminder", "es", json!([body(&["Ana", " "])]), 400, 131_008),
        ("appointment_reminder", "es", json!([body(&["Ana", &"x".repeat(1024)])]), 400, 132_005),
        ("order_update_named", "en_US", json!([body(&["Ana", "A-1"])]), 400, 100),
    ];
    for (name, language, components, status, code) in cases {
        let response = bench.send(&filled(name, language, &components)).await?;
        assert_eq!(response.status(), status, "{name} {components}");
        let error: Value = response.json().await?;
        assert_eq!(at(&error, "/error/code"), &json!(code), "{name} {components}");
        assert!(at(&error, "/error/error_data/details").is_string());
        let refused = bench.sandbox.log().pop().is_some_and(
            |entry| matches!(entry, LogEntry::Call(call) if call.outcome == CallOutcome::Rejected { code }),
        );
        assert!(refused, "{name} {components}");
    }
    assert_eq!(at(&bench.phone(PHONE).await?, "/messages"), &json!([]));
    Ok(())
}

#[tokio::test]
async fn the_status_of_a_template_decides_at_every_send() -> TestResult {
    let bench = Bench::start().await?;
    let message = filled("hello_world", "en_US", &Value::Null);
    for (word, status, code) in [
        ("disabled", 400, json!(132_016)),
        ("PAUSED", 400, json!(132_015)),
        ("IN_APPEAL", 404, json!(132_001)),
        ("APPROVED", 200, Value::Null),
    ] {
        let change = json!({"status": word});
        assert_eq!(bench.control(Method::PUT, "templates/2001/hello_world/en_US", &change).await?.0, 200);
        let response = bench.send(&message).await?;
        assert_eq!(response.status(), status, "{word}");
        assert_eq!(at(&response.json().await?, "/error/code"), &code, "{word}");
    }
    Ok(())
}

#[tokio::test]
async fn a_code_to_log_in_with_goes_to_phone_numbers_only() -> TestResult {
    let bench = Bench::start().await?;
    let components = json!([body(&["123456"]), button("url", &text("123456"))]);
    let mut message = filled("login_code", "es", &components);
    message["to"] = Value::Null;
    message["recipient"] = json!("US.13491208655302741918");
    let response = bench.send(&message).await?;
    assert_eq!(at(&response.json().await?, "/error/code"), &json!(131_062));
    Ok(())
}
