//! Sending messages on Kaleyra's V2.

use http::Method;
use serde_json::{Value, json};

use super::{arrived, log, script, send_v2, text_v2};
use crate::{
    KALEYRA_MOUNT,
    tests::{
        TestResult, at,
        bench::{API_KEY, Bench, PHONE, SID},
    },
};

const NOT_OURS: &str = "Phone number is not present or does not belong to the account.";
const NOT_FOR_YOU: &str = "API is not available for given customer.Please contact support for more info";
const OTHER: &str = "The phone number you're using is associated with different Version of our WA API. \
                     Please use the appropriate endpoint.";
const POOR: &str = "Please check your balance, You have a low balance!";

/// A failure as Kaleyra's page prints it.
fn failure(code: &str, message: &str, data: &Value, error: &Value) -> Value {
    json!({"code": code, "message": message, "data": data, "error": error})
}

#[tokio::test]
async fn a_text_arrives_and_only_its_ref_comes_back() -> TestResult {
    let bench = Bench::with_customer().await?;
    let response = send_v2(&bench, &text_v2("¿Qué tal?")).await?;
    assert_eq!(response.status(), 202);
    let answer: Value = response.json().await?;
    let id = at(&answer, "/data/message_id").as_str().ok_or("no id")?;
    let data = json!({"message_id": id});
    assert_eq!(answer, failure("WA202", "Request Accepted", &data, &json!({})));
    assert!(id.len() == 20 && id.starts_with('A'), "{id}");

    let webhooks = bench.webhooks().await;
    let phone = bench.phone(PHONE).await?;
    let wamid = at(&phone, "/messages/0/wamid");
    assert_eq!(webhooks.len(), 3);
    for (webhook, word) in webhooks.iter().zip(["sent", "delivered", "read"]) {
        assert_eq!((&webhook.method, webhook.signature.as_str()), (&Method::POST, ""));
        assert!(!String::from_utf8_lossy(&webhook.bytes).contains(id), "the answer's id comes back");
        let body: Value = serde_json::from_slice(&webhook.bytes)?;
        let info = at(&body, "/extra_info");
        assert_eq!(at(info, "/ref"), "our-key");
        assert_eq!(at(info, "/ref1"), "");
        assert_eq!(at(info, "/waba_id"), "2003");
        assert_eq!(at(info, "/enable_url_tracking_body"), &json!(false));
        assert_eq!((at(info, "/message_id"), at(&body, "/message_id")), (wamid, wamid));
        assert_eq!(at(&body, "/status"), word);
        assert_eq!(at(&body, "/meta_object/field"), "messages");
        let value = at(&body, "/meta_object/value");
        assert_eq!(at(value, "/metadata/phone_number_id"), "1003");
        let status = at(value, "/statuses/0");
        assert_eq!(at(status, "/status"), word);
        assert_eq!(at(status, "/recipient_id"), PHONE);
        assert!(at(status, "/id").as_str().is_some_and(|id| id.len() == 32));
    }

    assert_eq!(at(&phone, "/messages/0/text"), "¿Qué tal?");
    assert_eq!(at(&phone, "/messages/0/callback_data"), "our-key");
    let log = log(&bench).await?;
    let call = log.first().ok_or("no call")?;
    assert_eq!(at(call, "/phone_number_id"), "1003");
    assert_eq!(at(call, "/answered"), id);
    assert_eq!(at(call, "/verdict/accepted/wamid"), wamid);
    assert_eq!(at(call, "/callback_data"), "our-key");
    Ok(())
}

