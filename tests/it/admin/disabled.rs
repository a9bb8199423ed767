//! A disabled channel sends nothing, in any contract, and still receives its customers' messages.

use std::sync::Arc;

use serde_json::json;
use ventanilla::whatsapp::http::client;
use ventanilla_local::{admin::Environment, secrets::FolderSecrets};

use super::{Folder, done};
use crate::harness::{DEMO_KEY, Stand};

const ANA: &str = "+50212345678";

fn desk(stand: &Stand, folder: &Folder) -> Environment {
    let secrets = Arc::new(FolderSecrets::new(&folder.0));
    Environment::new(
        stand.running.functions.app.core.ports.clone(),
        stand.running.table.clone(),
        secrets,
        &client().unwrap(),
    )
}

#[tokio::test]
async fn every_contract_says_why_nothing_was_sent() {
    let (stand, folder) = (Stand::start().await, Folder::new());
    let desk = desk(&stand, &folder);
    let id = stand.customer_writes(ANA, "hola").await;
    done(&desk, "channel disable 1 --tenant demo", "").await;
    // Functions may remember the channel for a minute.
    stand.clock.advance(std::time::Duration::from_secs(61));

    let reply = stand.reply(id, "buenas").await;
    assert_eq!((reply.status.as_u16(), &reply.json()["code"]), (500, &json!("channel_disabled")));
    let body = json!({ "phoneNumber": ANA, "content": "hola" });
    let sent = stand.api.post("/api/whatsapp/send", &body).await;
    assert_eq!((sent.status.as_u16(), &sent.json()["code"]), (403, &json!("channel_disabled")));
    let key = [("api-key", DEMO_KEY)];
    let body = json!({ "messaging_object": { "messaging_product": "whatsapp", "to": ANA, "type": "text",
        "text": { "body": "hola" } }, "extra_info": {} });
    let path = "/v2/demo/whatsapp/+15550100001/messages";
    let passed = stand.api.with_key(None).post_with(path, &key, &body).await;
    assert_eq!((passed.status.as_u16(), &passed.json()["reason"]), (401, &json!("channel_disabled")));
    let body = json!({ "conversationId": format!("conv_{id}"), "text": "hola" });
    let sent = stand.api.post("/v1/messages/send", &body).await;
    assert_eq!((sent.status.as_u16(), &sent.json()["code"]), (403, &json!("CHANNEL_DISABLED")));
    let body = json!({ "templateName": "hello_world", "languageCode": "en_US",
        "recipients": [{ "phoneNumber": ANA }] });
    for path in ["/api/whatsapp/send-template", "/api/whatsapp/send-template?dry_run=true"] {
        let told = stand.api.post(path, &body).await.json();
        assert_eq!(told["results"][0]["code"], "channel_disabled", "{path}: {told}");
    }
    assert_eq!(stand.phone_got(ANA).await, [""; 0]);

    // Its customers' messages are ingested all the same, and answered once it is enabled again.
    stand.customer_writes(ANA, "¿hay alguien?").await;
    assert_eq!(stand.messages(id).await.len(), 2);
    done(&desk, "channel enable 1 --tenant demo", "").await;
    stand.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(stand.reply(id, "sí").await.status, 200);
    assert_eq!(stand.phone_got(ANA).await, ["sí"]);
}
