//! New templates: what is refused, and the review of the rest (facts: meta.md 6; template-rules.md 2).

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{create, home, list, visit};
use crate::tests::{TestResult, at, bench::Bench};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_review_approves_and_says_so_by_webhook() -> TestResult {
    let bench = Bench::start().await?;
    bench.control(Method::PUT, "settings", &json!({"template_review_ms": 1})).await?;
    let (status, made) = create(&bench, &visit("es_MX", "Hola.")).await?;
    assert_eq!((status, at(&made, "/status")), (200, &json!("PENDING")), "{made}");
    let webhooks = bench.webhooks().await;
    assert_eq!(webhooks.len(), 1);
    let webhook = webhooks.first().ok_or("no webhook")?;
    assert!(webhook.is_genuine()?);
    let value = webhook.value()?;
    assert_eq!((at(&value, "/event"), at(&value, "/reason")), (&json!("APPROVED"), &json!("NONE")));
    assert_eq!(at(&value, "/message_template_id").to_string(), at(&made, "/id").as_str().unwrap_or_default());
    assert_eq!(at(&value, "/message_template_language"), "es-MX");
    let (_, page) = list(&bench, "?name=visit").await?;
    assert_eq!(at(&page, "/data/0/status"), "APPROVED");
    Ok(())
}

#[tokio::test]
async fn a_review_can_reject() -> TestResult {
    let bench = Bench::start().await?;
    let settings =
        json!({"template_review": "reject", "template_review_ms": 1, "template_rejected_reason": "SCAM"});
    bench.control(Method::PUT, "settings", &settings).await?;
    create(&bench, &visit("es", "Hola.")).await?;
    let value = bench.webhooks().await.first().ok_or("no webhook")?.value()?;
    assert_eq!((at(&value, "/event"), at(&value, "/reason")), (&json!("REJECTED"), &json!("SCAM")));
    let (_, page) = list(&bench, "?name=visit&fields=status,rejected_reason").await?;
    assert_eq!(at(&page, "/data/0/rejected_reason"), "SCAM");
    Ok(())
}

#[tokio::test]
async fn a_copy_of_another_template_is_rejected() -> TestResult {
    let bench = Bench::start().await?;
    bench.control(Method::PUT, "settings", &json!({"template_review_ms": 1})).await?;
    create(&bench, &visit("en_US", "Hello World")).await?;
    let value = bench.webhooks().await.first().ok_or("no webhook")?.value()?;
    assert_eq!(at(&value, "/event"), "REJECTED", "hello_world has this text");
    create(&bench, &visit("es", "Hello World, otra vez.")).await?;
    let value = bench.webhooks().await.last().ok_or("no webhook")?.value()?;
    assert_eq!(at(&value, "/event"), "APPROVED");
    Ok(())
}

#[tokio::test]
async fn the_control_route_decides_before_a_review_does() -> TestResult {
    let bench = Bench::start().await?;
    bench.control(Method::PUT, "settings", &json!({"template_review_ms": 50})).await?;
    create(&bench, &visit("es", "Hola.")).await?;
    bench.control(Method::PUT, "templates/2001/visit/es", &json!({"status": "REJECTED"})).await?;
    assert!(bench.webhooks().await.is_empty());
    let (_, page) = list(&bench, "?name=visit").await?;
    assert_eq!(at(&page, "/data/0/status"), "REJECTED");
    Ok(())
}

#[tokio::test]
async fn a_definition_against_the_rules_is_refused_with_its_subcode() -> TestResult {
    let bench = Bench::start().await?;
    let button = json!({"type": "OTP", "otp_type": "COPY_CODE"});
    let code = json!({"name": "code", "language": "es", "category": "AUTHENTICATION",
        "components": [{"type": "BODY", "text": "own words"}, {"type": "BUTTONS", "buttons": [button]}]});
    for (definition, subcode) in [
        (visit("es", "Hola {{1}}"), json!(2_388_299)),
        (visit("es", "Hola {{1}}, bien."), json!(2_388_072)),
        (visit("es", &"x".repeat(1025)), json!(2_388_040)),
        (visit("es-MX", "Hola."), Value::Null),
        (code, Value::Null),
    ] {
        let (status, error) = create(&bench, &definition).await?;
        assert_eq!((status, at(&error, "/error/code")), (400, &json!(100)), "{definition}");
        assert_eq!(at(&error, "/error/error_subcode"), &subcode, "{definition}");
    }
    assert_eq!(at(&list(&bench, "?name=visit").await?.1, "/data"), &json!([]));
    Ok(())
}

#[tokio::test]
async fn an_account_creates_a_hundred_templates_in_an_hour() -> TestResult {
    let bench = Bench::start().await?;
    bench.control(Method::PUT, "settings", &json!({"template_review": "by_hand"})).await?;
    let named = |number: usize| {
        let mut definition = visit("es", "Hola.");
        definition["name"] = json!(format!("visit_{number}"));
        definition
    };
    for number in 0..100 {
        assert_eq!(create(&bench, &named(number)).await?.0, 200, "{number}");
    }
    let (status, error) = create(&bench, &named(100)).await?;
    assert_eq!((status, at(&error, "/error/code")), (400, &json!(80_007)));
    bench.pass(HOUR);
    assert_eq!(create(&bench, &named(100)).await?.0, 200);
    bench.control(Method::PUT, "settings", &json!({"template_limit": 111})).await?;
    let (_, error) = create(&bench, &named(101)).await?;
    assert_eq!(at(&error, "/error/error_subcode"), &json!(2_388_019));
    Ok(())
}

#[tokio::test]
async fn the_name_of_a_deleted_template_is_blocked_if_it_was_approved() -> TestResult {
    let bench = Bench::start().await?;
    let delete = async || {
        let call = bench.client.delete(format!("{}?name=visit", home(&bench)));
        super::answer(call).await.map(|(status, _)| status)
    };
    bench.control(Method::PUT, "settings", &json!({"template_review": "by_hand"})).await?;
    create(&bench, &visit("es", "Hola.")).await?;
    assert_eq!(delete().await?, 200);
    assert_eq!(create(&bench, &visit("es", "Hola.")).await?.0, 200, "it was never approved");
    bench.control(Method::PUT, "templates/2001/visit/es", &json!({"status": "DISABLED"})).await?;
    assert_eq!(delete().await?, 400, "a disabled template stays");
    bench.control(Method::PUT, "templates/2001/visit/es", &json!({"status": "APPROVED"})).await?;
    assert_eq!(delete().await?, 200);
    let (_, error) = create(&bench, &visit("es", "Hola.")).await?;
    assert_eq!(at(&error, "/error/error_subcode"), &json!(2_388_023));
    assert_eq!(create(&bench, &visit("en", "Hello.")).await?.0, 200, "another language");
    bench.pass(HOUR * 24 * 30);
    assert_eq!(create(&bench, &visit("es", "Hola.")).await?.0, 200);
    Ok(())
}
