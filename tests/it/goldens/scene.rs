//! A stand of its own for a few calls that belong together, with a frozen clock.

use std::time::Duration;

use http::{HeaderMap, Method};
use serde_json::{Map, Value, json};
use ventanilla::config::file::ConfigFile;
use ventanilla_sandbox::{Fault as ProviderFault, LogEntry};

use super::{
    call::{Call, SENDER, short},
    golden,
    placeholders::Placeholders,
};
use crate::{
    files::media_there,
    harness::{Answer, CONFIG, Carrier, IdNumber, Stand, eventually},
};

/// When every scene begins.
const BEGIN: &str = "2026-03-03T10:30:00Z";

/// How much later each call is than the one before.
const TICK: Duration = Duration::from_secs(1);

/// Headers that are another in each answer, or follow from the body.
const PASSING: [&str; 3] = ["content-length", "date", "x-request-id"];

/// The calls of a scene, and where they are made.
pub(super) struct Scene {
    title: &'static str,
    pub(super) stand: Stand,
    pub(super) words: Placeholders,
    heard: Vec<Value>,
}

/// The config of every scene: the harness's, with a key that may only send.
pub(super) fn with_sender(config: &str) -> ConfigFile {
    let key = format!("[[tenants.keys]]\nname = \"send-only\"\nkey = \"{SENDER}\"\nscopes = [\"send\"]\n");
    let other = "[[tenants]]\nid = \"other\"";
    assert!(config.contains(other));
    ConfigFile::parse(&config.replace(other, &format!("{key}\n{other}"))).unwrap()
}

impl Scene {
    pub(super) async fn start(title: &'static str) -> Self {
        Self::start_with(title, with_sender(CONFIG)).await
    }

    /// One with channel 1 at this provider.
    pub(super) async fn start_at(title: &'static str, carrier: Carrier) -> Self {
        Self::start_with(title, carrier.config()).await
    }

    pub(super) async fn start_with(title: &'static str, config: ConfigFile) -> Self {
        let stand = Stand::start_still(config, BEGIN.parse().unwrap()).await;
        Self { title, stand, words: Placeholders::default(), heard: Vec::new() }
    }

    /// Makes a call, and keeps it and its answer under a sentence.
    pub(super) async fn call(&mut self, sentence: &str, call: &Call) -> Answer {
        let answer = call.make(&self.stand.api).await;
        self.keep(sentence, call, &answer);
        self.rest().await;
        answer
    }

    /// The same for a call with the id of a file that is uploaded before, which is kept as if it were `shown`.
    pub(super) async fn call_with_upload(
        &mut self,
        sentence: &str,
        shown: &Call,
        made: impl FnOnce(&str) -> Call,
    ) {
        let id = self.stand.upload("image/png").await;
        let answer = made(&id).make(&self.stand.api).await;
        self.keep(sentence, shown, &answer);
        self.rest().await;
    }

    /// The same for a call that makes the provider go wrong.
    pub(super) async fn meets(&mut self, fault: ProviderFault, sentence: &str, call: &Call) {
        self.stand.provider_will(fault);
        self.call(sentence, call).await;
        let left = self.stand.api.get("/sandbox/faults").await.json();
        golden::expect(left["faults"] == json!([]), &format!("{sentence}: the provider was not called"));
        self.stand.api.call(Method::DELETE, "/sandbox/faults", &[], Vec::new()).await;
    }

    /// Keeps a call and its answer.
    pub(super) fn keep(&mut self, sentence: &str, call: &Call, answer: &Answer) {
        let name = self.words.text(&format!("{}: {sentence}", self.title));
        let request = self.words.value(&call.shown());
        let (headers, body) = (self.words.value(&headers(&answer.headers)), self.words.value(&body(answer)));
        self.heard.push(json!({
            "name": name,
            "request": request,
            "response": { "status": answer.status.as_u16(), "headers": headers, "body": body },
        }));
    }

    /// Records something else than an answer, as a frame or a callback.
    pub(super) fn keep_other(&mut self, sentence: &str, heard: &Value) {
        let mut entry = Map::from_iter([("name".to_owned(), json!(format!("{}: {sentence}", self.title)))]);
        let Value::Object(fields) = self.words.value(heard) else { panic!("no object: {heard}") };
        entry.extend(fields);
        self.heard.push(entry.into());
    }

    /// The same call once for each value of a field.
    pub(super) async fn with(&mut self, what: &str, good: &Call, values: &[(&str, Value)]) {
        for (pointer, value) in values {
            let sentence = format!("{what}, {} is {}", dotted(pointer), short(value));
            self.call(&sentence, &good.with(pointer, value.clone())).await;
        }
    }

