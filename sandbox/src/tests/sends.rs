//! Sending, as a business does it.

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE, TOKEN, text_body},
};
use crate::{CallOutcome, LogEntry};

#[tokio::test]
async fn a_text_arrives_and_three_signed_webhooks_follow() -> TestResult {
    let bench = Bench::with_customer().await?;
    let response = bench.send_text("¿Qué tal?").await?;
    assert_eq!(response.status(), 200);
    let receipt: Value = response.json().await?;
    assert_eq!(at(&receipt, "/contacts/0/input"), &json!(format!("+{PHONE}")));
    assert_eq!(at(&receipt, "/contacts/0/wa_id"), PHONE);
    let wamid = at(&receipt, "/messages/0/id");
    assert!(wamid.as_str().is_some_and(|id| id.starts_with("wamid.")));

    assert_eq!(bench.statuses().await?, ["sent", "delivered", "read"]);
    for webhook in bench.webhooks().await {
        assert!(webhook.is_genuine()?);
        let value = webhook.value()?;
        let status = at(&value, "/statuses/0");
        assert_eq!(at(status, "/id"), wamid);
        assert_eq!(at(status, "/recipient_id"), PHONE);
        assert_eq!(at(status, "/biz_opaque_callback_data"), "our-key");
        assert!(at(status, "/timestamp").is_string());
        assert_eq!(at(&value, "/metadata/phone_number_id"), "1001");
        assert_eq!(at(status, "/recipient_user_id"), at(&value, "/contacts/0/user_id"));
        let priced = at(status, "/status") != "read";
        assert_eq!(at(status, "/pricing/category") == "service", priced);
    }

    let phone = bench.phone(PHONE).await?;
    let message = at(&phone, "/messages/0");
    assert_eq!(at(message, "/direction"), "received");
    assert_eq!(at(message, "/from"), "5215500000001");
    assert_eq!(at(message, "/text"), "¿Qué tal?");
    assert_eq!(at(message, "/content/body"), "¿Qué tal?");
    assert_eq!(at(message, "/statuses"), &json!(["sent", "delivered", "read"]));
    assert_eq!(at(message, "/callback_data"), "our-key");
    Ok(())
}

#[tokio::test]
async fn tokens_and_numbers_are_checked() -> TestResult {
    let bench = Bench::start().await?;
    let cases = [
        ("1001", "wrong", 401, 190, Value::Null),
        ("1001", "token-of-the-second-number", 400, 100, json!(33)),
        ("9999", TOKEN, 400, 100, json!(33)),
    ];
    for (number, token, status, code, subcode) in cases {
        let response = bench.graph(number, token, &text_body("x")).await?;
        assert_eq!(response.status(), status);
        let error: Value = response.json().await?;
        assert_eq!(at(&error, "/error/code"), &json!(code));
        assert_eq!(at(&error, "/error/error_subcode"), &subcode);
        assert!(at(&error, "/error/fbtrace_id").is_string());
    }
    let url = format!("{}/sandbox/graph/v25.0/1001/messages", bench.base);
    let bare = bench.client.post(url).json(&text_body("x")).send().await?;
    assert_eq!(bare.status(), 401);
    assert_eq!(at(&bench.phone(PHONE).await?, "/messages"), &json!([]));
    Ok(())
}

