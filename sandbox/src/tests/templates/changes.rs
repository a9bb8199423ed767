//! Changes of templates over the control API, and their webhooks.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::list;
use crate::{
    LogEntry, WebhookKind,
    tests::{
        TestResult, at,
        bench::{Bench, Received},
    },
};

const HELLO: &str = "templates/2001/hello_world/en_US";

/// The entry of a webhook, and the field of its only change.
fn body(webhook: &Received) -> Result<(Value, String), serde_json::Error> {
    let payload: Value = serde_json::from_slice(&webhook.bytes)?;
    let entry = at(&payload, "/entry/0").clone();
    let field = at(&entry, "/changes/0/field").as_str().unwrap_or_default().to_owned();
    Ok((entry, field))
}

#[tokio::test]
async fn the_templates_of_an_account_are_shown_with_all_their_fields() -> TestResult {
    let bench = Bench::start().await?;
    for account in ["2001", "2003"] {
        let (status, shown) =
            bench.control(Method::GET, &format!("templates/{account}"), &Value::Null).await?;
        assert_eq!(status, 200);
        assert_eq!(at(&shown, "/templates").as_array().map(Vec::len), Some(10), "{account}");
        let rejected = at(&shown, "/templates/8");
        assert_eq!([at(rejected, "/status"), at(rejected, "/rejected_reason")], ["REJECTED", "PROMOTIONAL"]);
        assert_eq!(at(rejected, "/quality_score/score"), "UNKNOWN");
    }
    assert_eq!(bench.control(Method::GET, "templates/9999", &Value::Null).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn a_change_causes_a_webhook_of_meta_s_only_on_request() -> TestResult {
    let bench = Bench::start().await?;
    let change = json!({"status": "rejected", "reason": "scam"});
    assert_eq!(bench.control(Method::PUT, HELLO, &change).await?.0, 200);
    assert!(bench.webhooks().await.is_empty(), "nobody asked for a word");

    let change = json!({"status": "PAUSED", "quality": "YELLOW", "category": "MARKETING", "tell": true,
        "components": [{"type": "body", "text": "Hi"}, {"type": "footer", "text": "Bye"}]});
    let (status, answer) = bench.control(Method::PUT, HELLO, &change).await?;
    assert_eq!(status, 200, "{answer}");
    assert_eq!([at(&answer, "/template/status"), at(&answer, "/template/category")], ["PAUSED", "MARKETING"]);
    let id = 1_000_000_000_000_001_u64;
    let same = |value: &Value| {
        assert_eq!(at(value, "/message_template_id"), &json!(id));
        assert_eq!(at(value, "/message_template_name"), "hello_world");
        assert_eq!(at(value, "/message_template_language"), "en-US");
        assert_eq!((at(value, "/metadata"), at(value, "/messaging_product")), (&Value::Null, &Value::Null));
    };
    let expected = [
        (
            "message_template_status_update",
            json!({"event": "PAUSED", "message_template_category": "MARKETING", "reason": "SCAM"}),
        ),
        (
            "message_template_quality_update",
            json!({"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"}),
        ),
        ("template_category_update", json!({"previous_category": "UTILITY", "new_category": "MARKETING"})),
        (
            "message_template_components_update",
            json!({"message_template_element": "Hi", "message_template_footer": "Bye"}),
        ),
    ];
    let webhooks = bench.webhooks().await;
    assert_eq!(webhooks.len(), expected.len());
    for (index, (webhook, (field, parts))) in webhooks.iter().zip(expected).enumerate() {
        assert!(webhook.is_genuine()?);
        let (entry, own) = body(webhook)?;
        assert_eq!((at(&entry, "/id"), own.as_str()), (&json!("2001"), field));
        assert!(at(&entry, "/time").is_i64());
        let value = webhook.value()?;
        same(&value);
        for (name, part) in parts.as_object().into_iter().flatten() {
            assert_eq!(at(&value, &format!("/{name}")), part, "{field}");
        }
        let webhook = json!({"field": field, "webhook_status": 200});
        assert_eq!(at(&answer, &format!("/webhooks/{index}")), &webhook);
    }
    let about: Vec<WebhookKind> = bench
        .sandbox
        .log()
        .into_iter()
        .filter_map(|entry| match entry {
            LogEntry::Webhook(webhook) => Some(webhook.kind),
            _ => None,
        })
        .collect();
    assert_eq!(about.first(), Some(&WebhookKind::Template("message_template_status_update".to_owned())));
    Ok(())
}

#[tokio::test]
async fn only_buttons_with_a_url_or_number_are_reported() -> TestResult {
    let bench = Bench::start().await?;
    let buttons = json!([
        {"type": "quick_reply", "text": "Yes"},
        {"type": "url", "text": "See", "url": "https://x.example/{{1}}"},
    ]);
    let components = json!([
        {"type": "header", "format": "text", "text": "News"},
        {"type": "body", "text": "Hi"},
        {"type": "buttons", "buttons": buttons},
    ]);
    bench.control(Method::PUT, HELLO, &json!({"components": components, "tell": true})).await?;
    let value = bench.webhooks().await.first().ok_or("no webhook")?.value()?;
    assert_eq!(at(&value, "/message_template_title"), "News");
    let expected = json!([{"message_template_button_type": "URL", "message_template_button_text": "See",
        "message_template_button_url": "https://x.example/{{1}}"}]);
    assert_eq!(at(&value, "/message_template_buttons"), &expected);
    Ok(())
}

#[tokio::test]
async fn a_template_is_made_and_removed_behind_the_back_of_the_business() -> TestResult {
    let bench = Bench::start().await?;
    let path = "templates/2001/visit/es_MX";
    let named = json!({"parameter_format": "named", "category": "marketing",
        "components": [{"type": "body", "text": "Hola {{who}}."}]});
    let (status, answer) = bench.control(Method::PUT, path, &named).await?;
    assert_eq!((status, at(&answer, "/webhooks")), (200, &json!([])));
    let (_, page) = list(&bench, "?name=visit").await?;
    let shown = at(&page, "/data/0");
    assert_eq!([at(shown, "/language"), at(shown, "/parameter_format")], ["es_MX", "NAMED"]);
    assert_eq!([at(shown, "/status"), at(shown, "/category")], ["APPROVED", "MARKETING"]);
    assert_eq!(at(shown, "/id"), at(&answer, "/template/id"));
    assert_eq!(bench.control(Method::DELETE, path, &Value::Null).await?.0, 204);
    assert_eq!(bench.control(Method::DELETE, path, &Value::Null).await?.0, 400);
    let (_, page) = list(&bench, "?name=visit").await?;
    assert_eq!(page, json!({"data": []}));
    assert!(bench.webhooks().await.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_mistake_is_answered_with_the_name_of_the_field() -> TestResult {
    let bench = Bench::start().await?;
    for (path, body, field) in [
        ("templates/9999/hello_world/en_US", json!({}), "`waba_id`"),
        ("templates/2001/Hello/en_US", json!({}), "`name`"),
        (HELLO, json!({"status": "not so good"}), "`status`"),
        (HELLO, json!({"quality": ""}), "`quality`"),
        (HELLO, json!({"components": ["BODY"]}), "`components`"),
        (HELLO, json!({"parameter_format": "both"}), "`parameter_format`"),
        (HELLO, json!({"stauts": "PAUSED"}), "`stauts`"),
    ] {
        let (status, answer) = bench.control(Method::PUT, path, &body).await?;
        assert_eq!(status, 400, "{body}");
        let sentence = at(&answer, "/error").as_str().unwrap_or_default();
        assert!(sentence.contains(field), "{sentence}");
    }
    Ok(())
}

#[tokio::test]
async fn a_webhook_that_is_not_accepted_is_reported_and_kaleyra_sends_none() -> TestResult {
    let bench = Bench::start().await?;
    let change = json!({"status": "PAUSED", "tell": true});
    bench.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    let (status, answer) = bench.control(Method::PUT, HELLO, &change).await?;
    assert_eq!((status, at(&answer, "/webhooks/0/webhook_status")), (502, &json!(500)));
    assert_eq!(bench.webhooks().await.len(), 2, "it is sent again");
    for account in ["2003", "2004"] {
        let path = format!("templates/{account}/hello_world/en_US");
        let (status, answer) = bench.control(Method::PUT, &path, &change).await?;
        assert_eq!((status, at(&answer, "/webhooks")), (200, &json!([])));
    }
    assert_eq!(bench.webhooks().await.len(), 2);
    Ok(())
}
