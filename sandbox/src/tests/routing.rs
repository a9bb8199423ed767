//! Conversations that Meta's agent or somebody else owns (facts: onboarding.md 4; template-rules.md 5.3).

use std::{error::Error, time::Duration};

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE, TOKEN, text_body},
};
use crate::LogEntry;

/// The first number, whose conversations are the agent's while the business has this role.
async fn routed(ours: &str) -> Result<Bench, Box<dyn Error>> {
    let bench = Bench::start().await?;
    let routing = json!({"primary": "ai_agent", "ours": ours});
    let set = bench.control(Method::PUT, "numbers/1001/routing", &routing).await?;
    assert_eq!(set, (200, routing));
    Ok(bench)
}

/// The customer writes; returns the field and the value of the webhook.
async fn write(bench: &Bench, text: &str) -> Result<(String, Value), Box<dyn Error>> {
    let path = format!("phones/{PHONE}/messages");
    let (status, answer) = bench.control(Method::POST, &path, &json!({"text": text})).await?;
    assert_eq!(status, 200, "{answer}");
    last(bench).await
}

/// The field and the value of the last webhook.
async fn last(bench: &Bench) -> Result<(String, Value), Box<dyn Error>> {
    let webhook = bench.webhooks().await.pop().ok_or("no webhook")?;
    assert!(webhook.is_genuine()?);
    let payload: Value = serde_json::from_slice(&webhook.bytes)?;
    let change = at(&payload, "/entry/0/changes/0");
    Ok((at(change, "/field").as_str().ok_or("no field")?.to_owned(), at(change, "/value").clone()))
}

/// The fields of all webhooks so far.
async fn fields(bench: &Bench) -> Result<Vec<String>, Box<dyn Error>> {
    let field = |webhook: super::bench::Received| {
        let payload: Value = serde_json::from_slice(&webhook.bytes)?;
        Ok(at(&payload, "/entry/0/changes/0/field").as_str().unwrap_or_default().to_owned())
    };
    bench.webhooks().await.into_iter().map(field).collect()
}

/// Somebody else does something with the conversation; gives its owner afterwards.
async fn other(bench: &Bench, action: &Value) -> Result<Value, Box<dyn Error>> {
    let (status, answer) = bench.control(Method::POST, &format!("phones/{PHONE}/thread"), action).await?;
    assert_eq!(status, 200, "{action} {answer}");
    Ok(at(&answer, "/owner").clone())
}

/// The business calls `thread_control`; gives the code of the error, or null.
async fn control(bench: &Bench, action: &str, more: &Value) -> Result<Value, Box<dyn Error>> {
    let mut body = json!({"messaging_product": "whatsapp", "to": format!("+{PHONE}"), "action": action});
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let url = format!("{}/sandbox/graph/v25.0/1001/thread_control", bench.base);
    let answer: Value = bench.client.post(url).bearer_auth(TOKEN).json(&body).send().await?.json().await?;
    if at(&answer, "/error").is_null() {
        assert_eq!(at(&answer, "/messaging_product"), "whatsapp");
        assert!(at(&answer, "/request_id").is_string(), "{answer}");
    }
    Ok(at(&answer, "/error/code").clone())
}

async fn owner(bench: &Bench) -> Result<Value, Box<dyn Error>> {
    let (_, shown) = bench.control(Method::GET, "numbers/1001/routing", &Value::Null).await?;
    Ok(at(&shown, "/threads/0/owner").clone())
}

#[tokio::test]
async fn what_the_agent_answers_comes_for_listening_only() -> TestResult {
    let bench = routed("escalation").await?;
    let (field, value) = write(&bench, "hola").await?;
    assert_eq!(field, "standby");
    assert_eq!(at(&value, "/metadata/phone_number_id"), "1001");
    assert_eq!(at(&value, "/standby/messages/0/text/body"), "hola");
    assert_eq!(at(&value, "/standby/contacts/0/wa_id"), PHONE);
    assert_eq!((at(&value, "/messages"), at(&value, "/contacts")), (&Value::Null, &Value::Null));
    assert_eq!(owner(&bench).await?, "ai_agent");

    let message = json!({"type": "text", "text": {"body": "I am an agent"}});
    assert_eq!(other(&bench, &json!({"action": "send", "message": message})).await?, "ai_agent");
    let body = bench.webhooks().await;
    assert_eq!(fields(&bench).await?, ["standby"; 5], "a message, an echo and three statuses");
    let values: Vec<Value> = body.iter().map(super::bench::Received::value).collect::<Result<_, _>>()?;
    let echo = values.iter().find_map(|value| value.pointer("/standby/message_echoes/0")).ok_or("no echo")?;
    let body = json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": PHONE,
        "type": "text", "text": {"body": "I am an agent"}});
    assert_eq!(at(echo, "/message"), &body);
    assert!(at(echo, "/timestamp").is_string());
    let status = values.iter().find_map(|value| value.pointer("/standby/statuses/0")).ok_or("no status")?;
    assert_eq!(at(status, "/id"), at(echo, "/id"));
    let phone = bench.phone(PHONE).await?;
    assert_eq!(at(&phone, "/messages/1/text"), "I am an agent");
    Ok(())
}

