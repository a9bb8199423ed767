//! What webhooks and refusals tell of templates is in our copy at once.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;
use ventanilla_sandbox::{Fault, FaultRule};

use super::{LIST, change, entry, lists, reminder, status_of};
use crate::harness::Stand;

const PATH: &str = "/api/whatsapp/send-template";
const ANA: &str = "+50212345678";

/// A webhook of app `demo` about `hello_world`, dated this many seconds from now by the provider's clock.
fn told(stand: &Stand, field: &str, ahead: i64, extra: &Value) -> Value {
    let mut value = json!({
        "message_template_id": 7, "message_template_name": "hello_world", "message_template_language": "en-US",
    });
    value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let at = stand.clock.now().seconds() + ahead;
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "2001", "time": at, "changes": [{ "field": field, "value": value }] }],
    })
}

fn status(stand: &Stand, ahead: i64, event: &str) -> Value {
    told(stand, "message_template_status_update", ahead, &json!({ "event": event, "reason": "NONE" }))
}

async fn hear(stand: &Stand, body: &Value) {
    assert_eq!(stand.callback("demo", "demo-app-secret", body).await.status, 200);
}

#[tokio::test]
async fn a_webhook_changes_the_copy_in_the_same_call() {
    let stand = Stand::start().await;
    stand.api.get(LIST).await;
    change(&stand, "hello_world", "en_US", &json!({ "status": "PAUSED", "tell": true })).await;
    stand.running.sandbox.until_idle().await;
    let listed = stand.api.get(&format!("{LIST}?all=true")).await;
    assert_eq!(status_of(&listed, "hello_world").as_deref(), Some("PAUSED"));
    // The message is rejected before it is sent.
    let body = json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }] });
    let refused = stand.api.post(PATH, &body).await;
    assert_eq!(refused.json()["problems"][0]["problem"], "its status is PAUSED");
    change(&stand, "hello_world", "en_US", &json!({ "category": "MARKETING", "tell": true })).await;
    change(&stand, "hello_world", "en_US", &json!({ "quality": "RED", "tell": true })).await;
    stand.running.sandbox.until_idle().await;
    let hello = entry(&stand.api.get(&format!("{LIST}?all=true")).await, "hello_world").unwrap();
    assert_eq!((&hello["category"], &hello["quality"]), (&json!("MARKETING"), &json!("RED")));
}

#[tokio::test]
async fn a_list_that_was_asked_for_before_a_webhook_does_not_undo_it() {
    let stand = Stand::start().await;
    stand.api.get(LIST).await;
    // By the provider's clock, which is ahead of ours: so every list of the next half minute is older.
    let paused = status(&stand, 30, "PAUSED");
    for _ in 0..2 {
        hear(&stand, &paused).await;
    }
    let older = stand.api.get(&format!("{LIST}?all=true&refresh=true")).await;
    assert_eq!(status_of(&older, "hello_world").as_deref(), Some("PAUSED"));
    stand.clock.advance(Duration::from_mins(1));
    let later = stand.api.get(&format!("{LIST}?all=true&refresh=true")).await;
    assert_eq!(status_of(&later, "hello_world").as_deref(), Some("APPROVED"));
    // Another app may not speak for this account.
    let foreign = stand.callback("second", "second-app-secret", &paused).await;
    assert_eq!(foreign.status, 200);
    let still = stand.api.get(&format!("{LIST}?all=true")).await;
    assert_eq!(status_of(&still, "hello_world").as_deref(), Some("APPROVED"));
}

#[tokio::test]
async fn a_late_report_of_one_part_counts_though_another_is_newer() {
    let stand = Stand::start().await;
    stand.api.get(LIST).await;
    let quality = told(&stand, "message_template_quality_update", 20, &json!({ "new_quality_score": "RED" }));
    hear(&stand, &quality).await;
    hear(&stand, &status(&stand, 10, "PAUSED")).await;
    hear(&stand, &status(&stand, 5, "APPROVED")).await;
    let hello = entry(&stand.api.get(&format!("{LIST}?all=true")).await, "hello_world").unwrap();
    assert_eq!((&hello["status"], &hello["quality"]), (&json!("PAUSED"), &json!("RED")));
}

#[tokio::test]
async fn partly_known_components_reject_nothing_until_a_list_has_them() {
    let stand = Stand::start().await;
    stand.api.get(LIST).await;
    // A place more, at the provider and by webhook; buttons and other headers webhooks may leave out.
    let body = json!({ "message_template_element": "Hola {{1}} {{2}}" });
    hear(&stand, &told(&stand, "message_template_components_update", 0, &body)).await;
    let hello = entry(&stand.api.get(LIST).await, "hello_world").unwrap();
    let shown = hello["components"].as_array().unwrap().iter().find(|part| part["type"] == "BODY").unwrap();
    assert_eq!(shown["text"], "Hola {{1}} {{2}}");
    // The provider has it without places, as before. No list can be had: then the provider is asked by sending.
    let bare = json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }] });
    stand.clock.advance(Duration::from_secs(11));
    stand.running.sandbox.inject(FaultRule::new(Fault::TemplateList { page: 0, code: 131_000 }));
    assert_eq!(stand.api.post(PATH, &bare).await.json()["summary"]["sent"], 1);
    // The next list makes it certain, and an invalid message is rejected again.
    assert_eq!(stand.api.post(PATH, &bare).await.json()["summary"]["sent"], 1);
    let mut filled = bare.clone();
    let text = |text: &str| json!({ "type": "text", "text": text });
    filled["components"] = json!([{ "type": "body", "parameters": [text("a"), text("b")] }]);
    let refused = stand.api.post(PATH, &filled).await.json();
    assert_eq!(refused["problems"][0]["component"], "body", "{refused}");
}

#[tokio::test]
async fn a_rejection_of_the_template_marks_the_copy() {
    for (code, shown) in [(132_001, None), (132_015, Some("PAUSED")), (132_016, Some("DISABLED"))] {
        let stand = Stand::start().await;
        stand.api.get(LIST).await;
        let calls = lists(&stand);
        let fault = Fault::Refuse { code, http_status: None, details: None };
        stand.running.sandbox.inject(FaultRule::new(fault).to(ANA));
        let body = stand.api.post(PATH, &reminder(&[ANA])).await.json();
        assert_eq!(body["summary"]["failed"], 1, "{body}");
        let listed = stand.api.get(&format!("{LIST}?all=true")).await;
        assert_eq!(status_of(&listed, "appointment_reminder").as_deref(), shown, "{code}");
        let rows = stand.rows().await;
        let word = shown.unwrap_or("GONE");
        let told = rows.values().filter(|row| {
            row["kind"]["S"] == "template.changed" && row.to_string().contains(&format!("\"S\":\"{word}\""))
        });
        assert!(told.count() >= 1, "{code}");
        assert_eq!(lists(&stand), calls, "no list was needed");
        // The provider's list has it was; the next one mends the copy.
        stand.clock.advance(Duration::from_secs(61));
        let mended = stand.api.get(LIST).await;
        assert_eq!(status_of(&mended, "appointment_reminder").as_deref(), Some("APPROVED"), "{code}");
    }
}
