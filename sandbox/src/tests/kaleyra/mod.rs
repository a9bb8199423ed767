//! The sandbox as Kaleyra, seen from outside.

mod faults;
mod inbound;
mod templates;
mod v1;
mod v2;

use std::error::Error;

use http::Method;
use serde_json::{Value, json};

use super::{
    at,
    bench::{API_KEY, Bench, PHONE, SID},
};
use crate::{KALEYRA_MOUNT, KaleyraApi};

/// The V2 number sends this body.
async fn send_v2(bench: &Bench, body: &Value) -> Result<reqwest::Response, reqwest::Error> {
    let url = format!("{}{KALEYRA_MOUNT}/v2/{SID}/whatsapp/+5215500000003/messages", bench.base);
    bench.client.post(url).header("api-key", API_KEY).json(body).send().await
}

/// A text to [`PHONE`] as V2 wants it.
fn text_v2(text: &str) -> Value {
    let message = json!({"messaging_product": "whatsapp", "to": format!("+{PHONE}"), "type": "text",
        "text": {"body": text}});
    json!({"messaging_object": message, "extra_info": {"ref": "our-key", "wa_source": "api"}})
}

/// The account sends this form.
async fn send_v1(bench: &Bench, form: &[(&str, &str)]) -> Result<reqwest::Response, reqwest::Error> {
    let url = format!("{}{KALEYRA_MOUNT}/v1/{SID}/messages", bench.base);
    let mut body = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form {
        body.append_pair(name, value);
    }
    let call = bench.client.post(url).header("api-key", API_KEY);
    call.header("content-type", "application/x-www-form-urlencoded").body(body.finish()).send().await
}

/// A text from the first V1 number to [`PHONE`], with other fields where they are given.
fn text_v1<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("channel", "whatsapp"),
        ("from", "+5215500000004"),
        ("to", "+525512345678"),
        ("type", "text"),
        ("body", "hola"),
        ("ref", "our-key"),
    ];
    form.retain(|(own, _)| changes.iter().all(|(changed, _)| own != changed));
    form.extend(changes);
    form
}

/// A text to [`PHONE`] over either API; on V1 with our callback data in the `callback_url`.
async fn send_text(bench: &Bench, api: KaleyraApi) -> Result<reqwest::Response, reqwest::Error> {
    match api {
        KaleyraApi::V2 => send_v2(bench, &text_v2("hola")).await,
        KaleyraApi::V1 => {
            let own = format!("{}?echo=our-key", bench.hook);
            send_v1(bench, &text_v1(&[("callback_url", own.as_str())])).await
        }
    }
}

/// Injects a fault into the next call of anybody.
async fn script(bench: &Bench, fault: &Value) -> Result<(), Box<dyn Error>> {
    let (status, answer) = bench.control(Method::POST, "faults", &json!({"fault": fault})).await?;
    assert_eq!(status, 201, "{answer}");
    Ok(())
}

/// The entries of the log, as JSON.
async fn log(bench: &Bench) -> Result<Vec<Value>, Box<dyn Error>> {
    let (_, log) = bench.control(Method::GET, "log", &Value::Null).await?;
    Ok(log.as_array().cloned().unwrap_or_default())
}

/// How many messages are on the phone.
async fn arrived(bench: &Bench) -> Result<usize, Box<dyn Error>> {
    Ok(at(&bench.phone(PHONE).await?, "/messages").as_array().map_or(0, Vec::len))
}

/// The statuses of all webhooks so far, once none is pending, as the API names them.
async fn statuses(bench: &Bench, api: KaleyraApi) -> Result<Vec<String>, Box<dyn Error>> {
    let mut words = Vec::new();
    for webhook in bench.webhooks().await {
        words.push(match api {
            KaleyraApi::V1 => webhook.field("status"),
            KaleyraApi::V2 => {
                let body: Value = serde_json::from_slice(&webhook.bytes)?;
                at(&body, "/status").as_str().unwrap_or("none").to_owned()
            }
        });
    }
    Ok(words)
}
