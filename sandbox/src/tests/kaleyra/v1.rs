//! Sending messages on Kaleyra's V1.

use http::Method;
use serde_json::{Value, json};

use super::{arrived, log, send_v1, text_v1};
use crate::{
    KALEYRA_MOUNT,
    tests::{
        TestResult, at,
        bench::{API_KEY, Bench, PHONE, SID},
    },
};

#[tokio::test]
async fn a_text_arrives_and_its_statuses_go_where_it_wants_them() -> TestResult {
    for (from, method) in [("+5215500000004", Method::POST), ("5215500000005", Method::GET)] {
        let bench = Bench::with_customer().await?;
        let own = format!("{}?echo=our%20key&x=1", bench.hook);
        // Elsewhere nothing is received.
        for number in ["1004", "1005"] {
            bench.sandbox.set_webhook_url(number, "http://127.0.0.1:9/");
        }
        let form = text_v1(&[("from", from), ("channel", "WhatsApp"), ("callback_url", own.as_str())]);
        let response = send_v1(&bench, &form).await?;
        assert_eq!(response.status(), 202);
        let answer: Value = response.json().await?;
        let id = at(&answer, "/id").as_str().ok_or("no id")?;
        assert_eq!(id.split('-').count(), 5, "{id}");
        assert_eq!(at(&answer, "/data/0/message_id"), &json!(format!("{id}:1")));
        assert_eq!(at(&answer, "/data/0/recipient"), PHONE);
        assert_eq!([at(&answer, "/body"), at(&answer, "/sender")], ["hola", from]);
        assert_eq!([at(&answer, "/type"), at(&answer, "/source")], ["text", "API"]);
        assert_eq!((at(&answer, "/totalCount"), at(&answer, "/error")), (&json!(1), &json!({})));
        let created = at(&answer, "/createdDateTime").as_str().unwrap_or_default();
        assert!(created.len() == 25 && created.ends_with("+00:00"), "{created}");

        let webhooks = bench.webhooks().await;
        assert_eq!(webhooks.len(), 3);
        for (webhook, word) in webhooks.iter().zip(["sent", "delivered", "read"]) {
            assert_eq!(webhook.method, method);
            let body = webhook.fields();
            let body: Vec<_> = body.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let expected = [("echo", "our key"), ("x", "1"), ("id", id), ("status", word), ("mobile", PHONE)];
            assert_eq!(body, expected);
        }
        let phone = bench.phone(PHONE).await?;
        assert_eq!(at(&phone, "/messages/0/text"), "hola");
        let log = log(&bench).await?;
        let call = log.first().ok_or("no call")?;
        assert_eq!([at(call, "/answered"), at(call, "/callback_data")], [id, "our-key"]);
        assert_eq!(at(call, "/verdict/accepted/wamid"), at(&phone, "/messages/0/wamid"));
    }
    Ok(())
}

#[tokio::test]
async fn each_type_makes_a_message_on_the_phone() -> TestResult {
    let params = r#""Ana","lunes""#;
    let contacts = r#"[{"name":{"formatted_name":"Ana"}}]"#;
    let template = [("type", "template"), ("template_name", "appointment_reminder"), ("lang_code", "es")];
    let content = json!({"name": "appointment_reminder", "language": {"code": "es"}, "params": params});
    let image = "https://x.example/a.png";
    let with_image = [
        ("type", "mediatemplate"),
        ("template_name", "promo_with_image"),
        ("lang_code", "es"),
        ("params", r#""Ana""#),
        ("media_url", image),
    ];
    let image_content = json!({"name": "promo_with_image", "language": {"code": "es"},
        "params": r#""Ana""#, "media_url": image});
    let link = json!({"link": "https://x.example/a.PNG?b=c.pdf", "caption": "x"});
    let cases = [
        ([template.as_slice(), &[("params", params)]].concat(), "template", content),
        (with_image.to_vec(), "template", image_content),
        (
            vec![("type", "media"), ("media_url", "https://x.example/a.PNG?b=c.pdf"), ("caption", "x")],
            "image",
            link,
        ),
        (
            vec![("type", "contacts"), ("param_contacts", contacts)],
            "contacts",
            json!([{"name": {"formatted_name": "Ana"}}]),
        ),
    ];
    for (changes, kind, content) in cases {
        let bench = Bench::with_customer().await?;
        // Of a type that is given twice the last is meant.
        let form: Vec<_> = text_v1(&changes).into_iter().rev().collect();
        assert_eq!(send_v1(&bench, &form).await?.status(), 202, "{changes:?}");
        bench.webhooks().await;
        let phone = bench.phone(PHONE).await?;
        assert_eq!(at(&phone, "/messages/0/type"), kind, "{changes:?}");
        assert_eq!(at(&phone, "/messages/0/content"), &content, "{changes:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_field_at_fault_is_named() -> TestResult {
    let bench = Bench::with_customer().await?;
    let cases = [
        (vec![("from", "5215500000001")], "from"),
        (vec![("channel", "sms")], "channel"),
        (vec![("to", "")], "to"),
        (vec![("to", "525512345678,525512345679")], "to"),
        (vec![("to", "5215500000004")], "to"),
        (vec![("type", "hologram")], "type"),
        (vec![("body", "")], "body"),
        (vec![("callback_url", "nowhere")], "callback_url"),
        (vec![("type", "template"), ("lang_code", "es")], "template_name"),
        (vec![("type", "template"), ("template_name", "x")], "lang_code"),
        (vec![("type", "mediatemplate"), ("template_name", "x"), ("lang_code", "es")], "media_url"),
        (vec![("type", "media"), ("media_url", "nowhere")], "media_url"),
        (vec![("type", "contacts"), ("param_contacts", "Ana")], "param_contacts"),
        (vec![("type", "contacts"), ("param_contacts", "[]")], "param_contacts"),
    ];
    for (changes, field) in cases {
        let response = send_v1(&bench, &text_v1(&changes)).await?;
        assert_eq!(response.status(), 400, "{changes:?}");
        let error: Value = response.json().await?;
        let named = at(&error, "/error").as_object().map(|error| error.keys().collect::<Vec<_>>());
        assert_eq!(named, Some(vec![&field.to_owned()]), "{changes:?} {error}");
        let log = log(&bench).await?;
        assert_eq!(at(log.last().ok_or("no call")?, "/verdict/declined/code"), field);
    }
    assert_eq!(arrived(&bench).await?, 0);
    Ok(())
}

#[tokio::test]
async fn keys_versions_and_types_of_body_are_checked() -> TestResult {
    let bench = Bench::with_customer().await?;
    let form = "application/x-www-form-urlencoded";
    let v2_number = "channel=whatsapp&from=5215500000003&to=525512345678&type=text&body=x";
    let cases = [
        (SID, "wrong", form, v2_number, 401, "/code", "RBC001"),
        ("HXNONE", API_KEY, form, v2_number, 401, "/error/error", "Incorrect SID or API key."),
        (SID, API_KEY, form, v2_number, 401, "/code", "WA-401"),
        (SID, API_KEY, "application/json", "{}", 400, "/error/body", "The body must be a form."),
    ];
    for (sid, key, kind, body, status, pointer, expected) in cases {
        let url = format!("{}{KALEYRA_MOUNT}/v1/{sid}/messages", bench.base);
        let call = bench.client.post(url).header("api-key", key).header("content-type", kind);
        let response = call.body(body).send().await?;
        assert_eq!(response.status(), status, "{kind} {key}");
        assert_eq!(at(&response.json().await?, pointer), expected, "{kind} {key}");
    }
    Ok(())
}
