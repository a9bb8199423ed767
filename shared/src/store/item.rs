//! From a change to the row it writes, and back.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::keys::{self, Key};
use crate::{
    domain::{
        attempt::State,
        broadcast::{self, Broadcast, Piece},
        channel::Origin,
        contact::Contact,
        conversation::Conversation,
        event::Event,
        file::MediaFile,
        frame,
        id::{ChannelId, TenantId},
        log,
        message::MessageAddress,
        raw::RawPiece,
        time::Timestamp,
        waiting,
        window::WindowWatch,
    },
    port::book::{Change, StoreError},
};

/// A row as the SDK has it.
pub(super) type Row = HashMap<String, AttributeValue>;

/// How long events and refused attempts are kept.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// How much longer a key's row stays than the key is valid.
const KEY_MARGIN: Duration = Duration::from_hours(1);

/// A row to write or to take away, and under which condition.
pub(super) struct Write {
    pub(super) deed: Deed,
    pub(super) condition: Condition,
}

/// What is done with a row.
pub(super) enum Deed {
    /// It is written, whole.
    Put(Row),
    /// It is taken away.
    Delete(Key),
    /// Nothing: only its condition counts.
    Check(Key),
}

/// What must be true of the row that is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// There is none.
    Absent,
    /// It has no place in the log yet.
    Unnumbered,
    /// Nothing: it may be there or not.
    Any,
    /// There is one.
    Present,
    /// It is the one that was read.
    Rev(u64),
    /// It is a line that leads to this channel.
    LeadsTo(ChannelId),
}

/// Attributes that every row has besides its content.
#[derive(Serialize)]
struct Envelope<'a, B> {
    pk: &'a str,
    sk: &'a str,
    /// What the row is.
    row: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    g1pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    g1sk: Option<String>,
    #[serde(flatten)]
    lists: &'a Lists,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
    /// Which call wrote it: tells our own write from somebody else's when an answer was lost.
    writer: u64,
    #[serde(flatten)]
    body: &'a B,
}

/// The further lists that a row is on, at the same place in each.
#[derive(Default, Serialize)]
struct Lists {
    #[serde(skip_serializing_if = "Option::is_none")]
    g2pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    g3pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    g4pk: Option<String>,
}

impl Lists {
    /// Those of a conversation. One that went into another is on none.
    fn of(it: &Conversation) -> Self {
        if it.merged_into.is_some() {
            return Self::default();
        }
        Self {
            g2pk: Some(keys::of_status(&it.tenant, it.status)),
            g3pk: it.assignee.as_ref().map(|agent| keys::of_assignee(&it.tenant, agent)),
            g4pk: (it.unread > 0).then(|| keys::unread(&it.tenant)),
        }
    }
}

/// How a row is kept besides its content.
pub(super) struct Shape {
    key: Key,
    row: &'static str,
    /// The list that it is on, and its place there.
    pub(super) list: Option<(String, String)>,
    lists: Lists,
    ttl: Option<Timestamp>,
}

impl Shape {
    pub(super) fn plain(key: Key, row: &'static str) -> Self {
        Self { key, row, list: None, lists: Lists::default(), ttl: None }
    }

    pub(super) fn write<B: Serialize>(
        self,
        body: &B,
        condition: Condition,
        writer: u64,
    ) -> Result<Write, StoreError> {
        let (list, place) = self.list.unzip();
        let envelope = Envelope {
            pk: &self.key.pk,
            sk: &self.key.sk,
            row: self.row,
            g1pk: list,
            g1sk: place,
            lists: &self.lists,
            ttl: self.ttl.map(Timestamp::seconds),
            writer,
            body,
        };
        let mut row: Row = serde_dynamo::to_item(envelope).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        if let Condition::Rev(rev) = condition {
            row.insert("rev".to_owned(), AttributeValue::N((rev + 1).to_string()));
        }
        if condition == Condition::Absent {
            row.insert("rev".to_owned(), AttributeValue::N("1".to_owned()));
        }
        Ok(Write { deed: Deed::Put(row), condition })
    }
}

/// A row of the archive.
#[derive(Serialize, Deserialize)]
pub(super) struct RawRow {
    pub(super) at: Timestamp,
    pub(super) expires_at: Timestamp,
    #[serde(flatten)]
    pub(super) origin: Origin,
    pub(super) digest: String,
    pub(super) number: usize,
    pub(super) of: usize,
    pub(super) body: String,
}

