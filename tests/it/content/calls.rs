//! A customer's call is one message, whichever of its items comes first.

use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;

use super::by_provider_id;
use crate::harness::{IdNumber as _, Stand};

async fn tell(stand: &Stand, call: &Value) {
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2001", "changes": [{ "field": "calls", "value": {
        "messaging_product": "whatsapp", "metadata": { "phone_number_id": "1001", "display_phone_number": "15550100001" }, "calls": [call],
    } }] }] });
    let answer = stand.callback("demo", "demo-app-secret", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_call_shows_how_it_ended_whichever_of_its_items_comes_first() {
    for end_first in [false, true] {
        let stand = Stand::start().await;
        let item = |event: &str| {
            let at = stand.clock.now().seconds().to_string();
            json!({ "id": "wacid.1", "from": "50212345678", "to": "15550100001", "event": event, "direction": "USER_INITIATED", "timestamp": at })
        };
        let mut end = item("terminate");
        end["status"] = json!("COMPLETED");
        end["duration"] = json!(95);
        let connect = item("connect");
        let order = if end_first { [&end, &connect] } else { [&connect, &end] };
        for told in order.into_iter().chain(order) {
            tell(&stand, told).await;
        }
        let shown = by_provider_id(&stand.api, "wacid.1").await;
        let call = json!({ "event": "terminate", "status": "COMPLETED", "direction": "USER_INITIATED", "duration": 95 });
        assert_eq!((&shown["type"], &shown["call"]), (&json!("call"), &call));
        let conversation = stand.conversation_with(super::ANA).await;
        assert_eq!(
            (&conversation["unread_count"], stand.messages(conversation["id"].id_number()).await.len()),
            (&json!(0), 1)
        );
    }
}

#[tokio::test]
async fn the_end_of_a_call_is_an_event_and_is_shown_as_received() {
    let stand = Stand::start().await;
    let at = stand.clock.now().seconds().to_string();
    let connect = json!({ "id": "wacid.1", "from": "50212345678", "event": "connect", "timestamp": at });
    let end = json!({ "id": "wacid.1", "from": "50212345678", "event": "terminate", "status": "FAILED", "timestamp": at, "invented": "kept" });
    for told in [&connect, &end, &end, &connect] {
        tell(&stand, told).await;
    }
    let raw = stand.api.get("/v1/messages/wacid.1?include=raw").await.json();
    assert_eq!(raw["raw"].pointer("/entry/0/changes/0/value/calls/0"), Some(&connect));
    assert_eq!(raw["raw_statuses"].as_array().map(Vec::len), Some(1));
    assert_eq!(raw["raw_statuses"][0].pointer("/entry/0/changes/0/value/calls/0"), Some(&end));
    let told = crate::conversations::events(&stand, "message.updated").await;
    assert_eq!((told.len(), &told[0]["change"]), (1, &json!("call")));
    assert_eq!(told[0]["message"]["call"]["status"], "FAILED");
}
