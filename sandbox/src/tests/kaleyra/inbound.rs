//! What customers write to numbers at Kaleyra, and what happens to the numbers.

use http::Method;
use serde_json::{Value, json};

use super::log;
use crate::{
    KALEYRA_MOUNT,
    tests::{
        TestResult, at,
        bench::{Bench, PHONE, Received},
    },
};

/// The customer writes this; returns its only webhook.
async fn write(bench: &Bench, from: &str, body: &Value) -> Result<Received, Box<dyn std::error::Error>> {
    let before = bench.received().len();
    let (status, answer) = bench.control(Method::POST, &format!("phones/{from}/messages"), body).await?;
    assert_eq!(status, 200, "{answer}");
    let mut webhooks = bench.webhooks().await.split_off(before);
    assert_eq!(webhooks.len(), 1);
    Ok(webhooks.pop().ok_or("no webhook")?)
}

#[tokio::test]
async fn v2_wraps_what_meta_says() -> TestResult {
    let bench = Bench::start().await?;
    let body = json!({"text": "año 1/2", "to": "1003", "id": "wamid.MINE"});
    let webhook = write(&bench, PHONE, &body).await?;
    assert_eq!((webhook.method.clone(), webhook.signature.as_str()), (Method::POST, ""));
    assert!(String::from_utf8_lossy(&webhook.bytes).contains("año 1/2"), "the JSON is plain");
    let body: Value = serde_json::from_slice(&webhook.bytes)?;
    assert_eq!(at(&body, "/meta_object/field"), "messages");
    let value = at(&body, "/meta_object/value");
    let metadata = json!({"display_phone_number": "5215500000003", "phone_number_id": "1003"});
    assert_eq!(at(value, "/metadata"), &metadata);
    assert_eq!(at(value, "/messages/0/id"), "wamid.MINE");
    assert_eq!(at(value, "/messages/0/from"), PHONE);
    assert_eq!(at(value, "/contacts/0/wa_id"), PHONE);
    let info = at(&body, "/extra_info");
    for empty in ["media_url", "ref", "ref1", "ref2", "reply_to"] {
        assert_eq!(at(info, &format!("/{empty}")), "");
    }
    assert_eq!(at(info, "/waba_id"), "2003");
    assert!(at(info, "/trace_id").is_string());
    let phone = bench.phone(PHONE).await?;
    assert_eq!(at(&phone, "/messages/0/statuses"), &json!(["delivered"]));
    Ok(())
}

#[tokio::test]
async fn v1_sends_flat_fields_by_either_method_and_no_id() -> TestResult {
    let bench = Bench::start().await?;
    for (number, digits, method) in
        [("1004", "5215500000004", Method::POST), ("1005", "5215500000005", Method::GET)]
    {
        let body = json!({"text": "año 1/2", "to": number, "timestamp": 1_700_000_000});
        let webhook = write(&bench, PHONE, &body).await?;
        assert_eq!(webhook.method, method);
        assert_eq!(webhook.query.is_empty(), method == Method::POST);
        assert_eq!(webhook.bytes.is_empty(), method == Method::GET);
        let body = webhook.fields();
        let body: Vec<_> = body.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("body", "año 1/2"),
            ("from", PHONE),
            ("name", "Customer 5678"),
            ("type", "text"),
            ("created_at", "1700000000"),
            ("wanumber", digits),
            ("mobile", PHONE),
        ];
        assert_eq!(body, expected);
    }
    Ok(())
}

