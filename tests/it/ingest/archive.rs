//! The archive: everything in a webhook is in it, in items that can be ingested again.

use std::collections::BTreeSet;

use http::HeaderMap;
use proptest::{prelude::*, test_runner::Config};
use secrecy::SecretString;
use serde_json::{Value, json};
use ventanilla::{
    domain::time::Timestamp,
    ports::clock::Clock,
    whatsapp::{
        kaleyra::{KaleyraSecret, webhook as kaleyra},
        meta::webhook as meta,
        webhook::WebhookCall,
    },
};

use super::{
    ANA_ID,
    bodies::{any_json, body, change, object, several},
    webhook,
};
use crate::harness::{Stand, signed};

/// Every value that is no list or object, with the names that lead to it.
fn leaves(value: &Value) -> BTreeSet<(String, String)> {
    fn add(value: &Value, path: &str, all: &mut BTreeSet<(String, String)>) {
        match value {
            Value::Object(fields) => {
                for (name, held) in fields {
                    add(held, &format!("{path}/{name}"), all);
                }
            }
            Value::Array(several) => several.iter().for_each(|held| add(held, path, all)),
            leaf => {
                all.insert((path.to_owned(), leaf.to_string()));
            }
        }
    }
    let mut all = BTreeSet::new();
    add(value, "", &mut all);
    all
}

fn leaves_of_all<'a>(items: impl IntoIterator<Item = &'a str>) -> BTreeSet<(String, String)> {
    items.into_iter().flat_map(|raw| leaves(&serde_json::from_str(raw).unwrap())).collect()
}

fn split(body: &Value) -> Vec<String> {
    let body = body.to_string();
    let header = signed("k", body.as_bytes());
    let verified = meta::verify(body.as_bytes(), Some(&header), &[SecretString::from("k")]).unwrap();
    meta::split(verified, Timestamp::from_millis(0)).into_iter().map(|item| item.raw).collect()
}

/// The values alone: Kaleyra's items move some of them to other paths.
fn values(leaves: BTreeSet<(String, String)>) -> BTreeSet<String> {
    leaves.into_iter().map(|(_, value)| value).collect()
}

proptest! {
    #![proptest_config(Config { cases: 512, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_leaf_of_a_webhook_is_in_an_item(body in body()) {
        let kept = split(&body);
        let lost: Vec<_> = leaves(&body).difference(&leaves_of_all(kept.iter().map(String::as_str))).cloned().collect();
        prop_assert!(lost.is_empty(), "{lost:?} of {body}");
        // And an item that is ingested again is one item, the same.
        for raw in kept {
            let again = split(&serde_json::from_str(&raw).unwrap());
            prop_assert_eq!(again, vec![raw]);
        }
    }

    #[test]
    fn every_value_of_a_webhook_of_kaleyras_is_in_an_item(changes in prop_oneof![change(), several(change())], extra in any_json(), beside in object(vec![])) {
        let mut told = beside;
        told["meta_object"] = changes;
        told["extra_info"] = json!({ "media_url": "https://x.example/1", "ref": extra });
        let secret = KaleyraSecret { sid: "HX".to_owned(), api_key: "A".into(), callback: vec!["s".into()], callback_header: None };
        let (headers, body) = (HeaderMap::new(), told.to_string());
        let call = WebhookCall { path_secret: Some("s"), headers: &headers, query: "", body: body.as_bytes() };
        let items = kaleyra::split(&kaleyra::authenticate(call, &secret).unwrap(), "2".parse().unwrap(), Timestamp::from_millis(0));
        let kept = values(leaves_of_all(items.iter().map(|item| item.raw.as_str())));
        let lost: Vec<_> = values(leaves(&told)).difference(&kept).cloned().collect();
        prop_assert!(lost.is_empty(), "{lost:?} of {told}");
    }
}

#[tokio::test]
async fn webhooks_without_an_item_are_archived_too() {
    let stand = Stand::start().await;
    let at = stand.clock.now().seconds().to_string();
    let message = json!({ "id": "wamid.1", "from": ANA_ID, "timestamp": at, "type": "text", "text": { "body": "hola" } });
    let contacts = json!([{ "wa_id": ANA_ID }, { "wa_id": "525512345678", "profile": { "name": "Luz" } }]);
    let mut body =
        webhook("messages", json!({ "messages": [message], "contacts": contacts, "statuses": [] }));
    body["trace"] = json!("t-1");
    body["entry"][0]["region"] = json!({ "of": "na" });
    body["entry"][0]["changes"][0]["version"] = json!(26);
    assert_eq!(stand.callback("demo", "demo-app-secret", &body).await.status, 200);
    let rows = stand.rows().await;
    let raw =
        rows.values().filter(|row| row["row"]["S"] == "raw").map(|row| row["body"]["S"].as_str().unwrap());
    // The record separator is between the items of a row.
    let kept = leaves_of_all(raw.flat_map(|body| body.split('\u{1e}')));
    let lost: Vec<_> = leaves(&body).difference(&kept).cloned().collect();
    assert!(lost.is_empty(), "{lost:?}");
}
