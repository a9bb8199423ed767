//! Records that are written as they are, past all use cases: states that no scene comes to, each poor in attributes or
//! rich, and an event of every kind.

use serde_json::{Value, json};
use ventanilla::{domain::event::Event, ports::store::Record};

use super::{
    complete::{EVENTS, of_event, of_record},
    joined, kept,
    stage::Stage,
};

/// Some time, in milliseconds since 1970.
const AT: i64 = 1_772_533_800_123;

/// A SHA-256 hash in hexadecimal digits.
const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A record from the spelling that its row has, too.
fn read<T: for<'a> serde::Deserialize<'a>>(record: Value) -> T {
    let text = record.to_string();
    serde_json::from_value(record).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A record of tenant `demo` that was never written, with more fields.
fn new(more: Value) -> Value {
    joined(json!({ "tenant": "demo", "rev": 0 }), more)
}

fn attempt(id: u64, state: Value) -> Record {
    let poor = joined(
        json!({ "conversation": 1, "at": AT, "id": id, "target": "conversation",
        "content": { "type": "text", "body": "x" }, "policy": "at_most_once", "tries": 1, "history": [{ "at": AT }] }),
        state,
    );
    Record::Attempt(read(new(poor)))
}

fn attempts() -> Vec<Record> {
    let fact = json!({ "at": AT, "error_code": 131_026, "error": "no", "price": { "type": "regular", "category": "service",
        "model": "PMP", "billable": true, "amount": "0.5" },
        "errors": [{ "code": "E110", "title": "t", "message": "m", "details": "d", "href": "h" }] });
    let rejection = json!({ "reason": "window_closed", "provider_code": 131_047, "detail": "late",
        "window_closed_since": AT, "templates": ["hello_world"], "retry_after_seconds": 7 });
    let rich = json!({ "channel": 1, "target": { "number": { "number": "50212345678" } },
        "rendered": { "name": "promo", "language": "es", "category": "MARKETING", "parameters": [], "header": "h",
            "body": "b", "footer": "f", "buttons": [{ "type": "QUICK_REPLY", "text": "Sí" }] },
        "quotes": "wamid.Q", "request": 7, "references": { "ref": "a", "ref1": "b", "ref2": "c" },
        "sent_by": { "type": "human", "id": "luis", "name": "Luis" }, "broadcast": 5, "policy": "at_least_once",
        "tries": 3, "history": [
            { "at": AT, "ended": { "ended": "unknown" } },
            { "at": AT, "ended": { "ended": "refused", "reason": "rate_limited", "provider_code": "E429" } },
            { "at": AT, "ended": { "ended": "accepted" } }],
        "parked": { "sent": fact, "delivered": { "at": AT }, "read": { "at": AT }, "played": { "at": AT }, "failed": fact },
        "parked_acceptance": { "wamid": "wamid.P", "aliases": ["alias"], "wa_id": "50212345678", "user_id": "GT.1",
            "parent_user_id": "GT.ENT.1" },
        "state": "unresolved", "since": AT });
    vec![
        attempt(1, json!({ "state": "sending", "lease_until": AT })),
        attempt(2, json!({ "state": "accepted", "wamid": "wamid.A" })),
        attempt(3, json!({ "state": "rejected", "rejection": { "reason": "not_found" } })),
        attempt(4, json!({ "state": "rejected", "rejection": rejection })),
        attempt(5, json!({ "state": "unknown", "since": AT })),
        attempt(6, json!({ "state": "repeating", "lease_until": AT })),
        attempt(7, rich),
    ]
}

fn of_sending() -> Vec<Record> {
    let rejection = json!({ "reason": "low_balance", "provider_code": 131_042 });
    let entry = |outcome: Value| joined(json!({ "given": "+50212345678" }), outcome);
    let entries = [
        json!({ "outcome": "queued", "refusals": 0, "number": "50212345678" }),
        json!({ "outcome": "queued", "refusals": 2, "last": rejection, "to_user_id": "GT.1", "named_by": "user_id" }),
        json!({ "outcome": "sent", "message": 7, "conversation": 8, "wamid": "wamid.S" }),
        json!({ "outcome": "unknown" }),
        json!({ "outcome": "unknown", "message": 7 }),
        json!({ "outcome": "refused", "message": 7, "rejection": rejection }),
        json!({ "outcome": "duplicate", "to_conversation": 9, "named_by": "conversation_id" }),
        json!({ "outcome": "invalid", "field": "phone", "problem": "is none" }),
        json!({ "outcome": "dropped", "why": "cancelled" }),
        json!({ "outcome": "dropped", "why": "late" }),
        json!({ "outcome": "dropped", "why": { "stopped": { "reason": "low_balance" } } }),
        json!({ "outcome": "queued", "refusals": 0, "request": 7, "references": { "ref": "a" }, "components": [{}] }),
    ];
    let content = json!({ "type": "template", "name": "promo", "language": "es" });
    vec![
        Record::Broadcast(read(new(json!({ "id": 5, "content": content, "channel": 1,
            "sent_by": { "type": "bot", "name": "Agua" }, "key": "campaign", "created_at": AT, "total": 12,
            "course": "stopped", "rejection": rejection })))),
        Record::Batch(read(new(
            json!({ "broadcast": 5, "number": 0, "created_at": AT, "rounds": 2, "idle_rounds": 1,
            "patience": 120, "due_at": AT, "entries": entries.map(entry) }),
        ))),
        Record::CallBudget(read(json!({ "account": "2009", "full_at": AT, "rev": 0 }))),
        Record::ChannelCheck(read(new(json!({ "channel": 1, "checked_at": AT, "outcome": "fine" })))),
        Record::ChannelCheck(read(new(
            json!({ "channel": 3, "checked_at": AT, "outcome": "failed", "barred": ["number",
            "token", "standing", "subscription"], "answer": "untold", "quality": "RED", "messaging_limit": "TIER_2K" }),
        ))),
    ]
}

fn of_messages() -> Vec<Record> {
    let source = |kind: &str, number: u64| {
        let piece = json!({ "tenant": "demo", "message": 7, "kind": kind, "digest": "00112233", "number": number, "of": 2,
            "body": "{}" });
        read(piece)
    };
    let address = json!({ "conversation": 1, "at": AT, "id": 7 });
    let file = |id: u64, state: Value| {
        let file = joined(
            json!({ "id": id, "direction": "inbound", "mime": "image/png", "created_at": AT, "expires_at": AT + 1000 }),
            state,
        );
        Record::File(read(new(file)))
    };
    let wanted = json!({ "channel": 1, "whence": { "link": "https://files.example/a.png" }, "promised": HASH, "until": AT,
        "telling": "first", "tries": 2, "due_at": AT, "not_before": AT, "queued": 1, "lease_until": AT, "state": "wanted",
        "name": "a.png", "came_with": address });
    let pointer = json!({ "line": "1001", "wamid": "wamid.P", "channel": 1, "message": address,
        "parked": { "sent": { "at": AT } }, "updates": [address], "parked_sources": ["{}"], "siblings": ["wamid.Q"],
        "expires_at": AT });
    let key = json!({ "key": HASH, "fingerprint": HASH, "message": 7, "expires_at": AT });
    vec![
        Record::Source(source("content", 0)),
        Record::NewSource(source("message", 0)),
        Record::NewSource(source("status", 1)),
        file(1, wanted),
        file(2, json!({ "state": "stored", "size": 9, "sha256": HASH })),
        file(3, json!({ "state": "lost", "why": "it is gone" })),
        file(4, json!({ "state": "awaited", "size": 9, "until": AT })),
        Record::MessageLookup(read(new(pointer))),
        Record::Key(read(new(key))),
        Record::MessageId("demo".parse().unwrap(), read(json!({ "conversation": 1, "at": AT, "id": 17 }))),
        Record::WindowWatch(read(new(json!({ "conversation": 1, "due_at": AT })))),
        Record::OptOut(read(new(
            json!({ "address": { "parent": "GT.ENT.1" }, "marketing": "resumed", "why": "operator",
            "as_of": AT }),
        ))),
    ]
}

fn of_sockets() -> Vec<Record> {
    let socket = |id: &str, more: Value| -> Value {
        let socket = joined(json!({ "id": id, "key": HASH, "opened_after": 3, "opened_at": AT }), more);
        new(socket)
    };
    let lost =
        socket("lost", json!({ "audience": "channel", "of_channel": 1, "phase": "lost", "due_at": AT }));
    let live = socket(
        "live",
        json!({ "audience": "tenant", "phase": "live", "since": 7, "start": "cursor", "drains": true }),
    );
    let opening = socket(
        "opening",
        json!({ "audience": "conversation", "of_conversation": 1, "phase": "opening",
        "from": 7, "start": "queue", "greeted": true }),
    );
    let grant = json!({ "key": HASH, "audience": "channel", "of_channel": 1 });
    let frame = |name: &str, more: Value| {
        let frame = joined(json!({ "socket": "live", "came_at": AT, "name": name, "body": "{}" }), more);
        Record::Frame(read(new(frame)))
    };
    let told = |seq: u64, more: Value| {
        let mut told = event(
            json!({ "kind": "message.received", "conversation": 1, "message": 2, "message_at": AT }),
            900 + seq,
        );
        told["seq"] = json!(seq);
        Record::QueuedMessage(read(joined(told, more)))
    };
    vec![
        Record::SocketRoute(read(lost.clone())),
        Record::Socket(read(lost)),
        Record::Socket(read(live)),
        Record::Socket(read(opening)),
        frame("poor", json!({})),
        frame("rich", json!({ "grant": grant })),
        Record::FrameLease(read(new(json!({ "socket": "live", "taken_until": AT, "expires_at": AT })))),
        Record::FrameLease(read(new(json!({ "socket": "lost", "expires_at": AT })))),
        Record::Ticket(read(new(json!({ "hash": HASH, "key": HASH, "expires_at": AT, "used_at": AT })))),
        told(1, json!({ "sender": 3 })),
        told(2, json!({ "sender": 3, "channel": 1 })),
        Record::OfflineQueueHead(read(new(
            json!({ "emptied_by": ["live", AT], "dropped": 3, "dropped_on": [[1, 2]] }),
        ))),
    ]
}

/// An event of tenant `demo` with what it is about.
fn event(kind: Value, order: u64) -> Value {
    joined(
        json!({ "id": format!("{AT:013}-{order:016}-0123456789abcdef"), "tenant": "demo", "at": AT }),
        kind,
    )
}

/// What an event of each kind says, and some of them with everything that may be missing.
fn kinds() -> Vec<Value> {
    let of_message = |kind: &str, more: Value| {
        joined(json!({ "kind": kind, "conversation": 1, "message": 2, "message_at": AT }), more)
    };
    let of_conversation = |kind: &str, more: Value| joined(json!({ "kind": kind, "conversation": 1 }), more);
    let handover = json!({ "type": "pass_thread_control", "previous_owner_role": "primary", "new_owner_role": "secondary",
        "metadata": "m", "summary": "s" });
    let choice = |kind: &str, more: Value| {
        joined(
            json!({ "kind": kind, "addresses": [{ "number": "50212345678" }, { "bsuid": "GT.1" }],
            "reason": "word", "since": AT }),
            more,
        )
    };
    let mut all = vec![
        of_conversation("conversation.created", json!({})),
        of_message("message.received", json!({})),
        of_message("message.received", json!({ "late": true, "standby": true, "file": 3 })),
        of_message("message.media", json!({ "file": 3, "telling": "first" })),
        of_message("message.media", json!({ "file": 3, "telling": "further" })),
        of_conversation("conversation.window_refused", json!({ "channel": 1 })),
        of_conversation("conversation.window_expiring", json!({ "expires_at": AT })),
        of_conversation("conversation.handed_over", json!({ "handled_by": "human" })),
        of_conversation(
            "conversation.handed_over",
            json!({ "handled_by": "meta_agent", "handover": handover }),
        ),
        of_conversation("conversation.assigned", json!({ "assignee": null })),
        of_conversation("conversation.assigned", json!({ "assignee": "luis" })),
        of_conversation("conversation.read", json!({})),
        json!({ "kind": "channel.low_balance", "channel": 1 }),
        json!({ "kind": "template.changed", "channel": 1, "name": "promo", "language": "es", "status": "GONE" }),
        json!({ "kind": "broadcast.progressed", "broadcast": 5 }),
        json!({ "kind": "lead.created", "lead": 6 }),
        json!({ "kind": "lead.updated", "lead": 6 }),
        json!({ "kind": "contact.updated", "contact": 6 }),
        json!({ "kind": "contact.merged", "contact": 6, "absorbed": 7 }),
        choice("contact.opted_out", json!({})),
        choice("contact.opted_out", json!({ "contact": 6, "conversation": 1, "reason": "button" })),
        choice("contact.opted_in", json!({ "reason": "preference" })),
    ];
    let plain = ["accepted", "unknown", "unresolved", "silent", "rejected", "payment", "call"];
    all.extend(plain.map(|kind| of_message(&format!("message.{kind}"), json!({}))));
    let changes = ["edited", "revoked", "reaction"];
    all.extend(changes.map(|change| of_message("message.updated", json!({ "change": change, "by": 4 }))));
    let statuses = ["sent", "delivered", "read", "played", "failed"];
    all.extend(statuses.map(|status| of_message("message.status", json!({ "status": status }))));
    let standings = ["active", "pending_human", "closed"];
    all.extend(
        standings.map(|status| of_conversation("conversation.status_changed", json!({ "status": status }))),
    );
    all
}

fn events() -> Vec<Event> {
    (1..).zip(kinds()).map(|(order, kind)| read(event(kind, order))).collect()
}

/// The kinds of the rows of a table, each as often as it is there, but for what an operator sets up.
fn written(table: &str) -> Vec<String> {
    let set_up = ["tenant", "api_key", "channel", "channel_owner", "route", "business_number"];
    let heads = table.lines().filter(|line| !line.starts_with(' '));
    let kinds = heads.map(|line| line.split(" | ").next().unwrap().to_owned());
    let mut kinds: Vec<String> = kinds.filter(|kind| !set_up.contains(&kind.as_str())).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn records_are_written_as_they_were() {
    let stage = Stage::start().await;
    let events = events();
    let mut named: Vec<&str> = events.iter().map(|event| of_event(&event.kind)).collect();
    for (event, said) in events.iter().zip(kinds()) {
        assert_eq!(of_event(&event.kind), said["kind"]);
    }
    named.sort_unstable();
    named.dedup();
    let mut all = EVENTS.to_vec();
    all.sort_unstable();
    assert_eq!(named, all, "an event of every kind");
    let mut records = [attempts(), of_sending(), of_messages(), of_sockets()].concat();
    records.extend(events.into_iter().map(Record::Event));
    let mut kinds: Vec<String> = records.iter().map(|record| of_record(record).to_owned()).collect();
    kinds.sort();
    stage.commit(records).await;
    assert_eq!(written(&stage.rows().await), kinds);
    // The events get their numbers.
    stage.follow().await;
    kept::check(&[("records.rows", stage.rows().await)]);
}
