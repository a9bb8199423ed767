//! Webhook bodies as proptest makes them up: every field of Meta's that says something to us, and whatever may stand beside
//! what is known.

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
};
use serde_json::{Value, json};

pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z0-9]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map("[a-z_]{1,6}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// An object of which some fields have the names that mean something there, and what these hold is mostly as it is there.
pub(super) fn object(known: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let fields: Vec<_> = known
        .into_iter()
        .map(|(name, value)| {
            let value =
                prop_oneof![4 => value.prop_map(Some), 1 => any_json().prop_map(Some), 2 => Just(None)];
            value.prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        })
        .collect();
    let misplaced = prop::sample::select(MISPLACED).prop_map(str::to_owned).boxed();
    let name = prop_oneof![3 => "[a-z_]{1,6}".boxed(), 1 => misplaced];
    let others = btree_map(name, any_json(), 0..2);
    (fields, others)
        .prop_map(|(fields, others)| {
            Value::Object(others.into_iter().chain(fields.into_iter().flatten()).collect())
        })
        .boxed()
}

/// Names that mean something in another place than where they stand.
const MISPLACED: &[&str] = &[
    "changes",
    "contacts",
    "entry",
    "errors",
    "field",
    "history",
    "id",
    "message_echoes",
    "messages",
    "metadata",
    "standby",
    "state_sync",
    "statuses",
    "threads",
    "time",
    "value",
];

fn one_of(words: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop::sample::select(words).prop_map(Value::from).boxed()
}

pub(super) fn several(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    vec(value, 0..3).prop_map(Value::from).boxed()
}

const CUSTOMERS: &[&str] = &["50212345678", "50287654321", "US.13491208655302741918"];
const WORDS: &[&str] = &["a", "b", "stop"];
const ROLES: &[&str] = &["ai_agent", "escalation", "customer_service"];
const TIMES: &[&str] = &["1772533800", "1772533800000"];

fn metadata() -> BoxedStrategy<Value> {
    object(vec![("phone_number_id", one_of(&["1001"])), ("display_phone_number", one_of(&["15550100001"]))])
}

/// What the value of every field of a number begins with.
fn of_number(more: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let mut fields = vec![("messaging_product", one_of(&["whatsapp"])), ("metadata", metadata())];
    fields.extend(more);
    object(fields)
}

fn message() -> BoxedStrategy<Value> {
    object(vec![
        ("id", one_of(&["wamid.1", "wamid.2"])),
        ("from", one_of(CUSTOMERS)),
        ("to", one_of(CUSTOMERS)),
        ("type", one_of(&["text", "image", "button", "system", "edit"])),
        ("text", object(vec![("body", one_of(WORDS))])),
        ("image", object(vec![("id", one_of(&["77"])), ("caption", one_of(WORDS))])),
        ("history_context", object(vec![("status", one_of(&["READ"]))])),
    ])
}

fn status() -> BoxedStrategy<Value> {
    object(vec![
        ("id", one_of(&["wamid.3"])),
        ("status", one_of(&["sent", "failed", "in_orbit"])),
        ("type", one_of(&["payment", "message"])),
        ("payment", any_json().boxed()),
        ("recipient_id", one_of(CUSTOMERS)),
    ])
}

fn contact() -> BoxedStrategy<Value> {
    object(vec![
        ("wa_id", one_of(CUSTOMERS)),
        ("user_id", one_of(CUSTOMERS)),
        ("profile", object(vec![("name", one_of(&["Ana"]))])),
    ])
}

/// What a field of messages and statuses has in its value.
fn lists() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    vec![
        ("contacts", several(contact())),
        ("messages", several(message())),
        ("message_echoes", several(message())),
        ("statuses", several(status())),
        ("errors", several(any_json().boxed())),
        ("user_preferences", several(any_json().boxed())),
    ]
}

fn history() -> BoxedStrategy<Value> {
    let thread = object(vec![("id", one_of(CUSTOMERS)), ("messages", several(message()))]);
    let progress = object(vec![("phase", one_of(&["0", "1"])), ("chunk_order", one_of(&["1"]))]);
    let refusal = object(vec![("code", Just(json!(2_593_109)).boxed()), ("title", one_of(WORDS))]);
    let chunk =
        object(vec![("metadata", progress), ("threads", several(thread)), ("errors", several(refusal))]);
    let mut fields = lists();
    fields.push(("history", several(chunk)));
    of_number(fields)
}

