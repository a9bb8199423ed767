//! No leaf of a status is lost: each status is there with `?include=raw` as it came, and what the tables here list is in
//! typed fields of its message.

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use ventanilla::domain::time::Timestamp;

use crate::{
    conversations::{echo, webhook},
    harness::Stand,
};

/// Where a leaf of a status is in its message.
const OF_A_STATUS: [(&str, &str); 4] = [
    ("/pricing/billable", "/pricing/billable"),
    ("/pricing/pricing_model", "/pricing/model"),
    ("/pricing/category", "/pricing/category"),
    ("/pricing/type", "/pricing/type"),
];

/// Where a leaf of an error is in the error that the message shows.
const OF_AN_ERROR: [(&str, &str); 5] = [
    ("/code", "/code"),
    ("/title", "/title"),
    ("/message", "/message"),
    ("/error_data/details", "/details"),
    ("/href", "/href"),
];

/// A status without the id of its message, and what it says in words of our own.
#[derive(Debug, Clone)]
struct Told {
    status: Value,
    at: Timestamp,
    errors: Vec<Value>,
    /// Whether it brings our own callback data, and another id than that of the message.
    by_callback_data: bool,
}

fn word() -> impl Strategy<Value = String> {
    "[A-Z][a-zñ👋]{1,8}"
}

/// An object of some of these fields.
fn some_of(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| prop::option::weighted(0.8, value).prop_map(move |it| it.map(|it| (name, it))))
        .collect();
    fields
        .prop_map(|fields| {
            fields.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()
        })
        .boxed()
}

fn text() -> BoxedStrategy<Value> {
    word().prop_map(Value::from).boxed()
}

fn error() -> BoxedStrategy<Value> {
    let code = (100..140_000_i64).prop_map(Value::from);
    let more = some_of(vec![
        ("title", text()),
        ("message", text()),
        ("error_data", word().prop_map(|it| json!({ "details": it })).boxed()),
        ("href", word().prop_map(|it| json!(format!("https://a.example/{it}"))).boxed()),
        ("error_subcode", (1..9_999).prop_map(Value::from).boxed()),
    ]);
    (code, more)
        .prop_map(|(code, mut error)| {
            error["code"] = code;
            error
        })
        .boxed()
}

/// The errors of a status, and the form that they come in: a list, or one alone.
fn errors() -> impl Strategy<Value = (Option<Value>, Vec<Value>)> {
    prop_oneof![
        Just((None, Vec::new())),
        vec(error(), 1..3).prop_map(|all| (Some(json!(all)), all)),
        error().prop_map(|one| (Some(one.clone()), vec![one])),
    ]
}

/// A time in one of the spellings that were seen.
fn time() -> impl Strategy<Value = (Value, Timestamp)> {
    (1_772_533_800..1_772_633_800_i64, 0..1000_i64, 0..4).prop_map(|(seconds, millis, spelling)| {
        let fine = seconds * 1000 + millis;
        match spelling {
            0 => (json!(seconds.to_string()), Timestamp::from_seconds(seconds)),
            1 => (json!(seconds), Timestamp::from_seconds(seconds)),
            2 => (json!(fine.to_string()), Timestamp::from_millis(fine)),
            _ => (json!(fine), Timestamp::from_millis(fine)),
        }
    })
}

fn told() -> impl Strategy<Value = Told> {
    let state = prop::sample::select(&["sent", "delivered", "read", "played", "failed"][..]);
    let pricing = some_of(vec![
        ("billable", any::<bool>().prop_map(Value::from).boxed()),
        ("pricing_model", text()),
        ("category", text()),
        ("type", text()),
    ]);
    let conversation = some_of(vec![
        ("id", text()),
        ("origin", word().prop_map(|it| json!({ "type": it })).boxed()),
        ("expiration_timestamp", Just(json!("1772633800")).boxed()),
    ]);
    let more = some_of(vec![
        ("pricing", pricing),
        ("conversation", conversation),
        ("biz_opaque_callback_data", text()),
        ("recipient_id", Just(json!("50212345678")).boxed()),
        ("payment", word().prop_map(|it| json!({ "reference_id": it })).boxed()),
        ("of_a_version_to_come", word().prop_map(|it| json!({ "leaves": [it, 7] })).boxed()),
    ]);
    let kind = prop_oneof![3 => Just(None), 1 => Just(Some("message")), 1 => Just(Some("payment"))];
    (state, kind, time(), errors(), more, any::<bool>()).prop_map(
        |(state, kind, (timestamp, at), (form, errors), mut status, by_callback_data)| {
            status["status"] = json!(state);
            status["timestamp"] = timestamp;
            if let Some(kind) = kind {
                status["type"] = json!(kind);
            }
            if let Some(form) = form {
                status["errors"] = form;
            }
            Told { status, at, errors, by_callback_data }
        },
    )
}

