//! What a provider does, in tests that know no provider.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        content::{
            Content, LinkPreview, Location, Media, MediaKind, MediaLink, MediaSource, TemplateContent,
        },
        id::{AppId, ChannelId, ConversationId, Wamid},
        idempotency::IdempotencyKey,
        rejection::{Reason, Rejection, Retry},
    },
    ports::{
        clock::{Clock, Deadline},
        credentials::{AppSecret, ChannelSecret, CredentialError, Credentials, Freshness},
    },
    usecases::{
        Ports, Sending,
        sending::{Recipient, Replay, SendCommand, SendError, SendOutcome},
    },
    whatsapp::{kaleyra::KaleyraSecret, meta::MetaSecret},
};
use ventanilla_sandbox::{CallOutcome, ErrorBody, Fault, LogEntry};

use crate::harness::{Carrier, Feature, IdNumber as _, Stand, over};

const ANA: &str = "+50212345678";

/// A backend whose channel 1 is at one provider, and a conversation on it.
struct Scene {
    carrier: Carrier,
    stand: Stand,
    conversation: u64,
}

impl Scene {
    async fn start(carrier: Carrier) -> Self {
        let stand = Stand::start_with(carrier.config()).await;
        let conversation = stand.customer_writes(ANA, "hola").await;
        Self { carrier, stand, conversation }
    }

    fn command(&self, content: Content) -> SendCommand {
        let conversation: ConversationId = self.conversation.try_into().unwrap();
        let deadline = Deadline(self.stand.clock.now().plus(Duration::from_secs(25)));
        SendCommand::new(Stand::tenant(), "test", Recipient::Conversation(conversation), content, deadline)
    }

    fn ports(&self) -> &Ports {
        &self.stand.running.functions.app.core.ports
    }

    fn sending(&self) -> &Sending {
        &self.stand.running.functions.send.sending
    }

    async fn send(&self, content: Content) -> SendOutcome {
        self.sending().send(&self.command(content)).await
    }

    /// What the phone got, as it shows it.
    async fn got(&self) -> Vec<Value> {
        let phone = self.stand.api.get(&format!("/sandbox/phones/{ANA}")).await.json();
        let all = phone["messages"].as_array().unwrap().iter();
        all.filter(|message| message["direction"] == "received").cloned().collect()
    }

    /// Our own messages as the API shows them.
    async fn shown(&self) -> Vec<Value> {
        let mut messages = self.stand.messages(self.conversation).await;
        messages.retain(|message| message["direction"] == "outbound");
        messages
    }

    async fn settled(&self) {
        self.stand.running.sandbox.until_idle().await;
    }

    fn calls(&self) -> (usize, usize) {
        let log = self.stand.running.sandbox.log();
        let calls: Vec<bool> = log
            .iter()
            .filter_map(|entry| match entry {
                LogEntry::Call(call) => Some(matches!(call.outcome, CallOutcome::Accepted { .. })),
                _ => None,
            })
            .collect();
        (calls.len(), calls.iter().filter(|taken| **taken).count())
    }
}

fn text(words: &str) -> Content {
    Content::plain(words.to_owned().try_into().unwrap())
}

fn refusal(answer: SendOutcome) -> Rejection {
    match answer.outcome {
        Err(SendError::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_reply_is_accepted_and_its_statuses_come_back(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    let sent = scene.send(text("¿Qué tal? 👋")).await.outcome.unwrap();
    scene.settled().await;
    assert_eq!(scene.got().await[0]["text"], "¿Qué tal? 👋");
    let shown = scene.shown().await;
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0]["status"], &shown[0]["id"]),
        (&json!("read"), &json!(format!("msg_{}", sent.id.get())))
    );
    for fact in ["sent", "delivered", "read"] {
        assert!(shown[0]["status_at"][fact].is_string(), "{fact} {}", shown[0]);
    }
    assert!(shown[0]["provider_message_id"].is_string());
}

