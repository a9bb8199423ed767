//! The row of each change.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    live::live_row,
    shape::{Condition, Lists, Shape, Write, unchanged},
};
use crate::dynamodb::keys;
use ventanilla_core::{
    domain::{
        attempt::State,
        broadcast::{self, Broadcast, Piece},
        channel::Origin,
        contact::Contact,
        conversation::Conversation,
        event::Event,
        file::MediaFile,
        message::MessageAddress,
        raw::RawPiece,
        time::Timestamp,
    },
    ports::store::{Change, StoreError},
};

/// How long events and refused attempts are kept.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// How much longer a key's row stays than the key is valid.
pub(super) const KEY_MARGIN: Duration = Duration::from_hours(1);

/// A row of the archive.
#[derive(Serialize, Deserialize)]
pub(in crate::dynamodb) struct RawRow {
    pub(in crate::dynamodb) at: Timestamp,
    pub(in crate::dynamodb) expires_at: Timestamp,
    #[serde(flatten)]
    pub(in crate::dynamodb) origin: Origin,
    pub(in crate::dynamodb) digest: String,
    pub(in crate::dynamodb) number: usize,
    pub(in crate::dynamodb) of: usize,
    pub(in crate::dynamodb) body: String,
}

/// The row that a change writes.
pub(in crate::dynamodb) fn write(change: &Change, writer: u64) -> Result<Write, StoreError> {
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
        | Change::Delivered(_)
        | Change::WaitingRoom(_)
        | Change::LogEntry(_)
        | Change::LogHead(_)
        | Change::SameLogHead(_) => live_row(change, writer)?,
        Change::Raw(piece) => raw_row(piece, writer)?,
        Change::Source(piece) => {
            Shape::plain(keys::source(piece), "source").write(piece, Condition::Any, writer)?
        }
        Change::NewSource(piece) => {
            Shape::plain(keys::source(piece), "source").write(piece, Condition::Absent, writer)?
        }
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
    shape.list = Some((keys::broadcasts(&it.tenant), keys::broadcast_place(it.id)));
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
