//! How Kaleyra's statuses find their message: by our own reference first, then by any id ever seen for it.

use http::Method;
use serde_json::{Value, json};
use ventanilla_sandbox::{CallbackShape, Fault, Status};

use crate::harness::{CALLBACK_SECRET, Carrier, Stand};

const ANA: &str = "+50212345678";

struct Scene {
    stand: Stand,
    conversation: u64,
}

impl Scene {
    /// A conversation on channel 1, whose provider tells nothing by itself.
    async fn silent(carrier: Carrier) -> Self {
        let stand = Stand::start_with(carrier.config()).await;
        let conversation = stand.customer_writes(ANA, "hola").await;
        let drop = vec![Status::Sent, Status::Delivered, Status::Read];
        stand.provider_will(Fault::Callbacks(CallbackShape { drop, ..CallbackShape::default() }));
        assert_eq!(stand.reply(conversation, "buenas").await.status, 200);
        Self { stand, conversation }
    }

    /// The message that we sent.
    async fn message(&self) -> Value {
        let messages = self.stand.messages(self.conversation).await;
        messages.into_iter().find(|message| message["text"] == "buenas").unwrap()
    }

    /// Our own reference of it, as the provider has it.
    async fn reference(&self) -> String {
        let phone = self.stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
        let messages = phone["messages"].as_array().unwrap().clone();
        let ours = messages.iter().find(|message| message["text"] == "buenas").unwrap();
        ours["callback_data"].as_str().unwrap().to_owned()
    }

    async fn told(&self, query: &str, body: &Value) {
        let path = format!("/webhooks/kaleyra/1/{CALLBACK_SECRET}{query}");
        let (method, body) = match body {
            Value::Null => (Method::GET, Vec::new()),
            body => (Method::POST, body.to_string().into_bytes()),
        };
        let answer = self.stand.api.with_key(None).call(method, &path, &[], body).await;
        assert_eq!(answer.status, 200);
    }
}

/// A status in API V2's words, with the ids that it names.
fn status(word: &str, ids: [&str; 2], reference: Option<&str>) -> Value {
    let status =
        json!({ "id": ids[0], "status": word, "timestamp": "1772533800", "recipient_id": "50212345678" });
    json!({
        "meta_object": { "value": { "messaging_product": "whatsapp", "metadata": { "phone_number_id": "77" }, "statuses": [status] }, "field": "messages" },
        "extra_info": { "message_id": ids[1], "ref": reference },
        "status": word, "message_id": ids[1],
    })
}

#[tokio::test]
async fn our_reference_leads_back_and_teaches_every_other_id() {
    let scene = Scene::silent(Carrier::KaleyraV2).await;
    let reference = scene.reference().await;
    scene.told("", &status("sent", ["0a1b", "wamid.B"], Some(&reference))).await;
    let message = scene.message().await;
    let detail = scene.stand.api.get(&format!("/v1/messages/{}", message["id"])).await.json();
    assert_eq!((&message["status"], &detail["aliases"]), (&json!("sent"), &json!(["0a1b", "wamid.B"])));
    // Without a reference, each of the ids leads there now.
    scene.told("", &status("delivered", ["0a1b", "other"], None)).await;
    assert_eq!(scene.message().await["status"], "delivered");
    scene.told("", &status("read", ["another", "wamid.B"], None)).await;
    assert_eq!(scene.message().await["status"], "read");
}

#[tokio::test]
async fn the_id_of_the_answer_leads_back_without_a_reference() {
    let scene = Scene::silent(Carrier::KaleyraV2).await;
    let id = scene.message().await["provider_message_id"].as_str().unwrap().to_owned();
    scene.told("", &status("delivered", ["unheard", &id], None)).await;
    assert_eq!(scene.message().await["status"], "delivered");
}

#[tokio::test]
async fn statuses_that_lead_nowhere_wait_for_one_that_does() {
    let scene = Scene::silent(Carrier::KaleyraV2).await;
    scene.told("", &status("read", ["0a1b", "wamid.B"], None)).await;
    assert_eq!(scene.message().await["status"], "accepted");
    let reference = scene.reference().await;
    scene.told("", &status("sent", ["0a1c", "wamid.B"], Some(&reference))).await;
    assert_eq!(scene.message().await["status"], "read");
}

#[tokio::test]
async fn a_form_s_statuses_are_led_by_the_address_or_by_the_id() {
    let scene = Scene::silent(Carrier::KaleyraV1).await;
    let id = scene.message().await["provider_message_id"].as_str().unwrap().to_owned();
    scene.told(&format!("?id={id}:1&status=sent"), &Value::Null).await;
    assert_eq!(scene.message().await["status"], "sent");
    let reference = scene.reference().await;
    scene.told(&format!("?ref={reference}&status=DELIVERED&price=0.01"), &Value::Null).await;
    assert_eq!(scene.message().await["status"], "delivered");
    scene.told(&format!("?id={id}&status=0&ref={reference}"), &Value::Null).await;
    // Failed after delivered: it was delivered.
    let message = scene.message().await;
    assert_eq!(message["status"], "delivered");
    assert!(message["delivery"]["failed_at"].is_string());
}

#[tokio::test]
async fn a_message_that_never_got_to_meta_is_shown_as_failed_with_the_reason() {
    for carrier in [Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let conversation = stand.customer_writes(ANA, "hola").await;
        let reason = "Account daily limit reached".to_owned();
        stand.provider_will(Fault::NotSent { code: "WAV2101".to_owned(), reason: reason.clone() });
        assert_eq!(stand.reply(conversation, "buenas").await.status, 200);
        stand.running.sandbox.settled().await;
        let messages = stand.messages(conversation).await;
        let message = messages.iter().find(|message| message["text"] == "buenas").unwrap();
        assert_eq!(message["status"], "failed", "{carrier:?}");
        if carrier == Carrier::KaleyraV2 {
            let expected = json!({ "code": "WAV2101", "message": reason });
            assert_eq!(message["delivery"]["error"], expected);
        }
    }
}

#[tokio::test]
async fn a_reference_to_a_message_of_another_channel_leads_nowhere() {
    let scene = Scene::silent(Carrier::KaleyraV2).await;
    // A message of tenant `other`, by a forger who knows its address and has a callback secret of demo's.
    let other = scene.stand.api.with_key(Some(crate::harness::OTHER_KEY));
    let sent = other
        .post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "of another" }))
        .await
        .json();
    scene.stand.running.sandbox.settled().await;
    let (id, place) =
        (&sent["data"]["message"]["message_id"], &sent["data"]["conversation"]["conversation_id"]);
    let before = other.get(&format!("/v1/messages/{id}")).await.json();
    let reference =
        format!("v1.{place}.{}.{id}", ventanilla::port::clock::Clock::now(&*scene.stand.clock).millis());
    scene.told("", &status("failed", ["x", "y"], Some(&reference))).await;
    assert_eq!(other.get(&format!("/v1/messages/{id}")).await.json(), before);
    assert_eq!(scene.message().await["status"], "accepted");
}