#[tokio::test]
async fn a_conversation_that_is_passed_to_the_business_causes_a_webhook_and_is_then_its_own() -> TestResult {
    let bench = routed("escalation").await?;
    write(&bench, "hola").await?;
    let action = json!({"action": "pass", "metadata": "ticket 7", "summary": "wants a person"});
    assert_eq!(other(&bench, &action).await?, "escalation");
    let (field, value) = last(&bench).await?;
    assert_eq!(field, "messaging_handovers");
    let expected = json!({
        "messaging_product": "whatsapp",
        "sender": {"phone_number": PHONE},
        "recipient": {"display_phone_number": "5215500000001", "phone_number_id": "1001"},
        "type": "control_passed",
        "timestamp": at(&value, "/timestamp").as_str().ok_or("no time")?,
        "control_passed": {"previous_owner_role": "ai_agent", "new_owner_role": "escalation", "metadata": "ticket 7",
            "conversation_context": {"type": "summary", "summary": {"text": "wants a person"}}},
    });
    assert_eq!(value, expected);
    assert_eq!(write(&bench, "are you there?").await?.0, "messages");
    assert_eq!(bench.send_text("yes").await?.status(), 200);
    assert_eq!(owner(&bench).await?, "escalation");
    // Given back, the agent answers again, and the business gets no webhook for its own calls.
    let count = bench.webhooks().await.len();
    let to_agent = json!({"control_pass": {"target_role": "ai_agent"}, "metadata": "done"});
    assert_eq!(control(&bench, "pass", &to_agent).await?, Value::Null);
    assert_eq!(bench.webhooks().await.len(), count);
    assert_eq!(write(&bench, "thanks").await?.0, "standby");
    Ok(())
}

#[tokio::test]
async fn the_escalation_partner_takes_by_asking_or_by_sending() -> TestResult {
    let bench = routed("escalation").await?;
    write(&bench, "hola").await?;
    assert_eq!(control(&bench, "take", &json!({})).await?, Value::Null);
    assert_eq!(owner(&bench).await?, "escalation");
    assert_eq!(control(&bench, "release", &json!({})).await?, Value::Null);
    assert_eq!(owner(&bench).await?, Value::Null);
    assert_eq!(control(&bench, "release", &json!({})).await?, Value::Null, "an idle one as well");
    assert_eq!(write(&bench, "hola").await?.0, "standby");
    assert_eq!(bench.send_text("a person here").await?.status(), 200);
    assert_eq!(owner(&bench).await?, "escalation");
    assert_eq!(write(&bench, "good").await?.0, "messages");
    assert!(!fields(&bench).await?.contains(&"messaging_handovers".to_owned()), "only the agent is notified");
    Ok(())
}