fn unchanged(rev: u64) -> Condition {
    if rev == 0 { Condition::Absent } else { Condition::Rev(rev) }
}

/// The row that a change writes.
pub(super) fn write(change: &Change, writer: u64) -> Result<Write, StoreError> {
    let write = match change {
        Change::Attempt(attempt) => {
            let id = attempt.address.id;
            let mut shape = Shape::plain(keys::attempt(&attempt.tenant, id), "attempt");
            shape.list =
                attempt.due_at().map(|due| (keys::due(id.get()), keys::due_place(due, &attempt.tenant, id)));
            if matches!(attempt.state, State::Rejected { .. }) {
                shape.ttl = Some(attempt.address.at.plus(KEPT));
            }
            shape.write(attempt, unchanged(attempt.rev), writer)?
        }
        Change::Message(message) => {
            let (at, id) = (message.address, message.address.id);
            let mut shape = Shape::plain(keys::message(&message.tenant, at), "message");
            let place = |due| (keys::due(id.get()), keys::due_place(due, &message.tenant, id));
            shape.list = message.status_due.map(place);
            shape.write(message, unchanged(message.rev), writer)?
        }
        Change::Conversation(it) => conversation_row(it, writer)?,
        Change::Contact(_)
        | Change::Address(_)
        | Change::Lead(_)
        | Change::LeadPointer(_)
        | Change::Suppression(_) => customer_row(change, writer)?,
        Change::Pointer(pointer) => {
            let key = keys::pointer(&pointer.line, &pointer.wamid);
            let mut shape = Shape::plain(key, "pointer");
            shape.ttl = pointer.expires_at;
            shape.write(pointer, unchanged(pointer.rev), writer)?
        }
        Change::File(it) => file_row(it, writer)?,
        Change::Key(record) => {
            let mut shape = Shape::plain(keys::idempotency(&record.tenant, &record.key), "key");
            shape.ttl = Some(record.expires_at.plus(KEY_MARGIN));
            shape.write(record, unchanged(record.rev), writer)?
        }
        Change::MessageId(tenant, address) => Shape::plain(keys::attempt(tenant, address.id), "message_id")
            .write::<MessageAddress>(address, Condition::Absent, writer)?,
        Change::Template(_) | Change::Catalogue(_) | Change::CallBudget(_) => copy_row(change, writer)?,
        Change::ChannelCheck(it) => {
            let key = keys::channel_check(&it.tenant, it.channel);
            Shape::plain(key, "channel_check").write(it, unchanged(it.rev), writer)?
        }
        Change::Broadcast(it) => broadcast_row(it, writer)?,
        Change::Piece(it) => piece_row(it, writer)?,
        // Never over one that has its number.
        Change::Event(event) => event_row(event, event, Condition::Absent, writer)?,
        Change::Numbered(it) => event_row(&it.event, it, Condition::Unnumbered, writer)?,
        Change::Socket(_)
        | Change::SocketRoute(_)
        | Change::SocketGone(_)
        | Change::SocketRouteGone(_)
        | Change::WindowWatch(_)
        | Change::WindowWatchGone(_)
        | Change::Frame(_)
        | Change::FrameGone(_)
        | Change::Lane(_)
        | Change::Ticket(_)
        | Change::Waiting(_)
        | Change::WaitingGone(_)
        | Change::WaitingRoom(_)
        | Change::LogEntry(_)
        | Change::LogHead(_)
        | Change::SameLogHead(_) => live_row(change, writer)?,
        Change::Raw(piece) => raw_row(piece, writer)?,
    };
    Ok(write)
}

/// Who a customer is, and what is known of them.
fn customer_row(change: &Change, writer: u64) -> Result<Write, StoreError> {
    match change {
        Change::Contact(it) => contact_row(it, writer),
        Change::Address(entry) => Shape::plain(keys::address(&entry.tenant, &entry.address), "address")
            .write(entry, unchanged(entry.rev), writer),
        Change::Lead(it) => {
            Shape::plain(keys::lead(&it.tenant, it.id), "lead").write(it, unchanged(it.rev), writer)
        }
        Change::LeadPointer(it) => Shape::plain(keys::lead_pointer(&it.tenant, &it.external), "lead_pointer")
            .write(it, Condition::Absent, writer),
        Change::Suppression(it) => {
            let key = keys::suppression(&it.tenant, &it.address);
            Shape::plain(key, "suppression").write(it, unchanged(it.rev), writer)
        }
        _ => Err(StoreError::Corrupt("a change that is of no customer".to_owned())),
    }
}