#[tokio::test]
async fn v1_has_a_word_for_each_type() -> TestResult {
    let bench = Bench::start().await?;
    let place = json!({"latitude": 19.4, "longitude": -99.1});
    let location = json!({"type": "location", "location": place, "to": "1004"});
    let body = write(&bench, PHONE, &location).await?;
    assert_eq!([body.field("type"), body.field("body")], ["location", ""]);
    assert_eq!(serde_json::from_str::<Value>(&body.field("location"))?, place);
    let cards = json!([{"name": {"formatted_name": "Ana"}}]);
    let contacts = json!({"type": "contacts", "contacts": cards, "to": "1004"});
    let body = write(&bench, PHONE, &contacts).await?;
    assert_eq!(serde_json::from_str::<Value>(&body.field("contacts"))?, cards);
    let reaction = json!({"message_id": "wamid.1", "emoji": "👍"});
    let reaction = json!({"type": "reaction", "reaction": reaction, "to": "1004"});
    let body = write(&bench, PHONE, &reaction).await?;
    assert_eq!([body.field("type"), body.field("body")], ["reaction", "👍"]);
    let body = write(&bench, "US.1349", &json!({"text": "hi", "to": "1004"})).await?;
    assert_eq!([body.field("from"), body.field("mobile")], ["US.1349", "US.1349"]);
    Ok(())
}

#[tokio::test]
async fn a_file_is_behind_a_link_that_wants_no_key() -> TestResult {
    let bench = Bench::start().await?;
    let image = json!({"type": "image", "image": {"caption": "x"}, "to": "1003"});
    let body: Value = serde_json::from_slice(&write(&bench, PHONE, &image).await?.bytes)?;
    let shown = at(&body, "/meta_object/value/messages/0/image");
    assert_eq!((at(shown, "/caption"), at(shown, "/url")), (&json!("x"), &Value::Null));
    let link = at(&body, "/extra_info/media_url").as_str().ok_or("no link")?;
    let id = at(shown, "/id").as_str().ok_or("no id")?;
    assert_eq!(link, format!("{}{KALEYRA_MOUNT}/media/{id}", bench.base));
    let file = bench.client.get(link).send().await?;
    assert_eq!(file.status(), 200);
    assert_eq!(file.headers().get("content-type").map(http::HeaderValue::as_bytes), Some(&b"image/jpeg"[..]));
    assert!(!file.bytes().await?.is_empty());

    let voice = write(&bench, PHONE, &json!({"type": "audio", "to": "1004"})).await?;
    assert_eq!([voice.field("type"), voice.field("body")], ["voice", ""]);
    assert_eq!(voice.field("mime_type"), "audio/ogg; codecs=opus");
    assert_eq!(bench.client.get(voice.field("media_url")).send().await?.status(), 200);

    let body = json!({"type": "image", "image": {"id": "77"}, "to": "1001"});
    write(&bench, PHONE, &body).await?;
    let foreign = format!("{}{KALEYRA_MOUNT}/media/77", bench.base);
    assert_eq!(bench.client.get(foreign).send().await?.status(), 404, "a file of Meta's");
    Ok(())
}

#[tokio::test]
async fn the_quality_of_a_number_is_reported_by_get() -> TestResult {
    let bench = Bench::start().await?;
    let flagged = json!({"event": "FLAGGED", "current_limit": "TIER_1K"});
    for number in ["1003", "1004"] {
        assert!(bench.sandbox.set_webhook_url(number, format!("{}?secret=s", bench.hook)));
        let path = format!("numbers/{number}/quality");
        let (status, answer) = bench.control(Method::POST, &path, &flagged).await?;
        assert_eq!((status, at(&answer, "/webhook_status")), (200, &json!(200)), "{answer}");
    }
    let webhooks = bench.webhooks().await;
    assert_eq!(webhooks.len(), 2);
    for (webhook, end) in webhooks.iter().zip(["3", "4"]) {
        assert_eq!(webhook.method, Method::GET);
        let query = "&event=FLAGGED&current_limit=TIER_1K";
        let query = format!("secret=s&display_phone_number=521550000000{end}{query}");
        assert_eq!(webhook.query, query);
    }
    let log = log(&bench).await?;
    let entry = log.first().ok_or("no entry")?;
    assert_eq!([at(entry, "/quality"), at(entry, "/wamid")], ["FLAGGED", ""]);
    for number in ["1001", "9999"] {
        let path = format!("numbers/{number}/quality");
        let (status, answer) = bench.control(Method::POST, &path, &flagged).await?;
        assert_eq!(status, 400);
        assert!(at(&answer, "/error").as_str().is_some_and(|error| error.contains("`phone_number_id`")));
    }
    Ok(())
}