pub(super) async fn a_refusal_leaves_nothing_behind(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    scene.stand.provider_will(Fault::Refuse { code: 131_026, http_status: None, details: None });
    let rejection = refusal(scene.send(text("x")).await);
    assert_eq!(rejection.reason.retry(), Retry::Never, "{rejection:?}");
    assert!(rejection.detail.is_some());
    assert!(scene.got().await.is_empty() && scene.shown().await.is_empty());
}

pub(super) async fn a_throttled_message_says_when_to_try_again(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    scene.stand.provider_will(Fault::RateLimit { retry_after: Some(7) });
    let rejection = refusal(scene.send(text("x")).await);
    assert_eq!((rejection.reason, rejection.retry_after_seconds), (Reason::RateLimited, Some(7)));
    assert!(scene.send(text("x")).await.outcome.is_ok());
}

pub(super) async fn a_call_that_takes_too_long_is_in_doubt_until_somebody_looks(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    scene.stand.provider_will(Fault::Hang { ms: 30_000, accepted: false });
    // So that little of the request's time is left for the call.
    let mut command = scene.command(text("x"));
    command.deadline = Deadline(scene.stand.clock.now().plus(Duration::from_millis(6600)));
    let answer = scene.sending().send(&command).await;
    assert!(matches!(answer.outcome, Err(SendError::Unknown(_))), "{:?}", answer.outcome);
    assert_eq!(scene.shown().await[0]["status"], "unknown");
    scene.stand.clock.advance(Duration::from_mins(20));
    scene.stand.sweep().await;
    assert_eq!(scene.shown().await[0]["unresolved"], true);
    assert_eq!(scene.calls(), (1, 0));
}

pub(super) async fn every_doubtful_answer_is_settled_by_callbacks(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    for (number, fault) in [
        Fault::Unreadable { accepted: true },
        Fault::NoId,
        Fault::Cut { accepted: true },
        Fault::ServerError { status: 502, body: ErrorBody::Html, accepted: true },
        Fault::ServerError { status: 500, body: ErrorBody::Empty, accepted: true },
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{fault:?}");
        scene.stand.provider_will(fault);
        let answer = scene.send(text(&format!("message {number}"))).await;
        // A webhook may arrive before the outcome is stored as unknown.
        let open = matches!(answer.outcome, Ok(_) | Err(SendError::Unknown(_)));
        assert!(open, "{name} {:?}", answer.outcome);
        scene.settled().await;
        let shown = scene.shown().await;
        assert_eq!((shown.len(), &shown[number]["status"]), (number + 1, &json!("read")), "{name}");
        assert_eq!(scene.got().await.len(), number + 1, "{name}");
    }
}

pub(super) async fn a_quoted_reply_shows_what_it_answers(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    let question = &scene.stand.messages(scene.conversation).await[0];
    let asked: Wamid = question["provider_message_id"].as_str().unwrap().to_owned().try_into().unwrap();
    let mut command = scene.command(text("Sí"));
    command.quotes = Some(asked.clone());
    let answer = scene.sending().send(&command).await;
    if !carrier.has(Feature::Quotes) {
        assert_eq!(refusal(answer).reason, Reason::Unsupported);
        assert_eq!((scene.calls(), scene.shown().await.len()), ((0, 0), 0));
        return;
    }
    assert!(answer.outcome.is_ok(), "{:?}", answer.outcome);
    assert_eq!(scene.got().await[0]["context"]["message_id"], asked.as_str());
    assert_eq!(scene.shown().await[0]["reply_to"]["provider_message_id"], asked.as_str());
}

fn link(url: &str) -> MediaSource {
    MediaSource::Link(MediaLink::try_from(url.to_owned()).unwrap())
}

fn file(kind: MediaKind, source: MediaSource, caption: Option<&str>) -> Content {
    Content::Media(Media::new(kind, source, caption.map(str::to_owned), None).unwrap())
}

fn visit() -> Content {
    let parameters =
        json!([{ "type": "text", "text": "Ana" }, { "type": "text", "text": "lunes, a las 10" }]);
    let body = json!({ "type": "body", "parameters": parameters });
    Content::Template(TemplateContent::new("appointment_reminder", "es", vec![body]).unwrap())
}

