//! The shortest reply: read the conversation, call the provider, write the message. It has no intent on record, no
//! idempotency key, no window, no events, no contract; what ours costs more is the price of those.
//!
//! It uses the same clients as ours. The conversation is a row of its own, made by whoever measures.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use lambda_http::{Body, Error, Request, Response, run, service_fn};
use serde_json::{Value, json};
use ventanilla::{
    config::{aws::Aws, env},
    whatsapp::http::client,
};

/// What a call needs.
struct Baseline {
    table: String,
    store: Client,
    http: reqwest::Client,
    /// `POST` of messages at the provider.
    messages: String,
    token: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let http = client()?;
    let baseline = Baseline {
        table: env::required("VENTANILLA_TABLE")?,
        store: Aws::from_env()?.dynamodb(&http),
        http,
        messages: env::required("BASELINE_MESSAGES_URL")?,
        token: env::required("BASELINE_TOKEN")?,
    };
    run(service_fn(|request: Request| reply(&baseline, request))).await
}

async fn reply(baseline: &Baseline, request: Request) -> Result<Response<Body>, Error> {
    let asked: Value = serde_json::from_slice(request.body().as_ref())?;
    let conversation = AttributeValue::S("BASELINE".to_owned());
    let found = baseline
        .store
        .get_item()
        .table_name(&baseline.table)
        .key("pk", conversation.clone())
        .key("sk", AttributeValue::S("CONVERSATION".to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    let number =
        found.item().and_then(|row| row.get("number")?.as_s().ok()).ok_or("there is no conversation")?;
    let text = asked.get("message").ok_or("there is no message")?;
    let message = json!({
        "messaging_product": "whatsapp", "to": number, "type": "text", "text": { "body": text },
    });
    let call = baseline.http.post(&baseline.messages).bearer_auth(&baseline.token).json(&message).build()?;
    let answer: Value = baseline.http.execute(call).await?.error_for_status()?.json().await?;
    let id =
        answer.pointer("/messages/0/id").and_then(Value::as_str).ok_or("the provider named no message")?;
    baseline
        .store
        .put_item()
        .table_name(&baseline.table)
        .item("pk", conversation)
        .item("sk", AttributeValue::S(format!("MESSAGE#{id}")))
        .item("text", AttributeValue::S(text.to_string()))
        .send()
        .await?;
    Ok(Response::new(Body::from(json!({ "success": true }).to_string())))
}
