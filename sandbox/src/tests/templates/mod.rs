//! Templates: lists, parameters, changes and webhooks.

mod changes;
mod edits;
mod fills;
mod lists;
mod preferences;
mod reviews;

use std::error::Error;

use serde_json::{Value, json};

use super::bench::{Bench, PHONE, TOKEN};
use crate::GRAPH_MOUNT;

/// Where the templates of the first number's account are.
fn home(bench: &Bench) -> String {
    format!("{}{GRAPH_MOUNT}/v25.0/2001/message_templates", bench.base)
}

/// The status and the JSON that the first number is answered with.
async fn answer(call: reqwest::RequestBuilder) -> Result<(u16, Value), Box<dyn Error>> {
    let response = call.bearer_auth(TOKEN).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// A definition of the name `visit` with this body text.
fn visit(language: &str, text: &str) -> Value {
    json!({"name": "visit", "language": language, "category": "UTILITY",
        "components": [{"type": "BODY", "text": text}]})
}

/// Creates a template; gives the status and the answer.
async fn create(bench: &Bench, definition: &Value) -> Result<(u16, Value), Box<dyn Error>> {
    answer(bench.client.post(home(bench)).json(definition)).await
}

/// The list that this query gives.
async fn list(bench: &Bench, query: &str) -> Result<(u16, Value), Box<dyn Error>> {
    answer(bench.client.get(format!("{}{query}", home(bench)))).await
}

/// A template for [`PHONE`].
fn filled(name: &str, language: &str, components: &Value) -> Value {
    let template = json!({"name": name, "language": {"code": language}, "components": components});
    json!({"messaging_product": "whatsapp", "to": format!("+{PHONE}"), "type": "template",
        "template": template})
}

/// Text parameters with these values.
fn texts(texts: &[&str]) -> Value {
    texts.iter().map(|text| json!({"type": "text", "text": text})).collect()
}