#[tokio::test]
async fn a_bad_request_is_rejected_and_logged() -> TestResult {
    let bench = Bench::start().await?;
    let mut to_itself = text_body("x");
    to_itself.as_object_mut().map(|body| body.insert("to".into(), "+52 1 55 0000 0001".into()));
    let cases = [
        (text_body(""), 100),
        (text_body(&"x".repeat(4097)), 100),
        (json!({"messaging_product": "whatsapp", "to": PHONE, "type": "image"}), 131_008),
        (to_itself, 131_021),
        (json!(["not an object"]), 100),
    ];
    for (body, code) in cases {
        let response = bench.send(&body).await?;
        assert_eq!(response.status(), 400, "{body}");
        let error: Value = response.json().await?;
        assert_eq!(at(&error, "/error/code"), &json!(code), "{body}");
        assert_eq!(at(&error, "/error/error_data/messaging_product"), "whatsapp");
        let outcome = bench.sandbox.log().pop().map(|entry| match entry {
            LogEntry::Call(call) => Some(call.outcome),
            LogEntry::Read(_) | LogEntry::List(_) | LogEntry::Control(_) | LogEntry::Webhook(_) => None,
        });
        assert_eq!(outcome, Some(Some(CallOutcome::Rejected { code })));
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_path_is_a_graph_error() -> TestResult {
    let bench = Bench::start().await?;
    for path in ["v25.0/1001/nonsense", "25.0/1001/messages", "v25.0/1001/register/now"] {
        let url = format!("{}/sandbox/graph/{path}", bench.base);
        let response = bench.client.post(url).bearer_auth(TOKEN).json(&json!({})).send().await?;
        assert_eq!(response.status(), 400, "{path}");
        let error: Value = response.json().await?;
        assert_eq!(at(&error, "/error/code"), &json!(2500), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn the_answer_carries_the_wa_id_of_the_phone() -> TestResult {
    let bench = Bench::start().await?;
    bench.record_inbound("+5511987654321")?;
    let settings = json!({"wa_id": "551187654321", "reach": "delivered", "name": "Ana"});
    let (status, _) = bench.control(Method::PUT, "phones/+5511987654321", &settings).await?;
    assert_eq!(status, 200);
    let body = json!({"messaging_product": "whatsapp", "to": "+5511987654321",
        "text": {"body": "oi"}});
    let receipt: Value = bench.send(&body).await?.json().await?;
    assert_eq!(at(&receipt, "/contacts/0/wa_id"), "551187654321");
    assert_eq!(bench.statuses().await?, ["sent", "delivered"]);
    for webhook in bench.webhooks().await {
        let value = webhook.value()?;
        assert_eq!(at(&value, "/statuses/0/recipient_id"), "551187654321");
        assert_eq!(at(&value, "/contacts/0/profile/name"), "Ana");
    }
    Ok(())
}

#[tokio::test]
async fn a_customer_without_a_number_is_reached_by_bsuid() -> TestResult {
    let bench = Bench::start().await?;
    let id = "US.13491208655302741918";
    let template = json!({"name": "hello_world", "language": {"code": "en_US"}});
    let body = json!({"messaging_product": "whatsapp", "recipient": id, "type": "template",
        "template": template});
    let receipt: Value = bench.send(&body).await?.json().await?;
    assert_eq!(at(&receipt, "/contacts/0"), &json!({"input": id, "user_id": id}));
    assert_eq!(at(&receipt, "/messages/0/message_status"), "accepted");
    assert_eq!(bench.statuses().await?, ["sent", "delivered", "read"]);
    for webhook in bench.webhooks().await {
        let value = webhook.value()?;
        assert_eq!(at(&value, "/statuses/0/recipient_user_id"), id);
        assert_eq!(at(&value, "/statuses/0/recipient_id"), &Value::Null);
        assert_eq!(at(&value, "/contacts/0/wa_id"), &Value::Null);
    }
    let phone = bench.phone(id).await?;
    assert_eq!(at(&phone, "/number"), &Value::Null);
    assert_eq!(at(&phone, "/messages/0/type"), "template");
    Ok(())
}

#[tokio::test]
async fn a_number_is_not_given_away_to_who_knows_only_the_bsuid() -> TestResult {
    let bench = Bench::with_customer().await?;
    let user_id = at(&bench.phone(PHONE).await?, "/user_id").clone();
    let body = json!({"messaging_product": "whatsapp", "recipient": user_id,
        "text": {"body": "hola"}});
    let receipt = bench.send(&body).await?.text().await?;
    assert!(!receipt.contains(PHONE), "{receipt}");
    let webhooks = bench.webhooks().await;
    assert_eq!(webhooks.len(), 3);
    for webhook in webhooks {
        assert!(!String::from_utf8_lossy(&webhook.bytes).contains(PHONE));
    }
    let phone = bench.phone(PHONE).await?;
    assert_eq!(at(&phone, "/messages/0/text"), "hola", "it is the same phone all the same");
    Ok(())
}

#[tokio::test]
async fn templates_are_listed_for_their_own_account_only() -> TestResult {
    let bench = Bench::start().await?;
    let url = |waba: &str| format!("{}/sandbox/graph/v25.0/{waba}/message_templates", bench.base);
    let response = bench.client.get(url("2001")).bearer_auth(TOKEN).send().await?;
    let page: Value = response.json().await?;
    assert_eq!(at(&page, "/data/0/name"), "hello_world");
    assert_eq!(at(&page, "/data/1/name"), "appointment_reminder");
    let foreign = bench.client.get(url("2002")).bearer_auth(TOKEN).send().await?;
    assert_eq!(foreign.status(), 400);
    Ok(())
}
