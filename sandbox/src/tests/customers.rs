//! What simulated customers write.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    TestResult, at,
    bench::{Bench, PHONE, TOKEN},
};

#[tokio::test]
async fn a_text_is_escaped_as_meta_does_and_signed_over_its_exact_bytes() -> TestResult {
    let bench = Bench::start().await?;
    let path = "phones/%2B52%2055%201234%205678/messages";
    let (status, answer) = bench.control(Method::POST, path, &json!({"text": "año 1/2 👍"})).await?;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(at(&answer, "/webhook_status"), &json!(200));

    let webhooks = bench.webhooks().await;
    let webhook = webhooks.first().ok_or("no webhook")?;
    assert!(webhook.is_genuine()?);
    assert!(webhook.bytes.is_ascii());
    let raw = String::from_utf8_lossy(&webhook.bytes);
    assert!(raw.contains(r#""body":"a\u00f1o 1\/2 \ud83d\udc4d""#), "{raw}");

    let value = webhook.value()?;
    let message = at(&value, "/messages/0");
    assert_eq!(at(message, "/from"), PHONE);
    assert_eq!(at(message, "/id"), at(&answer, "/wamid"));
    assert_eq!(at(message, "/text/body"), "año 1/2 👍");
    assert!(at(message, "/timestamp").is_string());
    assert_eq!(at(&value, "/contacts/0/wa_id"), PHONE);
    assert_eq!(at(&value, "/contacts/0/user_id"), at(message, "/from_user_id"));
    assert_eq!(at(&value, "/metadata/phone_number_id"), "1001");

    let phone = bench.phone("+525512345678").await?;
    assert_eq!(at(&phone, "/messages/0/direction"), "sent");
    assert_eq!(at(&phone, "/messages/0/statuses"), &json!(["delivered"]));
    Ok(())
}

#[tokio::test]
async fn a_hidden_phone_shows_only_its_bsuid() -> TestResult {
    let bench = Bench::start().await?;
    let body = json!({"text": "hola", "hide_phone": true, "to": "1002"});
    bench.control(Method::POST, &format!("phones/{PHONE}/messages"), &body).await?;
    bench.control(Method::POST, "phones/US.1349/messages", &json!({"text": "hi"})).await?;
    let webhooks = bench.webhooks().await;
    let user_ids = [at(&bench.phone(PHONE).await?, "/user_id").clone(), json!("US.1349")];
    for (webhook, user_id) in webhooks.iter().zip(user_ids) {
        let value = webhook.value()?;
        assert_eq!(at(&value, "/messages/0/from"), &Value::Null);
        assert_eq!(at(&value, "/contacts/0/wa_id"), &Value::Null);
        assert_eq!(at(&value, "/messages/0/from_user_id"), &user_id);
        assert_eq!(at(&value, "/contacts/0/user_id"), &user_id);
        assert!(!String::from_utf8_lossy(&webhook.bytes).contains(PHONE));
    }
    let first = webhooks.first().ok_or("no webhook")?.value()?;
    assert_eq!(at(&first, "/metadata/phone_number_id"), "1002");
    assert_eq!(webhooks.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_picture_can_be_fetched_with_the_token_of_its_number() -> TestResult {
    let bench = Bench::start().await?;
    let body = json!({"type": "image", "image": {"caption": "x"}});
    bench.control(Method::POST, &format!("phones/{PHONE}/messages"), &body).await?;
    let value = bench.webhooks().await.first().ok_or("no webhook")?.value()?;
    let image = at(&value, "/messages/0/image");
    assert_eq!(at(image, "/mime_type"), "image/jpeg");
    assert_eq!(at(image, "/caption"), "x");
    let id = at(image, "/id").as_str().ok_or("no media id")?;

    let describe = format!("{}/sandbox/graph/v25.0/{id}", bench.base);
    let response = bench.client.get(&describe).bearer_auth(TOKEN).send().await?;
    let media: Value = response.json().await?;
    assert_eq!(at(&media, "/url"), at(image, "/url"));
    let url = at(&media, "/url").as_str().ok_or("no url")?;
    let file = bench.client.get(url).bearer_auth(TOKEN).send().await?;
    assert_eq!(file.status(), 200);
    let bytes = file.bytes().await?;
    assert_eq!(at(&media, "/file_size"), &json!(bytes.len()));
    assert_eq!(at(image, "/sha256"), &json!(STANDARD.encode(Sha256::digest(&bytes))));

    assert_eq!(bench.client.get(url).send().await?.status(), 401);
    let foreign = bench.client.get(&describe).bearer_auth("token-of-the-second-number");
    let error: Value = foreign.send().await?.json().await?;
    assert_eq!(at(&error, "/error/code"), &json!(100));
    Ok(())
}

#[tokio::test]
async fn a_rejected_webhook_is_reported_and_retried_with_the_same_bytes() -> TestResult {
    let bench = Bench::start().await?;
    bench.answer_with([StatusCode::SERVICE_UNAVAILABLE, StatusCode::ACCEPTED]);
    let path = format!("phones/{PHONE}/messages");
    let (status, answer) = bench.control(Method::POST, &path, &json!({"text": "hola"})).await?;
    assert_eq!((status, at(&answer, "/webhook_status")), (502, &json!(503)));
    let webhooks = bench.webhooks().await;
    assert_eq!(webhooks.len(), 3, "only 200 ends the retries");
    assert!(webhooks.windows(2).all(|pair| match pair {
        [one, other] => one.bytes == other.bytes && one.signature == other.signature,
        _ => false,
    }));
    let phone = bench.phone(PHONE).await?;
    assert_eq!(at(&phone, "/messages/0/statuses"), &json!(["delivered"]));
    Ok(())
}

#[tokio::test]
async fn a_duplicate_is_the_same_webhook_again() -> TestResult {
    let bench = Bench::start().await?;
    let body = json!({"text": "hola", "duplicate": 2, "id": "wamid.MINE"});
    let (_, answer) = bench.control(Method::POST, &format!("phones/{PHONE}/messages"), &body).await?;
    assert_eq!(at(&answer, "/wamid"), "wamid.MINE");
    assert_eq!(bench.received().len(), 3, "all copies are out before the answer");
    let phone = bench.phone(PHONE).await?;
    assert_eq!(at(&phone, "/messages").as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn a_read_mark_covers_the_earlier_messages_of_the_number() -> TestResult {
    let bench = Bench::start().await?;
    let path = format!("phones/{PHONE}/messages");
    for (text, to) in [("one", "1001"), ("elsewhere", "1002"), ("two", "1001"), ("three", "1001")] {
        let body = json!({"text": text, "to": to, "id": format!("wamid.{text}")});
        bench.control(Method::POST, &path, &body).await?;
    }
    let read = |wamid: &str| {
        json!({"messaging_product": "whatsapp", "status": "read",
        "message_id": wamid, "typing_indicator": {"type": "text"}})
    };
    let answer: Value = bench.send(&read("wamid.two")).await?.json().await?;
    assert_eq!(answer, json!({"success": true}));
    let phone = bench.phone(PHONE).await?;
    let seen: Vec<bool> =
        (0..4).map(|i| at(&phone, &format!("/messages/{i}/statuses/1")) == "read").collect();
    assert_eq!(seen, [true, false, true, false]);
    for foreign in ["wamid.elsewhere", "wamid.none"] {
        assert_eq!(bench.send(&read(foreign)).await?.status(), 400, "{foreign}");
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_control_call_is_answered_with_a_sentence() -> TestResult {
    let bench = Bench::start().await?;
    let messages = format!("phones/{PHONE}/messages");
    let cases = [
        (Method::POST, "phones/nobody/messages", json!({"text": "x"}), "`number`"),
        (Method::POST, &messages, json!({"text": "x", "to": "9"}), "`to`"),
        (Method::POST, &messages, json!({"type": "button"}), "`button`"),
        (Method::PUT, "phones/525512345678", json!({"reach": "far"}), "`far`"),
        (Method::PUT, "phones/525512345678", json!({"nam": "x"}), "`nam`"),
        (Method::PUT, "phones/525512345678", json!({"user_id": "x"}), "`user_id`"),
        (Method::POST, "faults", json!({"fault": {"kind": "fire"}}), "`fire`"),
        (Method::POST, "faults", json!({"fault": {"kind": "no_id"}, "times": 0}), "`times`"),
        (Method::POST, "faults", json!({"fault": {"kind": "server_error", "status": 200}}), "`fault.status`"),
    ];
    for (method, path, body, named) in cases {
        let (status, answer) = bench.control(method, path, &body).await?;
        assert_eq!(status, 400, "{body}");
        let sentence = at(&answer, "/error").as_str().unwrap_or_default();
        assert!(sentence.contains(named), "{sentence}");
    }
    assert!(bench.received().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_phone_nobody_touched_is_empty_and_stays_out_of_the_list() -> TestResult {
    let bench = Bench::start().await?;
    assert_eq!(at(&bench.phone("34600000000").await?, "/messages"), &json!([]));
    bench.control(Method::PUT, &format!("phones/{PHONE}"), &json!({"username": "ana"})).await?;
    let (_, list) = bench.control(Method::GET, "phones", &Value::Null).await?;
    assert_eq!(at(&list, "/phones/0/number"), PHONE);
    assert_eq!(at(&list, "/phones/0/username"), "ana");
    assert_eq!(at(&list, "/phones/1"), &Value::Null);
    Ok(())
}
