//! That the files have every kind. A new kind of record or event does not compile until it is named here, and these tests
//! fail until a snapshot has it.

use std::collections::BTreeSet;

use serde_json::Value;
use ventanilla::{
    domain::event::EventKind,
    ports::{queue::Job, store::Record},
};

use super::{kept::kept, outside::JOBS};
use crate::harness::root;

/// The files that hold tables.
const TABLES: [&str; 6] =
    ["webhooks.rows", "sending.rows", "broadcasts.rows", "handling.rows", "sockets.rows", "records.rows"];

/// The rows that the store writes besides those of `Record`: what an operator sets up.
const SET_UP: [&str; 6] = ["tenant", "api_key", "channel", "channel_owner", "route", "business_number"];

/// A list of all variants of an enum with what each is called, and a function that gives it for a value. The function's
/// match has to name every variant.
macro_rules! all_kinds {
    ($all:ident, $of:ident, $kind:ident, $value:ty, $($variant:ident => $what:expr),+ $(,)?) => {
        pub(super) const $all: &[$value] = &[$($what),+];

        pub(super) fn $of(kind: &$kind) -> $value {
            match kind {
                $($kind::$variant { .. } => $what),+
            }
        }
    };
}

all_kinds! {
    RECORDS, of_record, Record, &'static str,
    Attempt => "attempt",
    Message => "message",
    Conversation => "conversation",
    MergedConversation => "conversation",
    WindowWatch => "window_watch",
    Contact => "contact",
    MergedContact => "contact",
    Address => "address",
    Lead => "lead",
    LeadLookup => "lead_pointer",
    MessageLookup => "pointer",
    File => "file",
    Key => "key",
    MessageId => "message_id",
    OptOut => "suppression",
    Template => "template",
    TemplateCache => "catalogue",
    CallBudget => "call_budget",
    ChannelCheck => "channel_check",
    Broadcast => "broadcast",
    Batch => "piece",
    Event => "event",
    Numbered => "event",
    LogEntry => "log",
    LogHead => "log_head",
    Socket => "connection",
    SocketRoute => "connection_route",
    Frame => "frame",
    FrameLease => "lane",
    Ticket => "ticket",
    QueuedMessage => "waiting",
    OfflineQueueHead => "waiting_room",
    Raw => "raw",
    Source => "source",
    NewSource => "source",
}

all_kinds! {
    EVENTS, of_event, EventKind, &'static str,
    ConversationCreated => "conversation.created",
    MessageReceived => "message.received",
    MessageMedia => "message.media",
    MessageUpdated => "message.updated",
    MessageAccepted => "message.accepted",
    MessageUnknown => "message.unknown",
    MessageUnresolved => "message.unresolved",
    MessageSilent => "message.silent",
    MessageRejected => "message.rejected",
    MessageStatus => "message.status",
    MessagePayment => "message.payment",
    MessageCall => "message.call",
    WindowRefused => "conversation.window_refused",
    WindowExpiring => "conversation.window_expiring",
    StatusChanged => "conversation.status_changed",
    HandedOver => "conversation.handed_over",
    Assigned => "conversation.assigned",
    ConversationRead => "conversation.read",
    LowBalance => "channel.low_balance",
    TemplateChanged => "template.changed",
    BroadcastProgressed => "broadcast.progressed",
    LeadCreated => "lead.created",
    LeadUpdated => "lead.updated",
    ContactUpdated => "contact.updated",
    OptedOut => "contact.opted_out",
    OptedIn => "contact.opted_in",
    ContactMerged => "contact.merged",
}

all_kinds! {
    OF_QUEUE, of_job, Job, &'static str,
    BroadcastBatch => "broadcast_piece",
}

/// The rows of all tables: the kind of each, and its text.
fn rows() -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    for line in TABLES.map(kept).concat().lines() {
        match (line.strip_prefix("  "), rows.last_mut()) {
            (Some(attribute), Some((_, row))) => *row = format!("{row}\n{attribute}"),
            _ => rows.push((line.split(" | ").next().unwrap().to_owned(), String::new())),
        }
    }
    rows
}

fn sorted<'a>(all: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    all.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_kind_of_row_is_kept() {
    let found: BTreeSet<String> = rows().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(found, sorted(RECORDS.iter().copied().chain(SET_UP)));
}

#[test]
fn every_kind_of_event_is_kept_as_an_event_and_in_the_log() {
    for holder in ["event", "log"] {
        let kinds = rows().into_iter().filter(|(kind, _)| kind == holder).map(|(_, row)| {
            let kind = row.lines().find_map(|line| line.strip_prefix("kind ")).unwrap();
            serde_json::from_str::<Value>(kind).unwrap()["S"].as_str().unwrap().to_owned()
        });
        assert_eq!(kinds.collect::<BTreeSet<_>>(), sorted(EVENTS.iter().copied()), "{holder}");
    }
}

#[test]
fn every_kind_of_job_is_recorded_and_has_the_fields_of_its_kind() {
    let queues = ["webhooks.queues", "broadcasts.queues"].map(kept).concat();
    let mut found = BTreeSet::new();
    let mut fetches = 0;
    for line in queues.lines() {
        let (queue, entry) = line.split_once(' ').unwrap();
        let entry: Value = serde_json::from_str(entry).unwrap();
        let body = entry["MessageBody"].as_str().unwrap();
        if queue == JOBS {
            let job: Job = serde_json::from_str(body).unwrap();
            assert_eq!(serde_json::to_string(&job).unwrap(), body);
            found.insert(of_job(&job).to_owned());
        } else {
            fetches += 1;
        }
    }
    assert_eq!(found, sorted(OF_QUEUE.iter().copied()));
    assert!(fetches > 3);
}

#[test]
fn every_frame_of_asyncapi_yaml_is_kept() {
    /// What only clients send.
    const OF_CLIENTS: [&str; 4] = ["ping", "whatsapp_reply", "whatsapp_reaction", "whatsapp_media_reply"];
    let document = std::fs::read_to_string(root().join("asyncapi.yaml")).unwrap();
    let document: Value = yaml_serde::from_str(&document).unwrap();
    let messages = document["components"]["messages"].as_object().unwrap().values();
    let mut named: BTreeSet<String> = messages.map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    named.retain(|name| !OF_CLIENTS.contains(&name.as_str()));
    let frames = kept("sockets.frames");
    let sent = frames.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(' '));
    let types = sent
        .filter(|(_, frame)| *frame != "<closed>")
        .map(|(_, frame)| serde_json::from_str::<Value>(frame).unwrap()["type"].as_str().unwrap().to_owned());
    assert_eq!(types.collect::<BTreeSet<_>>(), named);
}
