//! No leaf of a message is lost: every one is there with `?include=raw`, and those listed here per kind are
//! in typed fields.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{by_provider_id, webhook};
use crate::harness::Stand;

/// Every leaf of a value, as text.
fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|field| leaves(field, found)),
        Value::Array(entries) => entries.iter().for_each(|entry| leaves(entry, found)),
        Value::Null => {}
        other => found.push(other.to_string()),
    }
}

fn all_leaves(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    leaves(value, &mut found);
    found
}

/// Message objects of every kind with made-up content, and the leaves of each that must be in typed fields.
fn messages() -> impl Strategy<Value = (Value, Vec<&'static str>)> {
    let word = "[a-zA-Z0-9áñ👋 ]{1,12}";
    (0..14_usize, word, word, 1..1000_u32, -90.0..90.0_f64).prop_map(|(kind, one, two, number, degrees)| match kind {
        0 => (json!({ "type": "text", "text": { "body": one } }), vec!["/text/body"]),
        1 => (
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": one, "title": two, "description": one } } }),
            vec!["/interactive/list_reply/id", "/interactive/list_reply/title", "/interactive/list_reply/description"],
        ),
        2 => (
            json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": one, "title": two } } }),
            vec!["/interactive/button_reply/id", "/interactive/button_reply/title"],
        ),
        3 => (
            json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": { "name": one, "body": two, "response_json": json!({ "a": one }).to_string() } } }),
            vec!["/interactive/nfm_reply/name", "/interactive/nfm_reply/body"],
        ),
        4 => (json!({ "type": "button", "button": { "payload": one, "text": two } }), vec!["/button/payload", "/button/text"]),
        5 => (
            json!({ "type": "order", "order": { "catalog_id": one, "text": two, "product_items": [{ "product_retailer_id": one, "quantity": number, "item_price": degrees, "currency": "GTQ" }] } }),
            vec!["/order/catalog_id", "/order/text", "/order/product_items/0/product_retailer_id", "/order/product_items/0/quantity", "/order/product_items/0/item_price", "/order/product_items/0/currency"],
        ),
        6 => (
            json!({ "type": "location", "location": { "latitude": degrees, "longitude": number, "name": one, "address": two, "url": "https://a.example" } }),
            vec!["/location/latitude", "/location/longitude", "/location/name", "/location/address", "/location/url"],
        ),
        7 => (
            json!({ "type": "contacts", "contacts": [{ "name": { "formatted_name": one }, "phones": [{ "phone": two, "type": "CELL" }], "emails": [{ "email": one }], "org": { "company": two } }] }),
            vec!["/contacts/0/name/formatted_name", "/contacts/0/phones/0/phone", "/contacts/0/emails/0/email", "/contacts/0/org/company"],
        ),
        8 => (
            json!({ "type": "text", "text": { "body": one }, "referral": { "source_id": two, "source_type": "ad", "headline": one, "ctwa_clid": two, "welcome_message": { "text": one } } }),
            vec!["/text/body", "/referral/source_id", "/referral/headline", "/referral/ctwa_clid", "/referral/welcome_message/text"],
        ),
        9 => (json!({ "type": "reaction", "reaction": { "message_id": format!("wamid.{one}"), "emoji": "👍" } }), vec!["/reaction/message_id", "/reaction/emoji"]),
        10 => (
            json!({ "type": "unsupported", "unsupported": { "type": one }, "errors": [{ "code": number, "title": "Not supported", "error_data": { "details": "from the app" } }] }),
            vec!["/unsupported/type", "/errors/0/code", "/errors/0/title", "/errors/0/error_data/details"],
        ),
        11 => (
            json!({ "type": "image", "image": { "mime_type": "image/png", "caption": one, "sha256": two }, "context": { "forwarded": true, "id": format!("wamid.{two}") } }),
            vec!["/image/mime_type", "/image/caption", "/context/id"],
        ),
        12 => (
            json!({ "type": "system", "system": { "type": "customer_identity_changed", "body": one, "identity": { "hash": two } } }),
            vec!["/system/type", "/system/body", "/system/identity/hash"],
        ),
        _ => (json!({ "type": "hologram", "hologram": { "depth": number, "of": [one, two] } }), vec!["/type"]),
    })
}

#[test]
fn every_leaf_of_a_message_is_returned() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stand = runtime.block_on(Stand::start());
    let mut runner = TestRunner::new(Config { cases: 120, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&messages(), |(message, typed)| {
        let (raw, shown) = runtime.block_on(async {
            let id = webhook(&stand, message.clone()).await;
            let raw = stand.api.get(&format!("/v1/messages/{id}?include=raw")).await.json();
            (raw, by_provider_id(&stand.api, &id).await)
        });
        let told = all_leaves(&raw["raw"]);
        for leaf in all_leaves(&message) {
            prop_assert!(told.contains(&leaf), "{leaf} of {message} is not in {raw}");
        }
        let fields = all_leaves(&shown);
        for place in typed {
            let leaf = message.pointer(place).unwrap_or_else(|| panic!("{place} {message}")).to_string();
            prop_assert!(fields.contains(&leaf), "{place} of {message} is not in {shown}");
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