/// Our copy of templates.
fn copy_row(change: &Change, writer: u64) -> Result<Write, StoreError> {
    match change {
        Change::Template(it) => {
            let key = keys::template(&it.tenant, &it.catalogue, &it.key);
            Shape::plain(key, "template").write(it, unchanged(it.rev), writer)
        }
        Change::Catalogue(it) => Shape::plain(keys::catalogue(&it.tenant, &it.id), "catalogue").write(
            it,
            unchanged(it.rev),
            writer,
        ),
        Change::CallBudget(it) => {
            Shape::plain(keys::call_budget(&it.account), "call_budget").write(it, unchanged(it.rev), writer)
        }
        _ => Err(StoreError::Corrupt("a change that is of no copy".to_owned())),
    }
}

fn conversation_row(it: &Conversation, writer: u64) -> Result<Write, StoreError> {
    let mut shape = Shape::plain(keys::conversation(&it.tenant, it.id), "conversation");
    let place = (keys::conversations(&it.tenant), keys::conversation_place(it.last_message_at, it.id));
    shape.list = it.merged_into.is_none().then_some(place);
    shape.lists = Lists::of(it);
    shape.write(it, unchanged(it.rev), writer)
}

fn contact_row(it: &Contact, writer: u64) -> Result<Write, StoreError> {
    let mut shape = Shape::plain(keys::contact(&it.tenant, it.id), "contact");
    let place = (keys::contacts(&it.tenant), keys::contact_place(it.id));
    shape.list = it.merged_into.is_none().then_some(place);
    shape.write(it, unchanged(it.rev), writer)
}

fn raw_row(piece: &RawPiece, writer: u64) -> Result<Write, StoreError> {
    let mut shape = Shape::plain(keys::raw(piece), "raw");
    shape.ttl = Some(piece.expires_at);
    let row = RawRow {
        at: piece.at,
        expires_at: piece.expires_at,
        origin: piece.origin.clone(),
        digest: piece.digest.clone(),
        number: piece.number,
        of: piece.of,
        body: piece.body.clone(),
    };
    shape.write(&row, Condition::Absent, writer)
}

fn broadcast_row(it: &Broadcast, writer: u64) -> Result<Write, StoreError> {
    let mut shape = Shape::plain(keys::broadcast(&it.tenant, it.id), "broadcast");
    shape.ttl = Some(it.created_at.plus(broadcast::KEPT));
    shape.write(it, unchanged(it.rev), writer)
}

fn piece_row(piece: &Piece, writer: u64) -> Result<Write, StoreError> {
    let mut shape = Shape::plain(keys::piece(&piece.id), "piece");
    let list = keys::due(piece.id.broadcast.get());
    shape.list = piece.due_at.map(|due| (list, keys::piece_due_place(due, &piece.id)));
    shape.ttl = Some(piece.created_at.plus(broadcast::KEPT));
    shape.write(piece, unchanged(piece.rev), writer)
}

fn file_row(it: &MediaFile, writer: u64) -> Result<Write, StoreError> {
    let mut shape = Shape::plain(keys::file(&it.address), "file");
    let list = keys::due(it.address.id.get());
    shape.list = it.due_at().map(|due| (list, keys::file_due_place(due, &it.address)));
    shape.ttl = Some(it.expires_at);
    shape.write(it, unchanged(it.rev), writer)
}

