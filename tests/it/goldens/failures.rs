//! What can go wrong with any request, for every route alike.

use http::Method;
use serde_json::{Value, json};
use ventanilla_sandbox::{ErrorBody, Fault as ProviderFault};

use super::{
    call::{Auth, Call, UNKNOWN},
    golden,
    scene::Scene,
};
use crate::harness::Fault;

/// Who calls. `weak` is a key without the right.
pub(super) async fn of_callers(scene: &mut Scene, what: &str, good: &Call, weak: &'static str) {
    for (who, auth) in [
        ("with an unknown key", good.auth.with_key(UNKNOWN)),
        ("with what can be no key", good.auth.with_key("vk_short")),
        ("with an empty key", good.auth.with_key("")),
        ("with a key that lacks the right", good.auth.with_key(weak)),
        ("with a scheme that nobody knows", Auth::Other("Digest username=ana")),
    ] {
        scene.call(&format!("{what} {who}"), &good.by(auth)).await;
    }
    scene.call(&format!("{what} with two keys"), &good.header("authorization", "Bearer another")).await;
}

/// A caller without authentication, where no key is assumed.
pub(super) async fn of_nobody(scene: &mut Scene, what: &str, good: &Call) {
    scene.call(&format!("{what} without a key"), &good.by(Auth::Nobody)).await;
}

/// Methods that a path may not know.
pub(super) async fn of_methods(scene: &mut Scene, what: &str, good: &Call, methods: &[Method]) {
    for method in methods {
        scene.call(&format!("{what} by {method}"), &good.method(method.clone())).await;
    }
}

/// Bodies that cannot be decoded. `longest` is the limit of the route, in bytes.
pub(super) async fn of_bodies(scene: &mut Scene, what: &str, good: &Call, longest: usize) {
    let twice = twice(good.body());
    for (how, call) in [
        ("without a body", good.text("")),
        ("with a body of spaces", good.blank(3)),
        ("with a body that breaks off", good.text("{\"a\":")),
        ("with a body that is no JSON", good.text("no json")),
        ("with a list for a body", good.text("[1]")),
        ("with null for a body", good.text("null")),
        ("with a field that is given twice", good.text(twice)),
        ("with a body that is no text", good.bytes(b"\xff\xfe")),
        ("with a body that is nested too deep", good.text("[".repeat(5000) + &"]".repeat(5000))),
        ("with a body that is as long as can be", good.blank(longest)),
        ("with a body that is too long", good.blank(longest + 1)),
    ] {
        scene.call(&format!("{what} {how}"), &call).await;
    }
}

/// A body whose first field comes twice.
fn twice(body: &Value) -> String {
    let (name, value) = body.as_object().unwrap().iter().next().unwrap();
    format!("{{{}:{value},{}", json!(name), &body.to_string()[1..])
}

/// Optional parts of every request that sends a message: sender, key, policy, and dry run.
pub(super) async fn of_sending(scene: &mut Scene, what: &str, good: &Call) {
    scene
        .queries(what, good, &["dry_run", "dryRun=true", "dry_run=maybe", "dry_run=false&dry_run=true"])
        .await;
    scene
        .with(
            what,
            good,
            &[
                ("/dry_run", json!(true)),
                ("/dryRun", json!("true")),
                ("/sent_by", json!("ana")),
                ("/sent_by", json!({ "type": "robot" })),
                ("/sent_by", json!({ "type": "human", "id": "" })),
                ("/sent_by", json!({ "type": "human", "name": 7 })),
            ],
        )
        .await;
    for key in [String::new(), "k".repeat(256), "llave ñ".to_owned()] {
        let sentence = format!("{what} with an idempotency key of {} characters", key.chars().count());
        scene.call(&sentence, &good.header("idempotency-key", key)).await;
    }
    let two = good.header("idempotency-key", "one").header("idempotency-key", "another");
    scene.call(&format!("{what} with two idempotency keys"), &two).await;
    for policy in ["at-most-once", "at-least-once", "perhaps"] {
        scene
            .call(
                &format!("{what} with the delivery policy {policy}"),
                &good.header("delivery-policy", policy),
            )
            .await;
    }
}

