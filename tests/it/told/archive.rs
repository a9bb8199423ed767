//! The archive: whatever a webhook says is in it, in items that can be taken in again.

use std::collections::BTreeSet;

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    test_runner::Config,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use ventanilla::{
    callback::{kaleyra, meta},
    domain::time::Timestamp,
    port::{clock::Clock, credentials::KaleyraSecret},
};

use super::{ANA_ID, webhook};
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

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z0-9]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map("[a-z_]{1,6}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// An object of which some fields have the names that mean something there, and what these hold is mostly as it is there.
fn object(known: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let fields: Vec<_> = known
        .into_iter()
        .map(|(name, value)| {
            let value =
                prop_oneof![4 => value.prop_map(Some), 1 => any_json().prop_map(Some), 2 => Just(None)];
            value.prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        })
        .collect();
    let others = btree_map("[a-z_]{1,6}", any_json(), 0..2);
    (fields, others)
        .prop_map(|(fields, others)| {
            Value::Object(others.into_iter().chain(fields.into_iter().flatten()).collect())
        })
        .boxed()
}

fn one_of(words: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop::sample::select(words).prop_map(Value::from).boxed()
}

fn several(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    vec(value, 0..3).prop_map(Value::from).boxed()
}

const CUSTOMERS: &[&str] = &["50212345678", "50287654321", "US.13491208655302741918"];

fn change() -> BoxedStrategy<Value> {
    let message = object(vec![
        ("id", one_of(&["wamid.1", "wamid.2"])),
        ("from", one_of(CUSTOMERS)),
        ("to", one_of(CUSTOMERS)),
        ("type", one_of(&["text", "image", "button", "system", "edit"])),
        ("text", object(vec![("body", one_of(&["a", "stop"]))])),
        ("image", object(vec![("id", one_of(&["77"])), ("caption", one_of(&["b"]))])),
    ]);
    let status = object(vec![
        ("id", one_of(&["wamid.3"])),
        ("status", one_of(&["sent", "failed", "in_orbit"])),
        ("type", one_of(&["payment", "message"])),
        ("payment", any_json().boxed()),
        ("recipient_id", one_of(CUSTOMERS)),
    ]);
    let contact =
        object(vec![("wa_id", one_of(CUSTOMERS)), ("profile", object(vec![("name", one_of(&["Ana"]))]))]);
    let thread = object(vec![("id", one_of(CUSTOMERS)), ("messages", several(message.clone()))]);
    let chunk = object(vec![("metadata", any_json().boxed()), ("threads", several(thread))]);
    let value = object(vec![
        ("history", several(chunk)),
        ("messaging_product", one_of(&["whatsapp"])),
        ("metadata", object(vec![("phone_number_id", one_of(&["1001"]))])),
        ("contacts", several(contact)),
        ("messages", several(message.clone())),
        ("message_echoes", several(message)),
        ("statuses", several(status)),
        ("errors", several(any_json().boxed())),
        ("user_preferences", several(any_json().boxed())),
    ]);
    object(vec![
        ("field", one_of(&["messages", "history", "calls", "smb_message_echoes", "user_preferences"])),
        ("value", value),
    ])
}

fn body() -> BoxedStrategy<Value> {
    let entry = object(vec![
        ("id", one_of(&["2001"])),
        ("time", Just(json!(5)).boxed()),
        ("changes", several(change())),
    ]);
    object(vec![("object", one_of(&["whatsapp_business_account"])), ("entry", several(entry))])
}

fn split(body: &Value) -> Vec<String> {
    let body = body.to_string();
    let header = signed("k", body.as_bytes());
    let verified = meta::verify(body.as_bytes(), Some(&header), &[SecretString::from("k")]).unwrap();
    meta::split(verified, Timestamp::from_millis(0)).into_iter().map(|item| item.raw).collect()
}

/// The values alone: Kaleyra's items name the place of some anew.
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
        // And an item taken in again is one item, the same.
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
        let admitted = kaleyra::admit("s", |_| None, &secret).unwrap().read("", told.to_string().as_bytes());
        let items = kaleyra::split(&admitted, "2".parse().unwrap(), Timestamp::from_millis(0));
        let kept = values(leaves_of_all(items.iter().map(|item| item.raw.as_str())));
        let lost: Vec<_> = values(leaves(&told)).difference(&kept).cloned().collect();
        prop_assert!(lost.is_empty(), "{lost:?} of {told}");
    }
}

#[tokio::test]
async fn what_is_no_item_is_in_the_archive_too() {
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
    // The record separator stands between the items of a row.
    let kept = leaves_of_all(raw.flat_map(|body| body.split('\u{1e}')));
    let lost: Vec<_> = leaves(&body).difference(&kept).cloned().collect();
    assert!(lost.is_empty(), "{lost:?}");
}
