//! Customers who want no marketing.

use http::Method;
use serde_json::{Value, json};

use super::filled;
use crate::tests::{
    TestResult, at,
    bench::{Bench, PHONE, TOKEN},
};

/// The customer wants marketing of this business number to stop or to resume.
async fn set_preference(
    bench: &Bench,
    value: &str,
    to: &str,
) -> Result<(u16, Value), Box<dyn std::error::Error>> {
    let body = json!({"category": "marketing_messages", "value": value, "to": to});
    bench.control(Method::POST, &format!("phones/{PHONE}/preferences"), &body).await
}

/// A template of marketing.
fn coupon() -> Value {
    let code = json!({"type": "coupon_code", "coupon_code": "SUMMER"});
    let button = json!({"type": "button", "sub_type": "copy_code", "index": 0, "parameters": [code]});
    filled("coupon", "es", &json!([button]))
}

#[tokio::test]
async fn marketing_fails_from_stop_to_resume() -> TestResult {
    let bench = Bench::start().await?;
    let (status, answer) = set_preference(&bench, "stop", "1001").await?;
    assert_eq!((status, at(&answer, "/webhook_status")), (200, &json!(200)));
    let webhook = bench.webhooks().await.pop().ok_or("no webhook")?;
    assert!(webhook.is_genuine()?);
    let payload: Value = serde_json::from_slice(&webhook.bytes)?;
    assert_eq!(at(&payload, "/entry/0/changes/0/field"), "user_preferences");
    let value = webhook.value()?;
    assert_eq!(at(&value, "/metadata/phone_number_id"), "1001");
    let body = at(&value, "/user_preferences/0");
    assert_eq!([at(body, "/wa_id"), at(body, "/value")], [PHONE, "stop"]);
    assert_eq!(at(body, "/category"), "marketing_messages");
    assert!(at(body, "/user_id").is_string() && at(body, "/detail").is_string());
    assert!(at(body, "/timestamp").is_i64());
    assert_eq!(at(&bench.phone(PHONE).await?, "/no_marketing_from"), &json!(["2001"]));

    assert_eq!(bench.send(&coupon()).await?.status(), 200);
    let failed = bench.webhooks().await.pop().ok_or("no webhook")?.value()?;
    assert_eq!(at(&failed, "/statuses/0/status"), "failed");
    assert_eq!(at(&failed, "/statuses/0/errors/0/code"), &json!(131_050));
    bench.send(&filled("hello_world", "en_US", &Value::Null)).await?;
    bench.graph("1002", "token-of-the-second-number", &coupon()).await?;
    bench.webhooks().await;
    set_preference(&bench, "resume", "1001").await?;
    bench.send(&coupon()).await?;
    bench.webhooks().await;
    let phone = bench.phone(PHONE).await?;
    let messages = at(&phone, "/messages").as_array().into_iter().flatten();
    let arrived: Vec<[&Value; 2]> =
        messages.map(|message| [at(message, "/phone_number_id"), at(message, "/content/name")]).collect();
    assert_eq!(arrived, [["1001", "hello_world"], ["1002", "coupon"], ["1001", "coupon"]]);
    assert_eq!(at(&phone, "/no_marketing_from"), &json!([]));
    Ok(())
}

#[tokio::test]
async fn the_preference_of_a_customer_without_a_number_has_the_bsuid() -> TestResult {
    let bench = Bench::start().await?;
    let body = json!({"category": "marketing_messages", "value": "stop"});
    bench.control(Method::POST, "phones/US.1349/preferences", &body).await?;
    let value = bench.webhooks().await.pop().ok_or("no webhook")?.value()?;
    let body = at(&value, "/user_preferences/0");
    assert_eq!((at(body, "/wa_id"), at(body, "/user_id")), (&Value::Null, &json!("US.1349")));
    Ok(())
}

#[tokio::test]
async fn kaleyra_sends_no_webhook_and_a_mistake_is_named() -> TestResult {
    let bench = Bench::start().await?;
    assert_eq!(set_preference(&bench, "stop", "1003").await?, (200, json!({"webhook_status": null})));
    assert!(bench.webhooks().await.is_empty());
    assert_eq!(at(&bench.phone(PHONE).await?, "/no_marketing_from"), &json!(["2003"]));
    let path = format!("phones/{PHONE}/preferences");
    for (body, field) in [
        (json!({"category": "everything", "value": "stop"}), "`category`"),
        (json!({"category": "marketing_messages", "value": "never"}), "`never`"),
        (json!({"category": "marketing_messages", "value": "stop", "to": "9"}), "`to`"),
    ] {
        let (status, answer) = bench.control(Method::POST, &path, &body).await?;
        assert_eq!(status, 400, "{body}");
        assert!(at(&answer, "/error").as_str().is_some_and(|error| error.contains(field)), "{answer}");
    }
    assert_eq!(bench.graph("1001", TOKEN, &coupon()).await?.status(), 200);
    Ok(())
}
