//! Every kind of webhook that Meta sends about a customer or a number, over the control routes
//! (facts: meta.md 4.4–4.7; template-rules.md 5).

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE, Received},
};

/// The customer writes this; gives the webhook that came of it.
async fn write(bench: &Bench, message: &Value) -> Result<Received, Box<dyn std::error::Error>> {
    let path = format!("phones/{PHONE}/messages");
    let (status, answer) = bench.control(Method::POST, &path, message).await?;
    assert_eq!(status, 200, "{message} {answer}");
    let webhook = bench.webhooks().await.pop().ok_or("no webhook")?;
    assert!(webhook.is_genuine()?);
    Ok(webhook)
}

/// Sends a webhook to the first number by this route.
async fn tell(bench: &Bench, route: &str, body: &Value) -> Result<Received, Box<dyn std::error::Error>> {
    let (status, answer) = bench.control(Method::POST, &format!("numbers/1001/{route}"), body).await?;
    assert_eq!(status, 200, "{body} {answer}");
    let webhook = bench.webhooks().await.pop().ok_or("no webhook")?;
    assert!(webhook.is_genuine()?);
    Ok(webhook)
}

/// Messages whose fields beside `from`, `id` and `timestamp` must come as they are given.
fn messages() -> Vec<Value> {
    let quoted = json!({"from": "5215500000001", "id": "wamid.ASKED"});
    let product = json!({"catalog_id": "C", "product_retailer_id": "SKU"});
    let items = json!([{"product_retailer_id": "SKU", "quantity": 2, "item_price": 30, "currency": "GTQ"}]);
    let card = json!({"name": {"formatted_name": "Eva"}, "phones": [{"phone": "+502 5", "wa_id": "5025"}],
        "emails": [{"email": "eva@example.com"}], "org": {"company": "ACME"}});
    let referral = json!({"source_type": "ad", "source_id": "S", "headline": "Oferta", "ctwa_clid": "C"});
    let flow = json!({"name": "flow", "body": "Sent", "response_json": "{\"answer\":\"x\"}"});
    let call = json!({"response": "accept", "is_permanent": false, "response_source": "user_action"});
    vec![
        json!({"type": "text", "text": {"body": "x"}, "referral": referral}),
        json!({"type": "text", "text": {"body": "x"}, "context": {"forwarded": true}}),
        json!({"type": "text", "text": {"body": "x"}, "context": {"frequently_forwarded": true}}),
        json!({"type": "text", "text": {"body": "x"}, "context": {"from": "1", "id": "w", "referred_product": product}}),
        json!({"type": "interactive", "interactive": {"type": "list_reply",
            "list_reply": {"id": "row_7", "title": "Plan B", "description": "b"}}, "context": quoted}),
        json!({"type": "interactive", "interactive": {"type": "button_reply",
            "button_reply": {"id": "yes", "title": "Sí"}}, "context": quoted}),
        json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": flow}, "context": quoted}),
        json!({"type": "interactive", "interactive": {"type": "call_permission_reply", "call_permission_reply": call}}),
        json!({"type": "button", "button": {"payload": "CONFIRM-77", "text": "Sí"}, "context": quoted}),
        json!({"type": "reaction", "reaction": {"message_id": "wamid.ASKED", "emoji": "👍"}}),
        json!({"type": "reaction", "reaction": {"message_id": "wamid.ASKED", "emoji": ""}}),
        json!({"type": "reaction", "reaction": {"message_id": "wamid.ASKED"}}),
        json!({"type": "order", "order": {"catalog_id": "C", "text": "please", "product_items": items}}),
        json!({"type": "location", "location": {"latitude": 14.6, "longitude": -90.5, "name": "Casa", "address": "Zona 10"}}),
        json!({"type": "contacts", "contacts": [card], "origin": "contact_request"}),
        json!({"type": "edit", "edit": {"original_message_id": "wamid.OLD",
            "message": {"type": "text", "text": {"body": "y"}}}}),
        json!({"type": "revoke", "revoke": {"original_message_id": "wamid.OLD"}}),
        json!({"type": "unsupported", "unsupported": {"type": "poll"},
            "errors": [{"code": 131_051, "title": "Message type unknown"}]}),
        json!({"type": "request_welcome"}),
        json!({"type": "hologram", "hologram": {"depth": 3}}),
    ]
}