    /// The same call once without each of these fields.
    pub(super) async fn without(&mut self, what: &str, good: &Call, pointers: &[&str]) {
        for pointer in pointers {
            let sentence = format!("{what}, without {}", dotted(pointer));
            self.call(&sentence, &good.without(pointer)).await;
        }
    }

    /// The same call once with each of these in its query.
    pub(super) async fn queries(&mut self, what: &str, good: &Call, queries: &[&str]) {
        for query in queries {
            self.call(&format!("{what}?{query}"), &good.query(query)).await;
        }
    }

    /// A list, two entries at a time, whose responses have the next cursor in `cursor`.
    pub(super) async fn pages(&mut self, what: &str, good: &Call, cursor: &str) {
        let mut page = good.query("limit=2");
        for number in 1.. {
            let answer = self.call(&format!("{what} {number}"), &page).await.json();
            let Some(next) = answer.pointer(cursor).and_then(Value::as_str) else { return };
            page = good.query(&format!("limit=2&cursor={next}"));
        }
    }

    /// A call that comes while another one with the same idempotency key is in progress to this customer.
    pub(super) async fn while_in_progress(&mut self, sentence: &str, call: &Call, to: &str) {
        let stand = &self.stand;
        let calls = || {
            let log = stand.running.sandbox.log();
            log.iter().filter(|entry| matches!(entry, LogEntry::Call(_))).count()
        };
        let (before, hold) = (calls(), stand.running.sandbox.delay_send(to));
        let second = async {
            eventually("the first one is in progress", async || (calls() > before).then_some(())).await;
            let answer = call.make(&stand.api).await;
            hold.release();
            answer
        };
        let (_, answer) = tokio::join!(call.make(&stand.api), second);
        self.keep(sentence, call, &answer);
        self.rest().await;
    }

    /// A customer writes a text to channel 1; gives their conversation.
    pub(super) async fn writes(&mut self, from: &str, text: &str) -> u64 {
        self.sends(from, json!({ "text": text })).await;
        self.conversation(from).await
    }

    /// A customer sends whatever the simulated WhatsApp can send; gives the provider's id of it.
    pub(super) async fn sends(&mut self, from: &str, message: Value) -> String {
        let answer = self.stand.api.post(&format!("/sandbox/phones/{from}/messages"), &message).await;
        assert_eq!(answer.status, 200, "{message}: {}", answer.text);
        self.rest().await;
        answer.json()["wamid"].as_str().unwrap().to_owned()
    }

    /// A customer sends a file, which is there when this returns.
    pub(super) async fn sends_file(&mut self, from: &str, message: Value) -> Value {
        let answer = self.stand.api.post(&format!("/sandbox/phones/{from}/messages"), &message).await;
        assert_eq!(answer.status, 200, "{message}: {}", answer.text);
        let media = media_there(&self.stand, self.conversation(from).await).await;
        self.rest().await;
        media
    }

    /// The conversation of tenant `demo` with a customer, by their number or user id.
    pub(super) async fn conversation(&self, customer: &str) -> u64 {
        let named =
            |it: &Value| ["phone_number", "user_id"].iter().any(|name| it["contact"][*name] == customer);
        let found = self.stand.conversations().await.into_iter().find(named);
        found.unwrap_or_else(|| panic!("no conversation with {customer}"))["id"].id_number()
    }

    /// Sets the phone of a customer up.
    pub(super) async fn phone(&self, number: &str, settings: &Value) {
        let path = format!("/sandbox/phones/{number}");
        let answer = self.stand.api.call(Method::PUT, &path, &[], settings.to_string().into_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Whatever follows from the last call comes to its end, and it is a moment later.
    pub(super) async fn rest(&self) {
        self.stand.running.sandbox.until_idle().await;
        self.stand.clock.advance(TICK);
    }

    /// The answers that were collected.
    pub(super) fn end(self) -> Vec<Value> {
        self.heard
    }
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn headers(all: &HeaderMap) -> Value {
    let lasting = all.keys().filter(|name| !PASSING.contains(&name.as_str()));
    let value = |name| {
        let values: Vec<&str> = all.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        json!(values.join(" | "))
    };
    let mut headers: Vec<(String, Value)> = lasting.map(|name| (name.to_string(), value(name))).collect();
    headers.sort_by(|one, other| one.0.cmp(&other.0));
    Value::Object(headers.into_iter().collect())
}

fn body(answer: &Answer) -> Value {
    let json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
    match answer.text.as_str() {
        "" => Value::Null,
        _ if json => answer.json(),
        text => text.into(),
    }
}