#[tokio::test]
async fn who_does_not_own_it_sends_templates_only_and_takes_nothing() -> TestResult {
    let bench = routed("customer_service").await?;
    let refused = bench.send(&text_body("hello?")).await?;
    let error: Value = refused.json().await?;
    assert_eq!(at(&error, "/error/code"), &json!(131_005), "not even into an idle one");
    write(&bench, "hola").await?;
    let error: Value = bench.send(&text_body("hello?")).await?.json().await?;
    assert_eq!(at(&error, "/error/code"), &json!(131_005));
    assert_eq!(control(&bench, "take", &json!({})).await?, json!(2_494_191));
    for action in ["pass", "release"] {
        assert_eq!(control(&bench, action, &json!({})).await?, json!(100), "{action}");
    }
    let template = json!({"messaging_product": "whatsapp", "to": PHONE, "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}}});
    assert_eq!(bench.send(&template).await?.status(), 200);
    assert_eq!(owner(&bench).await?, "ai_agent", "a template changes no owner");
    // Passed to it, it answers, until somebody escalates.
    assert_eq!(other(&bench, &json!({"action": "pass"})).await?, "customer_service");
    assert_eq!(bench.send(&text_body("hello")).await?.status(), 200);
    assert_eq!(other(&bench, &json!({"action": "take", "metadata": "urgent"})).await?, "escalation");
    let handovers: Vec<String> =
        fields(&bench).await?.into_iter().filter(|it| it == "messaging_handovers").collect();
    assert_eq!(handovers.len(), 2);
    let body = bench.webhooks().await;
    let taken =
        body.iter().find_map(|it| it.value().ok()?.get("control_taken").cloned()).ok_or("no webhook")?;
    let expected = json!({"previous_owner_role": "customer_service", "new_owner_role": "escalation", "metadata": "urgent"});
    assert_eq!(taken, expected);
    Ok(())
}

#[tokio::test]
async fn another_one_s_message_takes_the_conversation_from_the_business() -> TestResult {
    let bench = routed("customer_service").await?;
    write(&bench, "hola").await?;
    other(&bench, &json!({"action": "pass"})).await?;
    let message = json!({"type": "text", "text": {"body": "I take over"}});
    let action = json!({"action": "send", "by": "escalation", "message": message});
    assert_eq!(other(&bench, &action).await?, "escalation");
    let body = bench.webhooks().await;
    let taken =
        body.iter().find_map(|it| it.value().ok()?.get("control_taken").cloned()).ok_or("no webhook")?;
    assert_eq!(at(&taken, "/metadata"), "Control taken via service message");
    assert_eq!(write(&bench, "ok").await?.0, "standby");
    Ok(())
}

#[tokio::test]
async fn an_owner_keeps_a_conversation_for_a_day_of_silence() -> TestResult {
    let bench = routed("escalation").await?;
    write(&bench, "hola").await?;
    assert_eq!(control(&bench, "take", &json!({})).await?, Value::Null);
    bench.pass(Duration::from_hours(23));
    assert_eq!(write(&bench, "still me").await?.0, "messages");
    bench.pass(Duration::from_hours(23));
    assert_eq!(owner(&bench).await?, "escalation");
    bench.pass(Duration::from_hours(1));
    assert_eq!(owner(&bench).await?, Value::Null);
    assert_eq!(
        control(&bench, "pass", &json!({"control_pass": {"target_role": "ai_agent"}})).await?,
        json!(100)
    );
    assert_eq!(write(&bench, "and again").await?.0, "standby");
    Ok(())
}

#[tokio::test]
async fn invalid_calls_are_rejected_and_every_call_is_in_the_log() -> TestResult {
    let bench = routed("escalation").await?;
    write(&bench, "hola").await?;
    for (action, more, code) in [
        ("borrow", json!({}), 131_009),
        ("take", json!({"messaging_product": "sms"}), 100),
        ("take", json!({"to": null}), 100),
        ("take", json!({"metadata": "x".repeat(2001)}), 131_009),
        ("pass", json!({"control_pass": {"target_role": "cook"}}), 131_009),
    ] {
        assert_eq!(control(&bench, action, &more).await?, json!(code), "{action} {more}");
    }
    assert_eq!(control(&bench, "take", &json!({"metadata": "mine"})).await?, Value::Null);
    let calls: Vec<(Option<String>, Option<u32>)> =
        bench.sandbox.log().into_iter().filter_map(control_entry).collect();
    assert_eq!(calls.len(), 6);
    assert_eq!(calls.last(), Some(&(Some("take".to_owned()), None)));
    assert_eq!(calls.first(), Some(&(Some("borrow".to_owned()), Some(131_009))));
    for (action, named) in [
        (json!({"action": "take", "by": "escalation"}), "`by`"),
        (json!({"action": "send"}), "`message`"),
        (json!({"action": "pass", "by": "marketing"}), "`by`"),
        (json!({"action": "take", "to": "1002"}), "routing"),
    ] {
        let (status, answer) =
            bench.control(Method::POST, &format!("phones/{PHONE}/thread"), &action).await?;
        assert_eq!(status, 400, "{action}");
        assert!(at(&answer, "/error").as_str().is_some_and(|text| text.contains(named)), "{action} {answer}");
    }
    let (status, _) = bench.control(Method::PUT, "numbers/1003/routing", &json!({})).await?;
    assert_eq!(status, 400, "nothing is known of Kaleyra");
    assert_eq!(bench.control(Method::DELETE, "numbers/1001/routing", &Value::Null).await?.0, 204);
    assert_eq!(write(&bench, "alone again").await?.0, "messages");
    Ok(())
}

fn control_entry(entry: LogEntry) -> Option<(Option<String>, Option<u32>)> {
    match entry {
        LogEntry::Control(call) => Some((call.action, call.error_code)),
        _ => None,
    }
}