fn contents(voice: String) -> Vec<Content> {
    let degrees = |text: &str| text.parse().unwrap();
    let buttons = json!([{ "type": "reply", "reply": { "id": "yes", "title": "Sí" } }]);
    let interactive =
        json!({ "type": "button", "body": { "text": "¿Confirma?" }, "action": { "buttons": buttons } });
    vec![
        Content::Text {
            body: "https://example.com".to_owned().try_into().unwrap(),
            link_preview: LinkPreview::On,
        },
        file(MediaKind::Image, link("https://files.example/a.jpg"), Some("antes & después")),
        file(MediaKind::Document, link("https://files.example/bill.pdf?x=1&y=2"), None),
        file(MediaKind::Audio, MediaSource::Id(voice), None),
        visit(),
        Content::Location(Location {
            latitude: degrees("14.6349"),
            longitude: degrees("-90.5069"),
            name: Some("Taller".to_owned()),
            address: None,
        }),
        Content::Contacts {
            contacts: vec![json!({ "name": { "formatted_name": "Ana" }, "phones": [{ "phone": "+502 1" }] })],
        },
        Content::Reaction { to: "wamid.A".to_owned().try_into().unwrap(), emoji: "👍".to_owned() },
        Content::Interactive { interactive },
    ]
}

pub(super) async fn every_kind_of_content_arrives_or_is_refused_by_name(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    // Meta refuses ids of files that were not uploaded; Kaleyra's are not known here.
    let voice =
        if carrier == Carrier::Meta { scene.stand.upload("audio/ogg").await } else { "77".to_owned() };
    let mut arrived = 0;
    for content in contents(voice) {
        let (kind, readable) = (content.kind(), content.text().map(str::to_owned));
        let answer = scene.send(content.clone()).await;
        if !carrier.takes(&content) {
            let rejection = refusal(answer);
            assert_eq!(rejection.reason, Reason::Unsupported, "{kind}");
            assert!(rejection.detail.is_some_and(|detail| detail.contains("V1")), "{kind}");
            continue;
        }
        assert!(answer.outcome.is_ok(), "{kind} {:?}", answer.outcome);
        scene.settled().await;
        arrived += 1;
        let got = scene.got().await;
        assert_eq!((got.len(), &got[arrived - 1]["type"]), (arrived, &json!(kind)));
        let shown = &scene.shown().await[arrived - 1];
        assert_eq!((&shown["type"], &shown["text"]), (&json!(kind), &json!(readable)), "{kind}");
        assert!(shown["status_at"]["sent"].is_string(), "{shown}");
    }
    assert!(arrived >= 5);
    let got = scene.got().await;
    assert_eq!(
        (&got[1]["text"], &got[1]["content"]["link"]),
        (&json!("antes & después"), &json!("https://files.example/a.jpg"))
    );
    let template = got.iter().find(|message| message["type"] == "template").unwrap();
    assert_eq!(template["content"]["name"], "appointment_reminder");
    assert!(template["content"].to_string().contains("lunes, a las 10"), "{template}");
}

pub(super) async fn only_a_template_passes_a_closed_window(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    scene.stand.clock.advance(Duration::from_hours(25));
    let rejection = refusal(scene.send(text("too late")).await);
    assert_eq!(rejection.reason, Reason::WindowClosed);
    assert!(scene.send(visit()).await.outcome.is_ok());
    scene.settled().await;
    assert_eq!(scene.got().await.len(), 1);
}

/// Credentials of which those at hand are old.
struct Rotated {
    old: ChannelSecret,
    new: ChannelSecret,
}

#[async_trait]
impl Credentials for Rotated {
    async fn channel(&self, _: ChannelId, how: Freshness) -> Result<ChannelSecret, CredentialError> {
        Ok(match how {
            Freshness::Cached => self.old.clone(),
            Freshness::Refreshed => self.new.clone(),
        })
    }

