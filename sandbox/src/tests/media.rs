//! Files at Meta: uploads, descriptions, downloads and their lifetimes (facts: meta.md 7; graph-clients.md 1).

use std::{error::Error, time::Duration};

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE, TOKEN},
};
use crate::GRAPH_MOUNT;

/// The head and the content of a part of a form.
type Part<'a> = (&'a str, &'a [u8]);

const DAY: Duration = Duration::from_hours(24);

fn url(bench: &Bench, path: &str) -> String {
    format!("{}{GRAPH_MOUNT}/v25.0/{path}", bench.base)
}

/// The status and the JSON of the answer.
async fn call(bench: &Bench, method: Method, path: &str) -> Result<(u16, Value), Box<dyn Error>> {
    let response = bench.client.request(method, url(bench, path)).bearer_auth(TOKEN).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// A form of these parts: the header lines of each without `Content-Disposition: form-data;`, and its content.
async fn post_form(bench: &Bench, path: &str, parts: &[Part<'_>]) -> Result<(u16, Value), Box<dyn Error>> {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend(format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n").into_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--edge--\r\n");
    let call = bench.client.post(url(bench, path)).bearer_auth(TOKEN);
    let call = call.header("content-type", "multipart/form-data; boundary=edge").body(body);
    let response = call.send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

const PNG: &str = "name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png";
const PRODUCT: Part<'static> = ("name=\"messaging_product\"", b"whatsapp");

/// Uploads a file of this type; gives its id.
async fn upload(bench: &Bench, mime_type: &str) -> Result<String, Box<dyn Error>> {
    let head = format!("name=\"file\"; filename=\"a\"\r\nContent-Type: {mime_type}");
    let (status, answer) = post_form(bench, "1001/media", &[PRODUCT, (&head, b"content")]).await?;
    assert_eq!(status, 200, "{answer}");
    Ok(at(&answer, "/id").as_str().ok_or("no id")?.to_owned())
}

fn file_message(kind: &str, id: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": PHONE, "type": kind, kind: {"id": id}})
}

/// A customer's picture; gives its media id and the URL of the webhook.
async fn receive(bench: &Bench) -> Result<(String, String), Box<dyn Error>> {
    let picture = json!({"type": "image", "image": {}});
    bench.control(Method::POST, &format!("phones/{PHONE}/messages"), &picture).await?;
    let value = bench.webhooks().await.last().ok_or("no webhook")?.value()?;
    let word = |name: &str| at(&value, &format!("/messages/0/image/{name}")).as_str().map(str::to_owned);
    Ok((word("id").ok_or("no id")?, word("url").ok_or("no URL")?))
}

#[tokio::test]
async fn a_form_is_accepted_in_any_order_and_its_product_also_from_the_query() -> TestResult {
    let bench = Bench::start().await?;
    let kind: Part<'_> = ("name=\"type\"", b"image/png");
    let file: Part<'_> = (PNG, b"\x89PNG--edge is in it");
    let forms: [(&str, Vec<Part<'_>>); 3] = [
        ("1001/media", vec![file, PRODUCT, kind]),
        ("1001/media", vec![kind, PRODUCT, file]),
        ("1001/media?messaging_product=whatsapp", vec![file]),
    ];
    for (path, parts) in forms {
        let (status, answer) = post_form(&bench, path, &parts).await?;
        assert_eq!(status, 200, "{answer}");
        let id = at(&answer, "/id").as_str().ok_or("no id")?;
        let (_, shown) = call(&bench, Method::GET, id).await?;
        assert_eq!((at(&shown, "/mime_type"), at(&shown, "/id")), (&json!("image/png"), &json!(id)));
        assert_eq!(at(&shown, "/file_size"), &json!(file.1.len()));
        assert_eq!(at(&shown, "/sha256").as_str().map(str::len), Some(64));
    }
    Ok(())
}

#[tokio::test]
async fn an_upload_that_meta_does_not_accept_is_refused() -> TestResult {
    let bench = Bench::start().await?;
    let large = vec![b'x'; 5 * 1024 * 1024 + 1];
    let gif = "name=\"file\"; filename=\"a.gif\"\r\nContent-Type: image/gif";
    let untyped = "name=\"file\"; filename=\"a.png\"";
    let kind: Part<'_> = ("name=\"type\"", b"image/png");
    let forms: [(Vec<Part<'_>>, &str); 6] = [
        (vec![(PNG, b"x")], "messaging_product is required"),
        (vec![PRODUCT], "file is required"),
        (vec![PRODUCT, (gif, b"x")], "Received file of type 'image/gif'"),
        (vec![PRODUCT, kind, (untyped, b"x")], "'application/octet-stream'"),
        (vec![PRODUCT, (PNG, b"")], "must not be empty"),
        (vec![PRODUCT, (PNG, &large)], "at most 5242880 bytes"),
    ];
    for (parts, words) in forms {
        let (status, error) = post_form(&bench, "1001/media", &parts).await?;
        assert_eq!((status, at(&error, "/error/code")), (400, &json!(100)), "{error}");
        let message = at(&error, "/error/message").as_str().unwrap_or_default();
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(post_form(&bench, "1002/media", &[PRODUCT, (PNG, b"x")]).await?.0, 400, "another's number");
    let json =
        bench.client.post(url(&bench, "1001/media")).bearer_auth(TOKEN).json(&json!({})).send().await?;
    assert_eq!(json.status(), 400);
    Ok(())
}

#[tokio::test]
async fn a_file_is_sent_by_the_id_of_its_upload() -> TestResult {
    let bench = Bench::with_customer().await?;
    let picture = upload(&bench, "image/png").await?;
    assert_eq!(bench.send(&file_message("image", &picture)).await?.status(), 200);
    assert_eq!(bench.send(&file_message("document", &picture)).await?.status(), 200);
    assert_eq!(bench.statuses().await?.iter().filter(|status| *status == "failed").count(), 0);
    let (received, _) = receive(&bench).await?;
    assert_eq!(bench.send(&file_message("image", &received)).await?.status(), 200, "a copy of theirs");

    let response = bench.send(&file_message("image", "4711")).await?;
    assert_eq!(response.status(), 400);
    let error: Value = response.json().await?;
    assert_eq!(at(&error, "/error/code"), &json!(100));
    let message = at(&error, "/error/message").as_str().unwrap_or_default();
    assert!(message.starts_with("(#100) Param image['id'] is not a valid whatsapp"), "{message}");
    Ok(())
}

#[tokio::test]
async fn the_id_of_another_number_is_unknown() -> TestResult {
    let bench = Bench::with_customer().await?;
    let picture = upload(&bench, "image/png").await?;
    let response =
        bench.graph("1002", "token-of-the-second-number", &file_message("image", &picture)).await?;
    assert_eq!(response.status(), 400);
    Ok(())
}

#[tokio::test]
async fn a_file_of_another_kind_is_accepted_and_fails_later() -> TestResult {
    let bench = Bench::with_customer().await?;
    let song = upload(&bench, "audio/mpeg").await?;
    assert_eq!(bench.send(&file_message("image", &song)).await?.status(), 200);
    let value = bench.webhooks().await.last().ok_or("no webhook")?.value()?;
    assert_eq!(at(&value, "/statuses/0/status"), "failed");
    assert_eq!(at(&value, "/statuses/0/errors/0/code"), &json!(131_053));
    Ok(())
}

#[tokio::test]
async fn a_download_url_is_valid_for_five_minutes() -> TestResult {
    let bench = Bench::start().await?;
    let (id, from_webhook) = receive(&bench).await?;
    let (_, shown) = call(&bench, Method::GET, &id).await?;
    let place = at(&shown, "/url").as_str().ok_or("no URL")?.to_owned();
    let download = async |place: &str| {
        let answer = bench.client.get(place).bearer_auth(TOKEN).send().await?;
        Ok::<_, reqwest::Error>(answer.status().as_u16())
    };
    let forever = place.split('?').next().unwrap_or_default();
    assert_eq!(download(forever).await?, 404, "a URL without its time");
    assert_eq!(bench.client.get(&place).send().await?.status(), 401, "a URL without the token");
    bench.pass(Duration::from_secs(290));
    assert_eq!([download(&place).await?, download(&from_webhook).await?], [200, 200]);
    bench.pass(Duration::from_secs(11));
    assert_eq!([download(&place).await?, download(&from_webhook).await?], [404, 404]);
    let (_, shown) = call(&bench, Method::GET, &id).await?;
    assert_eq!(download(at(&shown, "/url").as_str().ok_or("no URL")?).await?, 200, "a new URL");
    Ok(())
}

#[tokio::test]
async fn received_files_live_seven_days_and_uploaded_ones_thirty() -> TestResult {
    let bench = Bench::start().await?;
    let (received, _) = receive(&bench).await?;
    let uploaded = upload(&bench, "image/png").await?;
    bench.pass(DAY * 6);
    assert_eq!(call(&bench, Method::GET, &received).await?.0, 200);
    bench.pass(DAY);
    let (status, error) = call(&bench, Method::GET, &received).await?;
    assert_eq!((status, at(&error, "/error/error_subcode")), (400, &json!(33)));
    bench.pass(DAY * 22);
    assert_eq!(call(&bench, Method::GET, &uploaded).await?.0, 200);
    bench.pass(DAY);
    assert_eq!(call(&bench, Method::GET, &uploaded).await?.0, 400);
    bench.record_inbound(PHONE)?;
    assert_eq!(bench.send(&file_message("image", &uploaded)).await?.status(), 400);
    Ok(())
}

#[tokio::test]
async fn lifetimes_can_be_set() -> TestResult {
    let bench = Bench::start().await?;
    let short = json!({"media": {"received_seconds": 60, "url_seconds": 0}});
    let (status, settings) = bench.control(Method::PUT, "settings", &short).await?;
    assert_eq!((status, at(&settings, "/media/uploaded_seconds")), (200, &json!(2_592_000)));
    let (id, from_webhook) = receive(&bench).await?;
    assert_eq!(bench.client.get(from_webhook).bearer_auth(TOKEN).send().await?.status(), 404);
    bench.pass(Duration::from_mins(2));
    assert_eq!(call(&bench, Method::GET, &id).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn a_file_is_deleted_and_only_its_own_number_is_accepted() -> TestResult {
    let bench = Bench::start().await?;
    let id = upload(&bench, "image/png").await?;
    assert_eq!(call(&bench, Method::GET, &format!("{id}?phone_number_id=1001")).await?.0, 200);
    let (received, _) = receive(&bench).await?;
    assert_eq!(call(&bench, Method::GET, &format!("{received}?phone_number_id=1001")).await?.0, 400);
    assert_eq!(call(&bench, Method::GET, &received).await?.0, 200);
    for method in [Method::GET, Method::DELETE] {
        let (status, error) = call(&bench, method, &format!("{id}?phone_number_id=1002")).await?;
        assert_eq!((status, at(&error, "/error/code")), (400, &json!(100)));
        let message = at(&error, "/error/message").as_str().unwrap_or_default();
        assert!(message.contains("Param phone_number_id"), "{message}");
    }
    assert_eq!(call(&bench, Method::DELETE, &id).await?, (200, json!({"success": true})));
    assert_eq!(call(&bench, Method::GET, &id).await?.0, 400);
    assert_eq!(call(&bench, Method::DELETE, &id).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn a_customer_can_send_files_that_programs_open() -> TestResult {
    let bench = Bench::start().await?;
    bench.control(Method::PUT, "settings", &json!({"real_files": true})).await?;
    for (message, head) in [
        (json!({"type": "image", "image": {}}), b"\xff\xd8\xff\xe0".as_slice()),
        (json!({"type": "image", "image": {"mime_type": "image/png"}}), b"\x89PNG"),
        (json!({"type": "sticker", "sticker": {}}), b"RIFF"),
        (json!({"type": "audio", "audio": {"voice": true}}), b"OggS"),
        (json!({"type": "audio", "audio": {"mime_type": "audio/mpeg"}}), b"ID3"),
        (json!({"type": "document", "document": {}}), b"bytes of media"),
    ] {
        bench.control(Method::POST, &format!("phones/{PHONE}/messages"), &message).await?;
        let value = bench.webhooks().await.last().ok_or("no webhook")?.value()?;
        let kind = at(&message, "/type").as_str().unwrap_or_default();
        let place = at(&value, &format!("/messages/0/{kind}/url")).as_str().ok_or("no URL")?;
        let bytes = bench.client.get(place).bearer_auth(TOKEN).send().await?.bytes().await?;
        assert!(bytes.starts_with(head), "{message}");
    }
    Ok(())
}
