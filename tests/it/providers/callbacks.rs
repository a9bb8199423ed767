//! Kaleyra's webhooks: their authentication, their formats, and that nothing of them is dropped.

use http::Method;
use serde_json::{Value, json};
use ventanilla::{
    ports::{clock::Clock, credentials::ChannelSecret},
    whatsapp::kaleyra::{CallbackHeader, KaleyraSecret},
};

use crate::harness::{
    Answer, CALLBACK_SECRET, Carrier, Fault, IdNumber as _, PREVIOUS_CALLBACK_SECRET, Stand,
};

const ANA: &str = "+50212345678";

/// A call to the webhook URL of channel 1.
struct Hook<'a> {
    stand: &'a Stand,
    secret: &'a str,
    headers: Vec<(&'a str, &'a str)>,
}

impl<'a> Hook<'a> {
    fn of(stand: &'a Stand) -> Self {
        Self { stand, secret: CALLBACK_SECRET, headers: Vec::new() }
    }

    async fn call(&self, method: Method, query: &str, body: &str) -> Answer {
        let path = format!("/webhooks/kaleyra/1/{}{query}", self.secret);
        self.stand.api.with_key(None).call(method, &path, &self.headers, body.as_bytes().to_vec()).await
    }

    async fn post(&self, body: &Value) -> u16 {
        self.call(Method::POST, "", &body.to_string()).await.status.as_u16()
    }
}

async fn at(carrier: Carrier) -> Stand {
    Stand::start_with(carrier.config()).await
}

