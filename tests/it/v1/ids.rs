//! Ids: each says of what it is, and whatever an answer shows can be looked up.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    files::put_in,
    harness::{IdNumber as _, Stand, eventually},
    templates::broadcasts::{LATER, to},
};

const ANA: &str = "+50212345678";

/// Where the thing of an id is found, by its prefix.
const PLACES: [(&str, &str); 7] = [
    ("conv_", "/v1/conversations/"),
    ("contact_", "/v1/contacts/"),
    ("msg_", "/v1/messages/"),
    ("ch_", "/v1/channels/"),
    ("bc_", "/v1/broadcasts/"),
    ("media_", "/v1/media/"),
    ("evt_", "/v1/events/"),
];

/// Where an id is found, if the text is one.
fn place_of(text: &str) -> Option<String> {
    let (prefix, place) = PLACES.iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let rest = &text[prefix.len()..];
    let whole = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    whole.then(|| format!("{place}{text}"))
}

/// The ids in an answer. A field that is called an id and holds a number is a mistake, but for the caller's own reference.
fn walk(value: &Value, places: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let named_so = name == "id" || name.ends_with("_id") || name == "merged_into";
                assert!(!(named_so && field.is_number()) || name == "request_id", "{name}: {value}");
                walk(field, places);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| walk(entry, places)),
        Value::String(text) => places.extend(place_of(text)),
        _ => {}
    }
}

/// One of everything, and the paths of the lists that show it.
async fn furnished(stand: &Stand) -> Vec<String> {
    let conversation = stand.customer_writes(ANA, "hola").await;
    assert_eq!(stand.reply(conversation, "claro").await.status, 200);
    let file = put_in(stand, "image/png", b"a picture").await;
    let body = json!({ "conversationId": format!("conv_{conversation}"), "media": file["id"] });
    let sent = stand.api.post("/v1/messages/send", &body).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let list = to(&[ANA.to_owned(), "+50287654321".to_owned()]);
    let begun = stand.api.post_with("/api/whatsapp/send-template", &[LATER], &list).await.json();
    let broadcast = begun["summary"]["jobId"].clone();
    eventually("the broadcast is done", async || {
        let told = stand.api.get(&format!("/v1/broadcasts/{broadcast}")).await.json();
        (told["state"] == "done").then_some(())
    })
    .await;
    stand.running.sandbox.until_idle().await;
    stand.follow().await;
    vec![
        "/v1/conversations".to_owned(),
        "/v1/channels".to_owned(),
        "/v1/contacts".to_owned(),
        "/v1/events?cursor=0&limit=100".to_owned(),
        format!("/v1/conversations/{conversation}/messages"),
        format!("/v1/broadcasts/{broadcast}"),
        format!("/v1/broadcasts/{broadcast}/recipients"),
    ]
}

#[tokio::test]
async fn every_id_in_a_response_can_be_looked_up_recursively() {
    let stand = Stand::start().await;
    let mut known = BTreeSet::new();
    let mut open = BTreeSet::from_iter(furnished(&stand).await);
    while let Some(path) = open.pop_first() {
        let answer = stand.api.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        known.insert(path);
        let mut places = BTreeSet::new();
        walk(&answer.json(), &mut places);
        open.extend(places.difference(&known).cloned());
    }
    for (_, place) in PLACES {
        assert!(known.iter().any(|path| path.starts_with(place)), "{place}: {known:?}");
    }
}

#[tokio::test]
async fn an_id_is_accepted_with_its_prefix_and_without_and_a_message_by_its_provider_s_too() {
    let stand = Stand::start().await;
    let number = stand.customer_writes(ANA, "hola").await;
    let message = stand.messages(number).await[0].clone();
    let contact = stand.conversation_with(ANA).await["contact"]["id"].clone();
    let found = async |path: String| stand.api.get(&path).await.json()["id"].clone();
    for id in [format!("conv_{number}"), number.to_string()] {
        assert_eq!(found(format!("/v1/conversations/{id}")).await, format!("conv_{number}"));
    }
    for id in [contact.as_str().unwrap().to_owned(), contact.id_number().to_string()] {
        assert_eq!(found(format!("/v1/contacts/{id}")).await, contact);
    }
    let provider_id = message["provider_message_id"].as_str().unwrap();
    for id in [message["id"].as_str().unwrap(), &message["id"].id_number().to_string(), provider_id] {
        assert_eq!(found(format!("/v1/messages/{id}")).await, message["id"]);
    }
    let other = stand.api.get(&format!("/v1/conversations/contact_{number}")).await;
    assert_eq!((other.status.as_u16(), &other.json()["field"]), (400, &json!("id")));
    // A channel of a list, too.
    for channel in ["1", "ch_1"] {
        let page = stand.api.get(&format!("/v1/conversations?channel_id={channel}")).await.json();
        assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{channel}");
    }
}
