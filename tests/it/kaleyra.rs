//! Kaleyra's own API: a client of it works here, whatever provider the number is at.

use serde_json::{Value, json};
use ventanilla_sandbox::{Fault, Status, WebhookShape};

use crate::harness::{Answer, CALLBACK_SECRET, Carrier, Client, DEMO_KEY, OTHER_KEY, SID, Stand};

const ANA: &str = "+50212345678";
const PATH: &str = "/v2/demo/whatsapp/+15550100001/messages";

fn text(words: &str) -> Value {
    json!({
        "messaging_object": {
            "messaging_product": "whatsapp", "to": ANA, "type": "text",
            "text": { "preview_url": false, "body": words },
        },
        "extra_info": { "ref": "customer1", "ref1": "marketing", "ref2": "dictionary", "wa_source": "api" },
    })
}

/// A client as it was written for Kaleyra: the key in its own header.
async fn call(stand: &Stand, path: &str, key: Option<&str>, body: &Value) -> Answer {
    let headers: Vec<(&str, &str)> = key.map(|key| ("api-key", key)).into_iter().collect();
    stand.api.with_key(None).post_with(path, &headers, body).await
}

async fn send(stand: &Stand, body: &Value) -> Answer {
    call(stand, PATH, Some(DEMO_KEY), body).await
}

/// An answer's body without what we add to the contract.
fn documented(answer: &Answer) -> Value {
    let mut body = answer.json();
    body.as_object_mut().unwrap().retain(|name, _| name != "reason" && name != "detail");
    body
}

#[tokio::test]
async fn the_page_s_sample_is_accepted_through_every_provider() {
    for carrier in [Carrier::Meta, Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        stand.window_opens(ANA).await;
        let answer = send(&stand, &text("Thanks for your order!")).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["code"]), (202, &json!("WA202")), "{body}");
        assert_eq!((&body["message"], &body["error"]), (&json!("Request Accepted"), &json!({})));
        let id = body["data"]["message_id"].as_str().unwrap();
        stand.running.sandbox.until_idle().await;
        assert_eq!(stand.phone_got(ANA).await, ["Thanks for your order!"]);
        let detail = stand.api.get(&format!("/v1/messages/{id}")).await.json();
        assert_eq!(detail["status"], "read", "{carrier:?}");
        let kept = json!({ "ref": "customer1", "ref1": "marketing", "ref2": "dictionary" });
        assert_eq!(detail["references"], kept);
    }
}

#[tokio::test]
async fn a_quoted_reply_is_stored_in_the_conversation() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let question = stand.messages(conversation).await[0]["provider_message_id"].clone();
    let mut body = text("buenas");
    body["messaging_object"]["context"] = json!({ "message_id": question });
    assert_eq!(send(&stand, &body).await.status, 202);
    let messages = stand.messages(conversation).await;
    assert_eq!((messages.len(), &messages[1]["reply_to"]["provider_message_id"]), (2, &question));
}

#[tokio::test]
async fn references_that_are_cut_are_named() {
    let stand = Stand::start_with(Carrier::KaleyraV2.config()).await;
    let mut body = text("x");
    body["extra_info"] = json!({ "ref": "a".repeat(256), "ref1": "b".repeat(255), "ref2": "c".repeat(300) });
    let answer = send(&stand, &body).await.json();
    assert_eq!(answer["data"]["truncated"], json!(["ref", "ref2"]));
    let id = answer["data"]["message_id"].as_str().unwrap();
    let detail = stand.api.get(&format!("/v1/messages/{id}")).await.json();
    let kept = json!({ "ref": "a".repeat(255), "ref1": "b".repeat(255), "ref2": "c".repeat(255) });
    assert_eq!(detail["references"], kept);
}

#[tokio::test]
async fn who_calls_is_checked_first_then_the_number_then_the_payload() {
    let stand = Stand::start().await;
    let wrong = json!({ "messaging_object": 5 });
    let no_key = documented(&call(&stand, PATH, None, &wrong).await);
    let told = "Incorrect SID or API key.";
    assert_eq!(no_key, json!({ "code": "RBC001", "message": told, "data": [], "error": { "error": told } }));
    for (path, key) in [
        (PATH, "vk_bm8tc3VjaC1rZXktZm9yLXRoaXMtbWFjaGluZS1vbmx5ISE"),
        (PATH, "Axxxxxxxx"),
        ("/v2/HXAP16XXXXXX97IN/whatsapp/+15550100001/messages", DEMO_KEY),
        ("/v2/other/whatsapp/+15550100002/messages", DEMO_KEY),
        ("/v2/HXAP16XXXXXX97IN/whatsapp/+15559999999/messages", DEMO_KEY),
    ] {
        let answer = call(&stand, path, Some(key), &wrong).await;
        assert_eq!((answer.status.as_u16(), documented(&answer)), (401, no_key.clone()), "{path}");
    }
    let told = "Phone number is not present or does not belong to the account.";
    let no_number =
        json!({ "code": "WA401", "message": told, "data": {}, "error": { "phone_number": told } });
    for number in ["+15559999999", "+15550100002", "nobody", "12"] {
        let path = format!("/v2/DEMO/whatsapp/{number}/messages");
        let answer = call(&stand, &path, Some(DEMO_KEY), &text("x")).await;
        assert_eq!((answer.status.as_u16(), documented(&answer)), (401, no_number.clone()), "{number}");
    }
    let answer = send(&stand, &wrong).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!("WA400")));
    assert!(answer.json()["detail"].as_str().unwrap().starts_with("messaging_object"));
}