#[tokio::test]
async fn an_invalid_call_is_rejected_with_the_documented_error() -> TestResult {
    let bench = Bench::with_customer().await?;
    let (none, empty) = (json!({}), json!([]));
    let key = "Incorrect SID or API key.";
    let wrong_key = failure("RBC001", key, &empty, &json!({"error": key}));
    let not_ours = failure("WA401", NOT_OURS, &none, &json!({"phone_number": NOT_OURS}));
    let other = failure("WA-401", OTHER, &none, &json!({"phone_number": OTHER}));
    let payload = json!({"payload": "Incorrect payload format"});
    let payload = failure("WA400", "Refer to correct payload format", &none, &payload);
    let good = text_v2("x").to_string();
    let path = format!("v2/{SID}/whatsapp/+5215500000003");
    let (json, text) = ("application/json", "text/plain");
    let cases = [
        (&path, "wrong", json, &good, 401, &wrong_key),
        (&"v2/HXNONE/whatsapp/5215500000003".to_owned(), API_KEY, json, &good, 401, &wrong_key),
        (&format!("v2/{SID}/whatsapp/+5215500000001"), API_KEY, json, &good, 401, &not_ours),
        (&format!("v2/{SID}/whatsapp/5215500000004"), API_KEY, text, &good, 401, &other),
        (&path, API_KEY, text, &good, 400, &payload),
        (&path, API_KEY, json, &"{".to_owned(), 400, &payload),
        (&path, API_KEY, json, &r#"{"to":"525512345678"}"#.to_owned(), 400, &payload),
    ];
    for (path, key, kind, body, status, expected) in cases {
        let url = format!("{}{KALEYRA_MOUNT}/{path}/messages", bench.base);
        let call = bench.client.post(url).header("api-key", key).header("content-type", kind);
        let response = call.body(body.clone()).send().await?;
        assert_eq!(response.status(), status, "{path} {kind} {body}");
        assert_eq!(&response.json::<Value>().await?, expected, "{path} {kind} {body}");
        let log = log(&bench).await?;
        let call = log.last().ok_or("no call")?;
        assert_eq!(at(call, "/verdict/declined/code"), at(expected, "/code"));
    }
    assert_eq!(arrived(&bench).await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_the_account_is_scripted() -> TestResult {
    let bench = Bench::with_customer().await?;
    let none = json!({});
    let internal = json!({"error": "Internal server error"});
    let cases = [
        (401, failure("WA-401", NOT_FOR_YOU, &none, &json!({"account": NOT_FOR_YOU}))),
        (400, failure("E110", POOR, &none, &json!({"balance": POOR}))),
        (500, failure("WA500", "Please try again later", &none, &internal)),
        (401, failure("WA401", NOT_OURS, &none, &json!({"phone_number": NOT_OURS}))),
    ];
    for (status, expected) in cases {
        script(&bench, &json!({"kind": "kaleyra", "code": at(&expected, "/code")})).await?;
        let response = send_v2(&bench, &text_v2("x")).await?;
        assert_eq!(response.status(), status, "{expected}");
        assert_eq!(response.json::<Value>().await?, expected);
    }
    script(&bench, &json!({"kind": "kaleyra", "code": "WA999", "http_status": 418})).await?;
    let response = send_v2(&bench, &text_v2("x")).await?;
    assert_eq!(response.status(), 418);
    let unknown: Value = response.json().await?;
    assert_eq!([at(&unknown, "/code"), at(&unknown, "/message")], ["WA999", "Request failed"]);
    Ok(())
}

#[tokio::test]
async fn a_message_meta_would_reject_is_an_incorrect_payload_with_a_reason() -> TestResult {
    let bench = Bench::with_customer().await?;
    let message = |to: &str, text: &str| {
        let message = json!({"messaging_product": "whatsapp", "to": to, "text": {"body": text}});
        json!({"messaging_object": message})
    };
    let cases = [
        (message(PHONE, &"x".repeat(4097)), "text['body']"),
        (message("call me", "x"), "to"),
        (message("5215500000003", "x"), "sender"),
        (json!({"messaging_object": {"to": PHONE}}), "messaging_product"),
        (json!({"messaging_object": {}, "extra_info": "x"}), "extra_info"),
    ];
    for (body, reason) in cases {
        let response = send_v2(&bench, &body).await?;
        assert_eq!(response.status(), 400, "{body}");
        let error: Value = response.json().await?;
        assert_eq!(at(&error, "/code"), "WA400", "{body}");
        let body = at(&error, "/error/payload").as_str().unwrap_or_default();
        assert!(body.contains(reason), "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn long_refs_are_cut() -> TestResult {
    let bench = Bench::with_customer().await?;
    let mut body = text_v2("x");
    let long = "ñ".repeat(300);
    body["extra_info"] = json!({"ref": "our-key", "ref1": long, "ref2": "short"});
    send_v2(&bench, &body).await?;
    let webhooks = bench.webhooks().await;
    let body: Value = serde_json::from_slice(&webhooks.first().ok_or("no webhook")?.bytes)?;
    assert_eq!(at(&body, "/extra_info/ref"), "our-key");
    assert_eq!(at(&body, "/extra_info/ref1"), &json!("ñ".repeat(255)));
    assert_eq!(at(&body, "/extra_info/ref2"), "short");
    Ok(())
}

#[tokio::test]
async fn a_read_receipt_marks_the_message() -> TestResult {
    let bench = Bench::with_customer().await?;
    let inbound = json!({"text": "hola", "to": "1003", "id": "wamid.one"});
    bench.control(Method::POST, &format!("phones/{PHONE}/messages"), &inbound).await?;
    let receipt = |wamid: &str| {
        json!({"messaging_object":
            {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}})
    };
    let response = send_v2(&bench, &receipt("wamid.one")).await?;
    assert_eq!(response.status(), 202);
    let answer: Value = response.json().await?;
    assert_eq!(at(&answer, "/code"), "WA202");
    let phone = bench.phone(PHONE).await?;
    assert_eq!(at(&phone, "/messages/0/statuses"), &json!(["delivered", "read"]));
    assert_eq!(send_v2(&bench, &receipt("wamid.none")).await?.status(), 400);
    Ok(())
}