/// A message of the app on the phone, with the webhooks of then or before; returns the statuses as
/// delivered, and the message as it is shown.
async fn tell(stand: &Stand, wamid: &str, told: &[Told], early: bool) -> (Vec<Value>, Value) {
    let mut ours = None;
    if !early {
        echo(stand, "50212345678", wamid, 0, "hola").await;
        let message = stand.api.get(&format!("/v1/messages/{wamid}")).await.json();
        let number = |name: &str| message[name].as_str().unwrap().split_once('_').unwrap().1.to_owned();
        let at: Timestamp = message["at"].as_str().unwrap().parse().unwrap();
        ours = Some(format!("v1.{}.{}.{}", number("conversation_id"), at.millis(), number("id")));
    }
    let mut statuses = Vec::new();
    for it in told {
        let mut status = it.status.clone();
        status["id"] = json!(wamid);
        if let (true, Some(ours)) = (it.by_callback_data, &ours) {
            status["id"] = json!(format!("{wamid}.again"));
            status["biz_opaque_callback_data"] = json!(ours);
        }
        webhook(stand, "messages", json!({ "statuses": [status] })).await;
        statuses.push(status);
    }
    if early {
        echo(stand, "50212345678", wamid, 0, "hola").await;
    }
    let shown = stand.api.get(&format!("/v1/messages/{wamid}?include=raw")).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    (statuses, shown.json())
}

/// Whether the values at these paths of a status are also in the shown message.
fn shown_as(told: &Value, shown: &Value, places: &[(&str, &str)]) -> Result<(), TestCaseError> {
    for (from, to) in places {
        if let Some(leaf) = told.pointer(from) {
            prop_assert_eq!(shown.pointer(to), Some(leaf), "{} of {} is not in {}", from, told, shown);
        }
    }
    Ok(())
}

fn is_typed(told: &Told, shown: &Value) -> Result<(), TestCaseError> {
    if told.status["type"] == "payment" {
        prop_assert_eq!(&shown["payments"][0]["at"], &json!(told.at.iso_millis()), "{:?}", told);
        return shown_as(&told.status, shown, &[("/payment/reference_id", "/payments/0/reference_id")]);
    }
    let state = told.status["status"].as_str().unwrap();
    prop_assert_eq!(&shown["status"], state);
    prop_assert_eq!(&shown["status_at"][state], &json!(told.at.iso_millis()), "{:?}", told);
    shown_as(&told.status, shown, &OF_A_STATUS)?;
    // Only for a failure the message itself has the reason; the log has the others.
    let errors = if state == "failed" { told.errors.as_slice() } else { &[] };
    prop_assert_eq!(shown["errors"].as_array().map(Vec::len), Some(errors.len()), "{}", shown);
    for (error, shown) in errors.iter().zip(shown["errors"].as_array().unwrap()) {
        shown_as(error, shown, &OF_AN_ERROR)?;
    }
    match errors.first() {
        Some(first) => prop_assert_eq!(&shown["error"]["code"], &first["code"]),
        None if state == "failed" => prop_assert_eq!(&shown["error"]["code"], &Value::Null),
        None => prop_assert_eq!(&shown["error"], &Value::Null),
    }
    Ok(())
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn every_leaf_of_every_status_is_returned_whenever_it_comes() {
    let runtime = runtime();
    let stand = runtime.block_on(Stand::start());
    let number = std::cell::Cell::new(0_u32);
    let mut runner = TestRunner::new(Config { cases: 120, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(vec(told(), 1..4), any::<bool>()), |(told, early)| {
        number.set(number.get() + 1);
        let wamid = format!("wamid.phone.{}", number.get());
        let (statuses, shown) = runtime.block_on(tell(&stand, &wamid, &told, early));
        let kept = shown["raw_statuses"].as_array().unwrap();
        for status in &statuses {
            let as_it_came = |it: &&Value| it.pointer("/entry/0/changes/0/value/statuses/0") == Some(status);
            prop_assert!(kept.iter().any(|it| as_it_came(&it)), "{status} is not in {shown}");
        }
        if let [only] = told.as_slice() {
            is_typed(only, &shown)?;
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
