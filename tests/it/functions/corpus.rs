//! Sample webhooks, one per kind, through the real binary; what readers return for them is a snapshot.

use std::{collections::BTreeSet, fs};

use serde_json::{Map, Value, json};

use super::{Function, event, root, telling};
use crate::harness::Stand;

/// The ids of messages and calls that a body names.
fn ids(body: &Value, found: &mut BTreeSet<String>) {
    match body {
        Value::Object(fields) => fields.values().for_each(|field| ids(field, found)),
        Value::Array(entries) => entries.iter().for_each(|entry| ids(entry, found)),
        Value::String(text) if text.starts_with("wamid.") || text.starts_with("wacid.") => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

/// What differs from run to run is taken out: our own ids and our own clock.
fn held_still(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            // Where there is no message yet, it is the time of creation.
            if fields.get("last_message").is_some_and(Value::is_null) {
                fields.insert("last_message_at".to_owned(), json!("our clock"));
            }
            for (name, field) in fields {
                match name.as_str() {
                    "created_at" => *field = json!("our clock"),
                    _ => held_still(field),
                }
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(held_still),
        Value::String(text) => {
            for word in ["msg_", "conv_", "contact_", "media_"] {
                let at = text.find(word).map(|at| at + word.len());
                if let Some(at) = at.filter(|at| text[*at..].bytes().all(|byte| byte.is_ascii_digit())) {
                    text.truncate(at);
                    text.push('#');
                }
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn reads_after_a_webhook_of_each_kind_are_unchanged() {
    let stand = Stand::start().await;
    let function = Function::start("webhook", &stand).await;
    let folder = root().join("tests/corpus");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "shown.json")
        .collect();
    names.sort();
    assert!(names.len() >= 60, "{names:?}");
    let mut known = BTreeSet::new();
    for name in &names {
        let sample: Value = serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap();
        ids(&sample, &mut known);
        // Twice, as Meta may.
        for _ in 0..2 {
            let answer = function.invoke(telling(event("webhook-meta-text.json"), &sample)).await.unwrap();
            assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
        }
    }
    let mut messages = Map::new();
    for id in known {
        let answer = stand.api.get(&format!("/v1/messages/{id}")).await;
        messages.insert(id, if answer.status == 200 { answer.json() } else { Value::Null });
    }
    let mut conversations = stand.conversations().await;
    conversations.sort_by_key(|it| format!("{}{}", it["contact"]["phone_number"], it["contact"]["user_id"]));
    let mut shown = json!({ "messages": messages, "conversations": conversations });
    held_still(&mut shown);
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("shown.json")).unwrap()).unwrap();
    if shown != expected {
        let there = std::env::temp_dir().join("ventanilla-corpus-shown.json");
        fs::write(&there, serde_json::to_string_pretty(&shown).unwrap() + "\n").unwrap();
        for (id, message) in shown["messages"].as_object().unwrap() {
            assert_eq!(*message, expected["messages"][id], "{id}; all of it is in {}", there.display());
        }
        assert_eq!(shown["conversations"], expected["conversations"], "all of it is in {}", there.display());
    }
}
