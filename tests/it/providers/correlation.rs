//! How Kaleyra's statuses find their message: by our own reference first, then by any id ever seen for it.

use http::Method;
use serde_json::{Value, json};
use ventanilla::{
    config::file::ConfigFile,
    domain::{
        attempt::{Attempt, LEASE, Target},
        content::Content,
        message::MessageAddress,
        phone::Phone,
    },
    ports::{
        clock::Clock,
        credentials::ChannelSecret,
        store::{Record, Write},
    },
    whatsapp::kaleyra::KaleyraSecret,
};
use ventanilla_sandbox::{Fault, Status, WebhookShape};

use crate::harness::{CALLBACK_SECRET, Carrier, Stand};

const ANA: &str = "+50212345678";

struct Scene {
    stand: Stand,
    conversation: u64,
}

impl Scene {
    /// A conversation on channel 1, whose provider sends no webhooks by itself.
    async fn silent(carrier: Carrier) -> Self {
        let stand = Stand::start_with(carrier.config()).await;
        let conversation = stand.customer_writes(ANA, "hola").await;
        let drop = vec![Status::Sent, Status::Delivered, Status::Read];
        stand.provider_will(Fault::Webhooks(WebhookShape { drop, ..WebhookShape::default() }));
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
    let detail =
        scene.stand.api.get(&format!("/v1/messages/{}", message["id"].as_str().unwrap())).await.json();
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
    assert!(message["status_at"]["failed"].is_string());
}

#[tokio::test]
async fn a_message_that_never_got_to_meta_is_shown_as_failed_with_the_reason() {
    for carrier in [Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let conversation = stand.customer_writes(ANA, "hola").await;
        let reason = "Account daily limit reached".to_owned();
        stand.provider_will(Fault::NotSent { code: "WAV2101".to_owned(), reason: reason.clone() });
        assert_eq!(stand.reply(conversation, "buenas").await.status, 200);
        stand.running.sandbox.until_idle().await;
        let messages = stand.messages(conversation).await;
        let message = messages.iter().find(|message| message["text"] == "buenas").unwrap();
        assert_eq!(message["status"], "failed", "{carrier:?}");
        if carrier == Carrier::KaleyraV2 {
            let expected = json!({ "code": "WAV2101", "message": reason });
            assert_eq!(message["error"], expected);
        }
    }
}

/// Both channels are demo's, so that only the channel can tell them apart.
fn two_channels() -> ConfigFile {
    let mut config = Carrier::KaleyraV2.config();
    let mut second = config.channels[0].clone();
    second.id = "7".parse().unwrap();
    second.number = Phone::parse("+15550100007").unwrap();
    let mut secret = second.secret().of::<KaleyraSecret>().expect("channel 1 is at Kaleyra").clone();
    secret.callback = vec!["callback-secret-7".into()];
    second.configured.secret = ChannelSecret::new(secret);
    config.channels.push(second);
    config
}

#[tokio::test]
async fn a_reference_to_a_message_of_another_channel_leads_nowhere() {
    let stand = Stand::start_with(two_channels()).await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let drop = vec![Status::Sent, Status::Delivered, Status::Read];
    stand.provider_will(Fault::Webhooks(WebhookShape { drop, ..WebhookShape::default() }));
    assert_eq!(stand.reply(conversation, "buenas").await.status, 200);
    let scene = Scene { stand, conversation };
    let body = status("failed", ["x", "y"], Some(&scene.reference().await)).to_string().into_bytes();
    let api = scene.stand.api.with_key(None);
    let foreign = "/webhooks/kaleyra/7/callback-secret-7";
    assert_eq!(api.call(Method::POST, foreign, &[], body.clone()).await.status, 200);
    assert_eq!(scene.message().await["status"], "accepted");
    // On its own channel the very same is believed.
    let own = format!("/webhooks/kaleyra/1/{CALLBACK_SECRET}");
    assert_eq!(api.call(Method::POST, &own, &[], body).await.status, 200);
    assert_eq!(scene.message().await["status"], "failed");
}

#[tokio::test]
async fn an_unknown_outcome_is_resolved_by_its_own_channel_only() {
    let stand = Stand::start_with(two_channels()).await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.running.sandbox.set_webhook_url("15550100001", "http://127.0.0.1:9/nowhere");
    stand.provider_will(Fault::NoId);
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "content": "buenas" })).await.status, 502);
    let scene = Scene { stand, conversation };
    let body = status("sent", ["x", "y"], Some(&scene.reference().await)).to_string().into_bytes();
    let api = scene.stand.api.with_key(None);
    let foreign = "/webhooks/kaleyra/7/callback-secret-7";
    assert_eq!(api.call(Method::POST, foreign, &[], body.clone()).await.status, 200);
    assert_eq!(scene.message().await["status"], "unknown");
    let own = format!("/webhooks/kaleyra/1/{CALLBACK_SECRET}");
    assert_eq!(api.call(Method::POST, &own, &[], body).await.status, 200);
    assert_eq!(scene.message().await["status"], "sent");
}

#[tokio::test]
async fn a_dead_function_s_attempt_is_resolved_by_its_own_channel_only() {
    let stand = Stand::start_with(two_channels()).await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    let core = &stand.running.functions.app.core;
    // An intent into a conversation names no channel until its outcome is committed.
    let place = conversation.try_into().unwrap();
    let address = MessageAddress { conversation: place, at: stand.clock.now(), id: core.ports.ctx.ids.id() };
    let content = Content::plain("half done".to_owned().try_into().unwrap());
    let attempt = Attempt::new(Stand::tenant(), address, Target::Conversation, content);
    core.ports.ctx.store.commit(vec![Write::Put(Record::Attempt(attempt))]).await.unwrap();
    let body = status("sent", ["x", "y"], Some(&address.to_echo())).to_string().into_bytes();
    let api = stand.api.with_key(None);
    let foreign = "/webhooks/kaleyra/7/callback-secret-7";
    assert_eq!(api.call(Method::POST, foreign, &[], body).await.status, 200);
    stand.clock.advance(LEASE * 2);
    stand.sweep().await;
    let shown = stand.messages(conversation).await;
    let ours = shown.iter().find(|message| message["text"] == "half done").unwrap();
    assert_eq!(ours["status"], "unknown");
}

#[tokio::test]
async fn one_address_for_two_numbers_leads_each_message_to_its_own() {
    let stand = Stand::start_with(two_channels()).await;
    let api = stand.api.with_key(None);
    let own = format!("/webhooks/kaleyra/1/{CALLBACK_SECRET}");
    for (business, expected) in [("15550100001", 1), ("15550100007", 7), ("15550100099", 1)] {
        let query = format!(
            "?from=5021234567{expected}&body=hola&type=text&created_at={business}&wanumber={business}"
        );
        assert_eq!(api.get(&format!("{own}{query}")).await.status, 200);
        let newest = &stand.conversations().await[0];
        assert_eq!(newest["channel_id"], format!("ch_{expected}"), "{business}");
    }
}