/// The texts of the conversation with Ana, oldest first.
async fn texts(stand: &Stand) -> Vec<String> {
    let places = stand.conversations().await;
    let Some(place) = places.first() else { return Vec::new() };
    let messages = stand.messages(place["id"].id_number()).await;
    messages.iter().map(|message| message["text"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The bodies in the archive.
async fn archived(stand: &Stand) -> Vec<String> {
    let rows = stand.rows().await;
    let raw = rows.values().filter(|row| row["row"]["S"] == "raw");
    raw.map(|row| row["body"]["S"].as_str().unwrap().to_owned()).collect()
}

fn seconds(stand: &Stand) -> i64 {
    stand.clock.now().seconds()
}

fn inbound(stand: &Stand, message: Value) -> Value {
    let mut message = message;
    message["timestamp"] = seconds(stand).to_string().into();
    message["from"] = "50212345678".into();
    json!({
        "meta_object": { "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550100001", "phone_number_id": "77" },
            "contacts": [{ "profile": { "name": "Ana" }, "wa_id": "50212345678" }],
            "messages": [message],
        }, "field": "messages" },
        "extra_info": { "media_url": "", "ref": "", "ref1": "", "ref2": "", "reply_to": "", "trace_id": "t", "waba_id": "2001" },
    })
}

#[tokio::test]
async fn only_the_secret_in_the_url_authenticates_a_webhook() {
    let stand = at(Carrier::KaleyraV2).await;
    let hook = Hook::of(&stand);
    let body = inbound(&stand, json!({ "id": "wamid.1", "type": "text", "text": { "body": "hola" } }));
    for secret in ["wrong", "callback-secret-", "CALLBACK-SECRET-1", "callback-secret-1x", "%00"] {
        let forged = Hook { secret, ..Hook::of(&stand) };
        assert_eq!(forged.post(&body).await, 401, "{secret}");
    }
    // Of another channel, of one at another provider, of none.
    for channel in ["2", "3", "9", "0", "one"] {
        let path = format!("/webhooks/kaleyra/{channel}/{CALLBACK_SECRET}");
        let answer = stand.api.with_key(None).post(&path, &body).await;
        assert_eq!(answer.status, 401, "{channel}");
    }
    assert!(texts(&stand).await.is_empty() && archived(&stand).await.is_empty());
    assert_eq!(hook.post(&body).await, 200);
    // While rotating, the one before is as good.
    let before = Hook { secret: PREVIOUS_CALLBACK_SECRET, ..Hook::of(&stand) };
    let second = inbound(&stand, json!({ "id": "wamid.2", "type": "text", "text": { "body": "¿sí?" } }));
    assert_eq!(before.post(&second).await, 200);
    assert_eq!(texts(&stand).await, ["hola", "¿sí?"]);
}

#[tokio::test]
async fn a_header_is_asked_for_where_the_operator_set_one() {
    let mut config = Carrier::KaleyraV1.config();
    let configured = &mut config.channels[0].configured;
    let mut secret = configured.secret.of::<KaleyraSecret>().unwrap().clone();
    secret.callback_header = CallbackHeader::parse("Authorization: Basic dTpw").ok();
    configured.secret = ChannelSecret::new(secret);
    let stand = Stand::start_with(config).await;
    let query = "?from=50212345678&body=hola&type=text&created_at=1";
    for headers in [
        vec![],
        vec![("authorization", "Basic dTpx")],
        vec![("authorization", "Basic dTpw"), ("authorization", "Basic dTpw")],
    ] {
        let hook = Hook { headers: headers.clone(), ..Hook::of(&stand) };
        assert_eq!(hook.call(Method::GET, query, "").await.status, 401, "{headers:?}");
    }
    let hook = Hook { headers: vec![("authorization", "Basic dTpw")], ..Hook::of(&stand) };
    assert_eq!(hook.call(Method::GET, query, "").await.status, 200);
    assert_eq!(texts(&stand).await, ["hola"]);
}

#[tokio::test]
async fn flat_messages_come_by_query_form_and_json_and_are_kept_once() {
    let stand = at(Carrier::KaleyraV1).await;
    let hook = Hook::of(&stand);
    let now = seconds(&stand);
    let pairs = |body: &str, at: i64| {
        format!("from=50212345678&name=Ana&type=text&wanumber=15550100001&created_at={at}&body={body}")
    };
    let by_query = format!("?{}", pairs("hola", now));
    assert_eq!(hook.call(Method::GET, &by_query, "").await.status, 200);
    // The same in another format is a duplicate; another second or another text is not.
    assert_eq!(hook.call(Method::POST, "", &pairs("hola", now)).await.status, 200);
    let json = json!({
        "from": "50212345678", "name": "Ana", "type": "text", "wanumber": "15550100001",
        "created_at": now.to_string(), "body": "hola",
    });
    assert_eq!(hook.post(&json).await, 200);
    assert_eq!(hook.call(Method::POST, "", &pairs("%C2%BFhola%3F", now)).await.status, 200);
    assert_eq!(hook.call(Method::POST, "", &pairs("hola", now + 1)).await.status, 200);
    assert_eq!(texts(&stand).await, ["hola", "¿hola?", "hola"]);
    let place = stand.conversation_with(ANA).await;
    assert_eq!((&place["contact"]["name"], &place["unread_count"]), (&json!("Ana"), &json!(3)));
}

#[tokio::test]
async fn a_card_with_one_number_or_several_is_read() {
    let stand = at(Carrier::KaleyraV2).await;
    let card = |phones: Value| json!([{ "name": { "formatted_name": "Taller Sol" }, "phones": phones }]);
    let one = json!({ "id": "wamid.1", "type": "contacts", "contacts": card(json!({ "phone": "+502 1" })) });
    let two = json!([{ "phone": "+502 1" }, { "phone": "+502 2" }]);
    let several = json!({ "id": "wamid.2", "type": "contacts", "contacts": card(two) });
    for message in [one, several] {
        assert_eq!(Hook::of(&stand).post(&inbound(&stand, message)).await, 200);
    }
    assert_eq!(texts(&stand).await, ["Taller Sol, +502 1", "Taller Sol, +502 1, +502 2"]);
}

#[tokio::test]
async fn unknown_content_is_stored_as_it_came_and_answered_200() {
    let stand = at(Carrier::KaleyraV2).await;
    let hook = Hook::of(&stand);
    for (query, body) in [
        ("?display_phone_number=15550100001&event=FLAGGED&current_limit=TIER_1K", ""),
        ("", r#"{"event":"approved","message_template_name":"visit"}"#),
        ("", r#"{"meta_object":{"field":"account_update","value":{"event":"x"}},"extra_info":{}}"#),
        ("", "<xml>neither</xml>"),
        ("?from=somebody&body=unreadable", ""),
        ("", "[1,2,3]"),
        ("?status=submitted&id=u-1", ""),
        ("", ""),
    ] {
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        assert_eq!(hook.call(method, query, body).await.status, 200, "{query}{body}");
    }
    let kept = archived(&stand).await;
    for words in ["FLAGGED", "approved", "account_update", "neither", "[1,2,3]", "submitted"] {
        assert!(kept.iter().any(|body| body.contains(words)), "{words} {kept:?}");
    }
    assert!(stand.conversations().await.is_empty());
    let too_long = "x".repeat(3 * 1024 * 1024 + 1);
    assert_eq!(hook.call(Method::POST, "", &too_long).await.status, 413);
}

#[tokio::test]
async fn a_webhook_that_cannot_be_stored_is_not_acknowledged() {
    let stand = at(Carrier::KaleyraV2).await;
    let hook = Hook::of(&stand);
    let body = inbound(&stand, json!({ "id": "wamid.1", "type": "text", "text": { "body": "hola" } }));
    for _ in 0..3 {
        stand.tap.next("TransactWriteItems", Fault::ErrorBefore);
    }
    assert_eq!(hook.post(&body).await, 500);
    assert_eq!(hook.post(&body).await, 200);
    assert_eq!(texts(&stand).await, ["hola"]);
}
