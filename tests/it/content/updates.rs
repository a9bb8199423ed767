//! Edits, revocations and reactions change the message that they name, in whatever order they come.

use serde_json::{Value, json};

use super::{ANA, by_provider_id, received, webhook};
use crate::harness::{DEMO_KEY, Socket, Stand};

fn edit(of: &str, text: &str) -> Value {
    json!({ "type": "edit", "edit": { "original_message_id": of, "message": { "type": "text", "text": { "body": text } } } })
}

#[tokio::test]
async fn an_edited_message_shows_its_latest_text_and_a_revoked_one_says_so() {
    let stand = Stand::start().await;
    let first = received(&stand, json!({ "type": "text", "text": { "body": "hola" } })).await;
    let of = first["provider_message_id"].as_str().unwrap();
    let edited = received(&stand, edit(of, "buenas")).await;
    assert_eq!((&edited["type"], &edited["text"]), (&json!("edit"), &json!("buenas")));
    let part =
        json!({ "type": "text", "text": "buenas", "message_id": first["id"], "provider_message_id": of });
    assert_eq!((&edited["edit"], &edited["reply_to"]), (&part, &Value::Null));
    let now = by_provider_id(&stand.api, of).await;
    assert_eq!((&now["text"], now["edited_at"].is_string()), (&json!("buenas"), true));
    let revoked =
        received(&stand, json!({ "type": "revoke", "revoke": { "original_message_id": of } })).await;
    assert_eq!(revoked["revoke"]["message_id"], first["id"]);
    assert!(by_provider_id(&stand.api, of).await["revoked_at"].is_string());
}

#[tokio::test]
async fn an_update_before_its_message_waits_for_it() {
    let stand = Stand::start().await;
    let edited = webhook(&stand, edit("wamid.late", "buenas")).await;
    let reaction = json!({ "type": "reaction", "reaction": { "message_id": "wamid.late", "emoji": "👍" } });
    let reacted = webhook(&stand, reaction).await;
    assert_eq!(by_provider_id(&stand.api, &reacted).await["reaction"]["message_id"], Value::Null);
    let late =
        received(&stand, json!({ "id": "wamid.late", "type": "text", "text": { "body": "hola" } })).await;
    assert_eq!((&late["text"], &late["reactions"][0]["emoji"]), (&json!("buenas"), &json!("👍")));
    for (id, part) in [(edited, "edit"), (reacted, "reaction")] {
        assert_eq!(by_provider_id(&stand.api, &id).await[part]["message_id"], late["id"], "{part}");
    }
}

#[tokio::test]
async fn a_reaction_stays_on_its_message_until_it_is_removed() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    assert_eq!(stand.reply(id, "sí").await.status, 200);
    let ours = stand.messages(id).await.pop().unwrap();
    let wamid = ours["provider_message_id"].as_str().unwrap();
    let react =
        |emoji: Value| json!({ "type": "reaction", "reaction": { "message_id": wamid, "emoji": emoji } });
    let came = received(&stand, react(json!("👍"))).await;
    assert_eq!((&came["reaction"]["message_id"], &came["reaction"]["emoji"]), (&ours["id"], &json!("👍")));
    let shown = by_provider_id(&stand.api, wamid).await["reactions"].clone();
    assert_eq!((&shown[0]["sender"], &shown[0]["emoji"]), (&json!("customer"), &json!("👍")));
    received(&stand, react(json!(""))).await;
    assert_eq!(by_provider_id(&stand.api, wamid).await["reactions"], json!([]));
}

#[tokio::test]
async fn the_log_and_sockets_report_the_change() {
    let stand = Stand::start_live().await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    let first = received(&stand, json!({ "type": "text", "text": { "body": "hola" } })).await;
    let of = first["provider_message_id"].as_str().unwrap();
    assert_eq!(socket.next_of("whatsapp_message").await["data"]["messageId"], first["id"]);
    webhook(&stand, edit(of, "buenas")).await;
    let heard = socket.next_of("message_updated").await["data"].clone();
    assert_eq!(
        (&heard["messageId"], &heard["change"], &heard["text"]),
        (&first["id"], &json!("edited"), &json!("buenas"))
    );
    webhook(&stand, json!({ "type": "revoke", "revoke": { "original_message_id": of } })).await;
    let heard = socket.next_of("message_updated").await["data"].clone();
    assert_eq!((&heard["messageId"], &heard["change"]), (&first["id"], &json!("revoked")));
    let log = stand.api.get("/v1/events?after=0").await.json();
    let updates: Vec<&Value> =
        log["data"].as_array().unwrap().iter().filter(|it| it["type"] == "message.updated").collect();
    assert_eq!(
        (&updates[0]["data"]["change"], &updates[0]["data"]["message"]["id"]),
        (&json!("edited"), &first["id"])
    );
    assert_eq!((updates.len(), &updates[1]["data"]["change"]), (2, &json!("revoked")));
}