fn live_row(change: &Change, writer: u64) -> Result<Write, StoreError> {
    let gone = |key, condition| Ok(Write { deed: Deed::Delete(key), condition });
    match change {
        Change::Socket(it) => {
            let mut shape = Shape::plain(keys::socket(&it.tenant, &it.id), "connection");
            shape.ttl = Some(it.ends_at());
            let list = keys::due(it.opened_at.millis().unsigned_abs());
            shape.list = it.due_at.map(|due| (list, keys::socket_due_place(due, it)));
            shape.write(it, unchanged(it.rev), writer)
        }
        Change::SocketRoute(it) => {
            let mut shape = Shape::plain(keys::socket_route(&it.id), "connection_route");
            shape.ttl = Some(it.ends_at());
            shape.write(&SocketRoute { tenant: it.tenant.clone() }, Condition::Absent, writer)
        }
        Change::SocketGone(it) => gone(keys::socket(&it.tenant, &it.id), Condition::Rev(it.rev)),
        Change::SocketRouteGone(it) => gone(keys::socket_route(&it.id), Condition::Any),
        Change::WindowWatch(it) => {
            let mut shape = Shape::plain(keys::window_watch(&it.tenant, it.conversation), "window_watch");
            shape.list = Some((keys::due(it.conversation.get()), keys::window_due_place(it)));
            if it.rev == 0 {
                // Over one that was left behind: a customer's message never fails for it.
                return shape.write(&WindowWatch { rev: 1, ..it.clone() }, Condition::Any, writer);
            }
            shape.write(it, unchanged(it.rev), writer)
        }
        Change::WindowWatchGone(it) => {
            gone(keys::window_watch(&it.tenant, it.conversation), Condition::Rev(it.rev))
        }
        Change::Frame(it) => {
            let mut shape = Shape::plain(keys::frame(it), "frame");
            shape.ttl = Some(it.came_at.plus(frame::KEPT));
            shape.list =
                Some((keys::due(it.came_at.millis().unsigned_abs()), keys::frame_due_place(it.due_at(), it)));
            shape.write(it, Condition::Absent, writer)
        }
        Change::FrameGone(it) => gone(keys::frame(it), Condition::Any),
        Change::Lane(it) => {
            let mut shape = Shape::plain(keys::lane(&it.tenant, &it.socket), "lane");
            shape.ttl = Some(it.expires_at);
            shape.write(it, unchanged(it.rev), writer)
        }
        Change::Ticket(it) => {
            let mut shape = Shape::plain(keys::ticket(&it.hash), "ticket");
            shape.ttl = Some(it.expires_at.plus(KEY_MARGIN));
            shape.write(it, unchanged(it.rev), writer)
        }
        Change::Waiting(it) => {
            let mut shape = Shape::plain(keys::waiting(it), "waiting");
            shape.ttl = Some(it.told.event.at.plus(waiting::LONGEST));
            shape.write(it, Condition::Absent, writer)
        }
        Change::WaitingGone(it) => gone(keys::waiting(it), Condition::Present),
        Change::WaitingRoom(it) => {
            Shape::plain(keys::waiting_room(&it.tenant), "waiting_room").write(it, unchanged(it.rev), writer)
        }
        Change::LogEntry(it) => {
            let mut shape = Shape::plain(keys::log_entry(&it.event.tenant, it.cursor), "log");
            shape.ttl = Some(it.event.at.plus(log::KEPT));
            shape.write(it, Condition::Absent, writer)
        }
        Change::SameLogHead(it) => {
            Ok(Write { deed: Deed::Check(keys::log_head(&it.tenant)), condition: unchanged(it.rev) })
        }
        Change::LogHead(it) => {
            Shape::plain(keys::log_head(&it.tenant), "log_head").write(it, unchanged(it.rev), writer)
        }
        _ => Err(StoreError::Corrupt("a change that is of no socket".to_owned())),
    }
}

/// What leads from the name of a connection to its tenant.
#[derive(Serialize, Deserialize)]
pub(super) struct SocketRoute {
    pub(super) tenant: TenantId,
}

fn event_row<B: Serialize>(
    event: &Event,
    body: &B,
    condition: Condition,
    writer: u64,
) -> Result<Write, StoreError> {
    let mut shape = Shape::plain(keys::event(&event.tenant, &event.id), "event");
    shape.ttl = Some(event.at.plus(KEPT));
    shape.write(body, condition, writer)
}

/// Reads a row as what it should be. The error names the kind of row, not its content.
pub(super) fn read<T: DeserializeOwned>(row: Row) -> Result<T, StoreError> {
    let kind = stamp(&row).map_or_else(|| "unknown".to_owned(), |stamp| stamp.row);
    serde_dynamo::from_item(row).map_err(|_| StoreError::Corrupt(format!("a row of kind {kind}")))
}

/// Who wrote a row, and what it is.
pub(super) struct Stamp {
    pub(super) row: String,
    pub(super) writer: u64,
}

/// The stamp of a row; `None` when it has none that can be read.
pub(super) fn stamp(row: &Row) -> Option<Stamp> {
    let text = row.get("row")?.as_s().ok()?.clone();
    let writer = row.get("writer").and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok());
    Some(Stamp { row: text, writer: writer.unwrap_or_default() })
}