#[tokio::test]
async fn every_kind_of_message_comes_as_it_is_given() -> TestResult {
    let bench = Bench::start().await?;
    for given in messages() {
        let value = write(&bench, &given).await?.value()?;
        let mut body = at(&value, "/messages/0").clone();
        let fields = body.as_object_mut().ok_or("no message")?;
        assert_eq!(fields.remove("from"), Some(json!(PHONE)), "{given}");
        assert!(fields.remove("id").is_some_and(|id| id.is_string()), "{given}");
        assert!(fields.remove("timestamp").is_some_and(|at| at.is_string()), "{given}");
        assert!(fields.remove("from_user_id").is_some_and(|id| id.is_string()), "{given}");
        assert_eq!(body, given);
        assert_eq!(at(&value, "/metadata/phone_number_id"), "1001", "{given}");
        assert_eq!(at(&value, "/contacts/0/wa_id"), PHONE, "{given}");
    }
    Ok(())
}

#[tokio::test]
async fn the_sender_can_be_overridden() -> TestResult {
    let bench = Bench::start().await?;
    let given = json!({"text": "x", "from": null, "from_user_id": "GT.1", "from_parent_user_id": "GT.ENT.1",
        "contact": {"wa_id": null, "user_id": "GT.1", "profile": {"name": "Ana", "username": "ana.ruiz"}}});
    let value = write(&bench, &given).await?.value()?;
    let message = at(&value, "/messages/0");
    assert_eq!(at(message, "/from"), &Value::Null);
    assert_eq!(
        (at(message, "/from_user_id"), at(message, "/from_parent_user_id")),
        (&json!("GT.1"), &json!("GT.ENT.1"))
    );
    let contact = json!({"profile": {"name": "Ana", "username": "ana.ruiz"}, "user_id": "GT.1"});
    assert_eq!(at(&value, "/contacts"), &json!([contact]));
    let value = write(&bench, &json!({"text": "x", "contact": null})).await?.value()?;
    assert_eq!(at(&value, "/contacts"), &Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_changed_number_or_user_id_comes_without_a_contact_and_without_a_sender_if_requested() -> TestResult
{
    let bench = Bench::start().await?;
    let number = json!({"type": "system", "system": {"body": "moved", "type": "user_changed_number", "wa_id": "5025"}});
    let value = write(&bench, &number).await?.value()?;
    assert_eq!(at(&value, "/messages/0/from"), PHONE, "the old number");
    assert_eq!(
        (at(&value, "/messages/0/system/wa_id"), at(&value, "/contacts")),
        (&json!("5025"), &Value::Null)
    );
    let user = json!({"type": "system", "from": null, "from_user_id": null, "system": {"type": "user_changed_user_id",
        "previous_user_id": "GT.A", "user_id": "GT.B"}});
    let value = write(&bench, &user).await?.value()?;
    let message = at(&value, "/messages/0").as_object().ok_or("no message")?.clone();
    let names: Vec<&str> = message.keys().map(String::as_str).collect();
    assert_eq!(names, ["system", "id", "timestamp", "type"]);
    Ok(())
}

#[tokio::test]
async fn an_edit_can_bring_a_new_file() -> TestResult {
    let bench = Bench::start().await?;
    let edit = json!({"type": "edit", "edit": {"original_message_id": "wamid.OLD",
        "message": {"type": "image", "image": {"caption": "new"}}}});
    let value = write(&bench, &edit).await?.value()?;
    let image = at(&value, "/messages/0/edit/message/image");
    assert_eq!((at(image, "/caption"), at(image, "/mime_type")), (&json!("new"), &json!("image/jpeg")));
    let url = at(image, "/url").as_str().ok_or("no url")?;
    let file = bench.client.get(url).bearer_auth(super::bench::TOKEN).send().await?;
    assert_eq!(file.status(), 200);
    Ok(())
}

#[tokio::test]
async fn any_field_comes_with_the_number_s_metadata_or_without() -> TestResult {
    let bench = Bench::start().await?;
    let value = json!({"message_echoes": [{"id": "wamid.E"}]});
    let body = tell(&bench, "changes", &json!({"field": "smb_message_echoes", "value": value})).await?;
    let payload: Value = serde_json::from_slice(&body.bytes)?;
    let change = at(&payload, "/entry/0/changes/0");
    assert_eq!(at(&payload, "/entry/0/id"), "2001");
    assert_eq!(at(change, "/field"), "smb_message_echoes");
    let whole = json!({"messaging_product": "whatsapp", "message_echoes": [{"id": "wamid.E"}],
        "metadata": {"display_phone_number": "5215500000001", "phone_number_id": "1001"}});
    assert_eq!(at(change, "/value"), &whole);
    let event = json!({"event": "DISABLED_UPDATE"});
    let body = tell(&bench, "changes", &json!({"field": "account_update", "value": event})).await?;
    assert_eq!(body.value()?, event);
    let bare = json!({"field": "messages", "value": {"messages": []}, "metadata": false, "duplicate": 1});
    let before = bench.received().len();
    assert_eq!(tell(&bench, "changes", &bare).await?.value()?, json!({"messages": []}));
    assert_eq!(bench.received().len(), before + 2, "and its copy");
    Ok(())
}

#[tokio::test]
async fn a_call_causes_a_webhook_and_opens_the_window() -> TestResult {
    let bench = Bench::start().await?;
    let call = json!({"id": "wacid.1", "from": PHONE, "to": "5215500000001", "event": "connect",
        "direction": "USER_INITIATED", "timestamp": bench.sandbox.clock().unix_now().to_string()});
    tell(&bench, "changes", &json!({"field": "calls", "value": {"calls": [call]}})).await?;
    bench.send_text("we missed your call").await?;
    assert_eq!(bench.statuses().await?.last().map(String::as_str), Some("read"));
    Ok(())
}

#[tokio::test]
async fn a_whole_webhook_is_only_signed() -> TestResult {
    let bench = Bench::start().await?;
    let payload = json!({"object": "whatsapp_business_account", "entry": [], "beside": {"entry": "ñ"}});
    let body = tell(&bench, "webhooks", &payload).await?;
    assert_eq!(serde_json::from_slice::<Value>(&body.bytes)?, payload);
    Ok(())
}

#[tokio::test]
async fn any_status_of_a_message_comes_with_its_callback_data() -> TestResult {
    let bench = Bench::with_customer().await?;
    let receipt: Value = bench.send_text("pay").await?.json().await?;
    let wamid = at(&receipt, "/messages/0/id");
    // WhatsApp's own webhook comes first.
    bench.statuses().await?;
    let payment = json!({"reference_id": "order-7", "amount": {"value": 3000, "offset": 100}});
    let given = json!({"id": wamid, "status": "failed", "type": "payment", "payment": payment, "recipient_user_id": null});
    let value = tell(&bench, "statuses", &given).await?.value()?;
    let mut status = at(&value, "/statuses/0").clone();
    let fields = status.as_object_mut().ok_or("no status")?;
    assert!(fields.remove("timestamp").is_some_and(|at| at.is_string()));
    let expected = json!({"id": wamid, "biz_opaque_callback_data": "our-key", "recipient_id": PHONE, "status": "failed",
        "type": "payment", "payment": payment});
    assert_eq!(status, expected);
    assert_eq!(at(&value, "/metadata/phone_number_id"), "1001");
    let unknown = tell(&bench, "statuses", &json!({"id": "wamid.X", "status": "in_orbit"})).await?.value()?;
    assert_eq!(at(&unknown, "/statuses/0/status"), "in_orbit");
    Ok(())
}

#[tokio::test]
async fn a_mistake_is_named_and_kaleyra_sends_only_documented_webhooks() -> TestResult {
    let bench = Bench::start().await?;
    for (path, body, named) in [
        ("numbers/9/changes", json!({"field": "history", "value": {}}), "`phone_number_id`"),
        ("numbers/1003/changes", json!({"field": "history", "value": {}}), "Kaleyra"),
        ("numbers/1001/changes", json!({"field": "history", "value": []}), "`value`"),
        ("numbers/1001/changes", json!({"value": {}}), "`field`"),
        ("numbers/1001/statuses", json!({"status": "sent"}), "`id`"),
        ("numbers/1003/webhooks", json!({}), "Kaleyra"),
    ] {
        let (status, answer) = bench.control(Method::POST, path, &body).await?;
        assert_eq!(status, 400, "{path}");
        assert!(at(&answer, "/error").as_str().is_some_and(|text| text.contains(named)), "{path} {answer}");
    }
    assert!(bench.received().is_empty());
    Ok(())
}