#[tokio::test]
async fn the_sid_may_be_that_of_the_account_at_kaleyra() {
    let stand = Stand::start_with(Carrier::KaleyraV2.config()).await;
    let path = format!("/v2/{SID}/whatsapp/15550100001/messages");
    assert_eq!(call(&stand, &path, Some(DEMO_KEY), &text("x")).await.status, 202);
    assert_eq!(call(&stand, &path, Some(OTHER_KEY), &text("x")).await.status, 401);
}

#[tokio::test]
async fn another_tenants_number_is_answered_like_one_that_does_not_exist() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let heard = stand.messages(conversation).await[0]["provider_message_id"].clone();
    let answer_to = |path: &'static str, body: Value| {
        let stand = &stand;
        async move {
            let answer = call(stand, path, Some(OTHER_KEY), &body).await;
            (answer.status, documented(&answer))
        }
    };
    let foreign = answer_to("/v2/other/whatsapp/+15550100001/messages", text("x")).await;
    let nowhere = answer_to("/v2/other/whatsapp/+15559999999/messages", text("x")).await;
    assert_eq!(foreign, nowhere);
    let read = |id: &Value| json!({ "messaging_object": { "messaging_product": "whatsapp", "status": "read", "message_id": id } });
    let foreign = answer_to("/v2/other/whatsapp/+15550100002/messages", read(&heard)).await;
    let nowhere = answer_to("/v2/other/whatsapp/+15550100002/messages", read(&json!("wamid.nowhere"))).await;
    assert_eq!(foreign, nowhere);
    assert_eq!(foreign.0, 400);
    assert!(stand.phone_got(ANA).await.is_empty());
}

#[tokio::test]
async fn a_message_is_marked_as_read() {
    for carrier in [Carrier::Meta, Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let conversation = stand.customer_writes(ANA, "hola").await;
        let heard = stand.messages(conversation).await[0]["provider_message_id"].clone();
        let object = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": heard });
        let answer = send(&stand, &json!({ "messaging_object": object })).await;
        if carrier == Carrier::KaleyraV1 {
            assert_eq!((answer.status.as_u16(), &answer.json()["reason"]), (400, &json!("unsupported")));
            continue;
        }
        assert_eq!(answer.status, 202, "{}", answer.text);
        let phone = stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
        let statuses = phone["messages"][0]["statuses"].as_array().unwrap();
        assert!(statuses.contains(&json!("read")), "{carrier:?} {statuses:?}");
        assert_eq!(stand.messages(conversation).await.len(), 1);
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_accepted_and_marked_as_such_and_a_key_repeats_the_answer() {
    let stand = Stand::start_with(Carrier::KaleyraV2.config()).await;
    stand.customer_writes(ANA, "hola").await;
    let silence =
        WebhookShape { drop: vec![Status::Sent, Status::Delivered, Status::Read], ..WebhookShape::default() };
    let api: Client = stand.api.with_key(None);
    let headers = [("api-key", DEMO_KEY), ("idempotency-key", "order-7")];
    stand.provider_will(Fault::NoId);
    // Its webhooks go nowhere, so that the outcome stays unknown.
    stand.running.sandbox.set_webhook_url("15550100001", "http://127.0.0.1:9/nowhere");
    let first = api.post_with(PATH, &headers, &text("once")).await;
    assert_eq!((first.status.as_u16(), &first.json()["data"]["outcome"]), (202, &json!("unknown")));
    let again = api.post_with(PATH, &headers, &text("once")).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (first.status, Some("true")));
    assert_eq!(again.json(), first.json());
    let other = api.post_with(PATH, &headers, &text("another")).await;
    assert_eq!((other.status.as_u16(), &other.json()["reason"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(stand.phone_got(ANA).await, ["once"]);
    stand
        .running
        .sandbox
        .set_webhook_url("15550100001", format!("{}/webhooks/kaleyra/1/{CALLBACK_SECRET}", stand.base()));
    stand.provider_will(Fault::Webhooks(silence));
    assert_eq!(api.post_with(PATH, &[("api-key", DEMO_KEY)], &text("twice")).await.status, 202);
}

#[tokio::test]
async fn the_provider_s_rejection_has_this_contract_s_format() {
    let stand = Stand::start_with(Carrier::KaleyraV2.config()).await;
    stand.customer_writes(ANA, "hola").await;
    for (code, status, expected) in [
        ("E110", 400, "E110"),
        ("WA400", 400, "WA400"),
        ("WA429", 429, "WA429"),
        ("WA500", 500, "WA500"),
        // The client's own key was right: it is our account that Kaleyra does not know.
        ("RBC001", 500, "WA500"),
        ("WAV2101", 401, "WA-401"),
    ] {
        stand.provider_will(Fault::Kaleyra { code: code.to_owned(), http_status: None });
        let answer = send(&stand, &text("x")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (status, &json!(expected)), "{code}");
    }
    stand.clock.advance(std::time::Duration::from_hours(25));
    let late = send(&stand, &text("x")).await;
    assert_eq!((late.status.as_u16(), &late.json()["reason"]), (400, &json!("window_closed")));
    let template = json!({ "name": "hello_world", "language": { "code": "en_US" } });
    let object =
        json!({ "messaging_product": "whatsapp", "to": ANA, "type": "template", "template": template });
    assert_eq!(send(&stand, &json!({ "messaging_object": object })).await.status, 202);
}