/// One level deeper than elsewhere, and perhaps something beside that level.
fn standby() -> BoxedStrategy<Value> {
    let sent = object(vec![
        ("to", one_of(CUSTOMERS)),
        ("recipient", one_of(CUSTOMERS)),
        ("type", one_of(&["text", "interactive"])),
        ("text", object(vec![("body", one_of(WORDS))])),
        ("interactive", any_json().boxed()),
    ]);
    let echo = object(vec![
        ("id", one_of(&["wamid.4"])),
        ("timestamp", one_of(TIMES)),
        ("message", sent),
        ("template", any_json().boxed()),
        ("flow", any_json().boxed()),
    ]);
    let inner = object(vec![
        ("contacts", several(contact())),
        ("messages", several(message())),
        ("message_echoes", several(echo)),
        ("statuses", several(status())),
    ]);
    of_number(vec![("standby", inner)])
}

fn handover() -> BoxedStrategy<Value> {
    let summary = object(vec![("text", one_of(WORDS))]);
    let owners = object(vec![
        ("previous_owner_role", one_of(ROLES)),
        ("new_owner_role", one_of(ROLES)),
        ("new_owner_app_id", one_of(&["9001"])),
        ("metadata", one_of(WORDS)),
        ("conversation_context", object(vec![("type", one_of(&["summary"])), ("summary", summary)])),
    ]);
    object(vec![
        ("messaging_product", one_of(&["whatsapp"])),
        ("sender", object(vec![("phone_number", one_of(CUSTOMERS))])),
        ("recipient", metadata()),
        ("timestamp", one_of(TIMES)),
        ("type", one_of(&["control_passed", "control_taken", "control_of_a_version_to_come"])),
        ("control_passed", owners.clone()),
        ("control_taken", owners),
    ])
}

fn state_sync() -> BoxedStrategy<Value> {
    let named = object(vec![
        ("full_name", one_of(&["Ana Ruiz"])),
        ("first_name", one_of(&["Ana"])),
        ("phone_number", one_of(CUSTOMERS)),
    ]);
    let entry = object(vec![
        ("type", one_of(&["contact"])),
        ("action", one_of(&["add", "remove"])),
        ("contact", named),
        ("metadata", object(vec![("timestamp", one_of(TIMES))])),
    ]);
    of_number(vec![("state_sync", several(entry)), ("contacts", several(contact()))])
}

fn of_account() -> BoxedStrategy<Value> {
    object(vec![
        ("event", one_of(&["DISABLED_UPDATE", "APPROVED", "FLAGGED"])),
        ("ban_info", object(vec![("waba_ban_state", one_of(&["DISABLE"]))])),
        ("restriction_info", several(any_json().boxed())),
        ("phone_number", one_of(&["15550100001"])),
        ("current_limit", one_of(&["TIER_1K"])),
    ])
}

fn of_template() -> BoxedStrategy<Value> {
    object(vec![
        ("event", one_of(&["APPROVED", "PAUSED", "REJECTED"])),
        ("message_template_id", Just(json!(594_425)).boxed()),
        ("message_template_name", one_of(&["hello_world"])),
        ("message_template_language", one_of(&["en_US"])),
        ("reason", one_of(&["NONE"])),
        ("disable_info", object(vec![("disable_date", one_of(TIMES))])),
        ("previous_category", one_of(&["UTILITY"])),
        ("new_category", one_of(&["MARKETING"])),
        ("new_quality_score", one_of(&["GREEN"])),
        ("message_template_element", one_of(WORDS)),
        ("message_template_buttons", several(any_json().boxed())),
    ])
}

/// A change of a field with the value that this field has, or with that of another one.
pub(super) fn change() -> BoxedStrategy<Value> {
    let pairs: Vec<(&'static [&'static str], BoxedStrategy<Value>)> = vec![
        (&["messages", "calls", "user_preferences"], of_number(lists())),
        (&["smb_message_echoes"], of_number(lists())),
        (&["history"], history()),
        (&["standby"], standby()),
        (&["messaging_handovers"], handover()),
        (&["smb_app_state_sync"], state_sync()),
        (&["account_update", "phone_number_quality_update"], of_account()),
        (
            &[
                "message_template_status_update",
                "message_template_components_update",
                "template_category_update",
            ],
            of_template(),
        ),
    ];
    let every: &'static [&'static str] =
        &["messages", "history", "standby", "messaging_handovers", "smb_app_state_sync"];
    let changes = pairs.into_iter().map(|(fields, value)| {
        let field = prop_oneof![6 => one_of(fields), 1 => one_of(every)].boxed();
        object(vec![("field", field), ("value", value)])
    });
    prop::strategy::Union::new(changes).boxed()
}

pub(super) fn body() -> BoxedStrategy<Value> {
    let entry = object(vec![
        ("id", one_of(&["2001"])),
        ("time", Just(json!(5)).boxed()),
        ("changes", several(change())),
    ]);
    object(vec![("object", one_of(&["whatsapp_business_account"])), ("entry", several(entry))])
}
