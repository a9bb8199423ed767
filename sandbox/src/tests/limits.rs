//! Limits on sending and the charge of messages, as settings (facts: meta.md 8.4, 8.6 and 8.8; onboarding.md 3).

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE, TOKEN},
};
use crate::GRAPH_MOUNT;

const HELLO: &str = "hello_world";

fn template(name: &str, language: &str, to: &str) -> Value {
    let template = json!({"name": name, "language": {"code": language}});
    json!({"messaging_product": "whatsapp", "to": to, "type": "template", "template": template})
}

async fn set(bench: &Bench, settings: &Value) -> TestResult {
    let (status, answer) = bench.control(Method::PUT, "settings", settings).await?;
    assert_eq!(status, 200, "{answer}");
    Ok(())
}

/// The code of the error that a send is answered with; null if it is accepted.
async fn code(bench: &Bench, message: &Value) -> Result<Value, Box<dyn std::error::Error>> {
    let answer: Value = bench.send(message).await?.json().await?;
    Ok(at(&answer, "/error/code").clone())
}

/// The part of the last status with this name.
async fn last(bench: &Bench, pointer: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let value = bench.webhooks().await.last().ok_or("no webhook")?.value()?;
    Ok(at(&value, &format!("/statuses/0{pointer}")).clone())
}

#[tokio::test]
async fn a_number_that_sends_too_fast_is_rejected() -> TestResult {
    let bench = Bench::with_customer().await?;
    set(&bench, &json!({"limits": {"messages_per_second": 0}})).await?;
    let response = bench.send_text("hola").await?;
    assert_eq!(at(&response.json().await?, "/error/code"), &json!(130_429));
    set(&bench, &json!({"limits": {"messages_per_second": null}})).await?;
    assert_eq!(bench.send_text("hola").await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn a_burst_must_be_waited_off() -> TestResult {
    let bench = Bench::with_customer().await?;
    set(&bench, &json!({"limits": {"pair_rate": true}})).await?;
    for _ in 0..2 {
        assert_eq!(bench.send_text("hola").await?.status(), 200);
    }
    bench.pass(Duration::from_secs(7));
    let response = bench.send_text("hola").await?;
    assert_eq!(at(&response.json().await?, "/error/code"), &json!(131_056));
    assert_eq!(code(&bench, &template(HELLO, "en_US", "525500000009")).await?, Value::Null);
    bench.pass(Duration::from_secs(6));
    assert_eq!(bench.send_text("hola").await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn an_app_that_asks_too_often_is_rejected() -> TestResult {
    let bench = Bench::start().await?;
    set(&bench, &json!({"limits": {"management_calls_per_hour": 1}})).await?;
    let url = format!("{}{GRAPH_MOUNT}/v25.0/2001", bench.base);
    let ask = async |path: &str| {
        let answer = bench.client.get(format!("{url}/{path}")).bearer_auth(TOKEN).send().await?;
        Ok::<Value, reqwest::Error>(at(&answer.json().await?, "/error/code").clone())
    };
    assert_eq!(ask("message_templates").await?, Value::Null);
    assert_eq!(ask("phone_numbers").await?, json!(80_007));
    bench.pass(Duration::from_hours(1));
    assert_eq!(ask("subscribed_apps").await?, Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_business_over_its_tier_reaches_no_more_customers() -> TestResult {
    let bench = Bench::start().await?;
    set(&bench, &json!({"limits": {"customers_per_day": 1}})).await?;
    assert_eq!(code(&bench, &template(HELLO, "en_US", PHONE)).await?, Value::Null);
    assert_eq!(last(&bench, "/status").await?, "read");
    assert_eq!(code(&bench, &template(HELLO, "en_US", "525500000009")).await?, Value::Null);
    assert_eq!(last(&bench, "/errors/0/code").await?, json!(131_048));
    bench.record_inbound("525500000009")?;
    assert_eq!(code(&bench, &template(HELLO, "en_US", "525500000009")).await?, Value::Null);
    assert_eq!(last(&bench, "/status").await?, "read", "an open window does not count");
    Ok(())
}

#[tokio::test]
async fn a_customer_with_enough_marketing_gets_no_more() -> TestResult {
    let bench = Bench::start().await?;
    set(&bench, &json!({"limits": {"marketing_per_customer": 1}})).await?;
    let coupon = json!({"type": "button", "sub_type": "copy_code", "index": 0,
        "parameters": [{"type": "coupon_code", "coupon_code": "SUMMER"}]});
    let mut message = template("coupon", "es", PHONE);
    message["template"]["components"] = json!([coupon]);
    assert_eq!(code(&bench, &message).await?, Value::Null);
    assert_eq!(last(&bench, "/status").await?, "read");
    assert_eq!(code(&bench, &message).await?, Value::Null);
    assert_eq!(last(&bench, "/errors/0/code").await?, json!(131_049));
    assert_eq!(code(&bench, &template(HELLO, "en_US", PHONE)).await?, Value::Null);
    assert_eq!(last(&bench, "/status").await?, "read", "utility passes");
    Ok(())
}

#[tokio::test]
async fn service_messages_are_charged_after_the_free_ones() -> TestResult {
    let bench = Bench::with_customer().await?;
    set(&bench, &json!({"prices": {"free_service_messages": 1}})).await?;
    let pricing = async || {
        let before = bench.webhooks().await.len();
        bench.send_text("hola").await?;
        let sent = bench.webhooks().await.get(before).ok_or("no webhook")?.value()?;
        Ok::<_, Box<dyn std::error::Error>>(at(&sent, "/statuses/0/pricing").clone())
    };
    let free = json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service",
        "category": "service"});
    assert_eq!(pricing().await?, free);
    let charged = json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": "service"});
    assert_eq!(pricing().await?, charged);
    set(&bench, &json!({"prices": {"rules": "2025-07-01"}})).await?;
    assert_eq!(pricing().await?, free);
    let (status, _) = bench.control(Method::PUT, "settings", &json!({"prices": {"rules": "2024"}})).await?;
    assert_eq!(status, 400);
    Ok(())
}