/// What a key does: a request is carried out once, and answered alike. `other` asks for something else.
pub(super) async fn of_keys(scene: &mut Scene, what: &str, good: &Call, other: &Call, to: &str) {
    let key = |number: u8| format!("{}-{number}", what.replace(' ', "-"));
    let under = |call: &Call| call.header("idempotency-key", key(1));
    scene.call(&format!("{what} with an idempotency key"), &under(good)).await;
    scene.call(&format!("{what} with that idempotency key again"), &under(good)).await;
    scene.call(&format!("{what} with that idempotency key for something else"), &under(other)).await;
    let meanwhile = good.header("idempotency-key", key(2));
    scene
        .while_in_progress(&format!("{what} while the first one with its key is in progress"), &meanwhile, to)
        .await;
}

/// WhatsApp rejects a message with one of its codes.
pub(super) fn refused(code: u32) -> ProviderFault {
    ProviderFault::Refuse { code, http_status: None, details: Some("by WhatsApp".to_owned()) }
}

/// Everything that WhatsApp may answer to any message, through a number at Meta. The last one closes the window.
pub(super) async fn of_meta(scene: &mut Scene, what: &str, good: &Call) {
    let broken = |status, body| ProviderFault::ServerError { status, body, accepted: false };
    for (how, fault) in [
        ("finds fault with it", refused(100)),
        ("has no money for it", refused(131_042)),
        ("cannot reach the customer", refused(131_026)),
        ("does not know such a message", refused(131_051)),
        ("finds it too fast", ProviderFault::RateLimit { retry_after: Some(7) }),
        ("finds it too fast and does not say until when", ProviderFault::RateLimit { retry_after: None }),
        ("finds it too fast for this customer", refused(131_056)),
        ("has restricted the account", refused(368)),
        ("does not take the token", ProviderFault::ExpiredToken),
        ("reports a fault of its own", broken(503, ErrorBody::Json)),
        ("answers with a page", broken(502, ErrorBody::Html)),
        ("gives a number that nobody knows", refused(999_999)),
        ("does not answer", ProviderFault::Cut { accepted: false }),
        ("answers what nobody can read", ProviderFault::Unreadable { accepted: false }),
        ("says that the window is closed", refused(131_047)),
    ] {
        scene.meets(fault, &format!("{what} when WhatsApp {how}"), good).await;
    }
}

/// WhatsApp's responses to a template, and the state that follows from each. `to_another` goes to another
/// customer.
pub(super) async fn of_templates(scene: &mut Scene, what: &str, good: &Call, to_another: &Call) {
    let unwanted = format!("{what} when WhatsApp hears that the customer does not want it");
    scene.meets(refused(131_050), &unwanted, to_another).await;
    scene.call(&format!("{what} to who did not want it"), to_another).await;
    scene.meets(refused(132_001), &format!("{what} when WhatsApp knows no such template"), good).await;
    scene.call(&format!("{what} that WhatsApp did not know"), good).await;
}

/// Everything that Kaleyra says in words of its own.
pub(super) async fn of_kaleyra(scene: &mut Scene, what: &str, good: &Call) {
    for code in ["E110", "WA400", "WA401", "WA429", "WA500", "RBC001", "WAV2101", "X999"] {
        let fault = ProviderFault::Kaleyra { code: code.to_owned(), http_status: None };
        scene.meets(fault, &format!("{what} when Kaleyra says {code}"), good).await;
    }
}

/// The store is down for the next call of this operation, and for every repeat of it.
pub(super) async fn of_store(scene: &mut Scene, what: &str, good: &Call, operations: &[&str]) {
    for operation in operations {
        scene.stand.tap.next(operation, Fault::Outage);
        scene.call(&format!("{what} while the store takes no {operation}"), good).await;
        golden::expect(scene.stand.tap.faults_left() == 0, &format!("{what} makes no {operation}"));
        scene.stand.tap.forget_faults();
    }
}