    async fn app(&self, _: &AppId, _: Freshness) -> Result<AppSecret, CredentialError> {
        Err(CredentialError::Missing)
    }
}

/// The same credentials with another key.
fn with_an_old_key(secret: &ChannelSecret) -> ChannelSecret {
    match secret.of::<KaleyraSecret>() {
        Some(secret) => ChannelSecret::new(KaleyraSecret { api_key: "the old one".into(), ..secret.clone() }),
        None => ChannelSecret::new(MetaSecret { access_token: "the old one".into() }),
    }
}

pub(super) async fn a_key_changed_under_us_is_read_again_once(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    let new = scene.ports().credentials.channel("1".parse().unwrap(), Freshness::Cached).await.unwrap();
    let rotated = Rotated { old: with_an_old_key(&new), new };
    let ports = Ports { credentials: Arc::new(rotated), ..scene.ports().clone() };
    let functions = over(&scene.stand.running.functions, ports);
    let answer = functions.send.sending.send(&scene.command(text("x"))).await;
    assert!(answer.outcome.is_ok(), "{:?}", answer.outcome);
    assert_eq!((scene.calls(), scene.got().await.len()), ((2, 1), 1));
}

pub(super) async fn a_key_that_is_still_wrong_is_the_operators_matter(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    scene.stand.provider_will(Fault::ExpiredToken);
    assert_eq!(refusal(scene.send(text("x")).await).reason, Reason::ProviderAuth);
    assert_eq!((scene.calls(), scene.shown().await.len()), ((1, 0), 0));
}

pub(super) async fn a_customer_without_a_number_is_answered(carrier: Carrier) {
    let stand = Stand::start_with(carrier.config()).await;
    let path = "/sandbox/phones/US.13491208655302741918/messages";
    assert_eq!(stand.api.post(path, &json!({ "text": "hi" })).await.status, 200);
    let conversations = stand.conversations().await;
    assert_eq!(conversations.len(), 1);
    assert_eq!(conversations[0]["contact"]["user_id"], "US.13491208655302741918");
    let conversation = conversations[0]["id"].id_number();
    let scene = Scene { carrier, stand, conversation };
    let answer = scene.send(text("hello")).await;
    if !scene.carrier.has(Feature::UserIds) {
        assert_eq!(refusal(answer).reason, Reason::Unsupported);
        return;
    }
    assert!(answer.outcome.is_ok(), "{:?}", answer.outcome);
    scene.settled().await;
    assert_eq!(scene.shown().await[0]["status"], "read");
}

pub(super) async fn a_customers_file_is_in_the_conversation(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    let path = format!("/sandbox/phones/{ANA}/messages");
    let body = json!({ "type": "image", "image": { "caption": "la fuga" } });
    assert_eq!(scene.stand.api.post(&path, &body).await.status, 200);
    let messages = scene.stand.messages(scene.conversation).await;
    assert_eq!(messages.len(), 2);
    assert_eq!((&messages[1]["type"], &messages[1]["text"]), (&json!("image"), &json!("la fuga")));
    // Told again, it is known.
    let again = json!({ "text": "otra vez", "duplicate": 2 });
    assert_eq!(scene.stand.api.post(&path, &again).await.status, 200);
    scene.settled().await;
    assert_eq!(scene.stand.messages(scene.conversation).await.len(), 3);
}

pub(super) async fn a_keyed_repeat_sends_once(carrier: Carrier) {
    let scene = Scene::start(carrier).await;
    scene.stand.provider_will(Fault::Unreadable { accepted: true });
    let mut command = scene.command(text("once"));
    command.key = IdempotencyKey::parse("order-7").ok();
    let first = scene.sending().send(&command).await;
    scene.settled().await;
    let second = scene.sending().send(&command).await;
    assert_eq!((first.replay, second.replay), (Replay::Original, Replay::Replayed));
    assert!(second.outcome.is_ok(), "{:?}", second.outcome);
    assert_eq!((scene.calls(), scene.got().await.len()), ((1, 1), 1));
}
