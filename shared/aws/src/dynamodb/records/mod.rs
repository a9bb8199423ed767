//! The records, one file each: key, kind, condition, indexes, time to live, and the reads. A row that only leads to
//! another one is in the file of that one.
//!
//! A new record has its file here, and a line in [`put`]; one that can be deleted or is due has a line in [`delete`]
//! or [`due`].
//!
//! | row | `pk` | `sk` | on index `lists` (`g1pk`, `g1sk`) |
//! | --- | --- | --- | --- |
//! | tenant | `T#<tenant>#` | `A` | `R#TE`, `<tenant>` |
//! | channel | `T#<tenant>#` | `CH#<channel>` | `R#CH`, `<tenant>#<channel>` |
//! | last health check of a channel | `T#<tenant>#` | `CK#<channel>` | |
//! | template cache | `T#<tenant>#P#<account hash>` | `A` | |
//! | template | `T#<tenant>#P#<account hash>` | `P#<name>#<language>` | |
//! | business number → channel | `T#<tenant>#` | `BN#<digits>` | |
//! | fields of a lead | `T#<tenant>#K#<contact>` | `L` | |
//! | company's own id of a lead | `T#<tenant>#X#<hash>` | `A` | |
//! | contact | `T#<tenant>#K#<contact>` | `A` | `T#<tenant>#N`, `<contact>` |
//! | address → contact | `T#<tenant>#D#<hash>` | `A` | |
//! | choice about marketing | `T#<tenant>#S` | `<hash>` | |
//! | conversation | `T#<tenant>#C#<conversation>` | `A` | unless it was merged `T#<tenant>#L`, `<last message>#<conversation>` |
//! | message | `T#<tenant>#C#<conversation>` | `M#<time>#<message>` | until the first status: as an attempt |
//! | attempt, or reservation of a message id | `T#<tenant>#A#<message>` | `A` | while due: `R#DUE#<0-3>`, `<due>#<tenant>#<message>` |
//! | source of a message, where it does not fit beside it | `T#<tenant>#A#<message>` | `R#<C, M or S>#<hash>#<piece>` | |
//! | idempotency key | `T#<tenant>#I#<hash>` | `A` | |
//! | broadcast | `T#<tenant>#B#<broadcast>` | `A` | `T#<tenant>#B`, `<broadcast>` |
//! | batch of a broadcast | `T#<tenant>#B#<broadcast>` | `Q#<number>` | while due: as an attempt |
//! | file | `T#<tenant>#F#<file>` | `A` | until fetched: as an attempt |
//! | event | `T#<tenant>#E` | `<event>` | |
//! | head of the log; an entry | `T#<tenant>#G`; `T#<tenant>#G#<block>` | `A`; `<number>` | |
//! | socket; tenant of a connection id | `T#<tenant>#W`; `R#S#<socket>` | `<socket>`; `A` | while due, the socket: `R#DUE#<0-3>`, `<due>#<tenant>#<socket>` |
//! | ticket | `R#T#<hash>` | `A` | |
//! | offline queue; a message in it | `T#<tenant>#O` | `A`; `W#<contact>#<number>` | |
//! | lock on a socket's frames; a frame | `T#<tenant>#Y#<socket>` | `A`; `F#<time>#<hash>` | the frame: `R#DUE#<0-3>`, `<due>#<tenant>#<socket>#<hash>` |
//! | reminder of a window | `T#<tenant>#C#<conversation>` | `W` | `R#DUE#<0-3>`, `<due>#<tenant>#<conversation>` |
//! | raw items | `T#<tenant>#U#<hour>#<0-f>` or `R#U#<app>#<hour>#<0-f>` | `<hash>#<piece>` | |
//! | API key | `R#K#<hash>` | `A` | `T#<tenant>#V`, `<name>#<hash>` |
//! | inbound address → channel | `R#N#<hash>` | `A` | |
//! | owner of a channel id | `R#I#<channel>` | `A` | |
//! | provider's message id | `R#W#<hash>` | `A` | |
//! | rate limit of template list calls | `R#B#<account hash>` | `A` | |
//!
//! A conversation is on three more indexes, all of which share `g1sk`: `by-status` (`g2pk`: `T#<tenant>#L#S#<status>`),
//! while it is assigned `by-assignee` (`g3pk`: `T#<tenant>#L#A#<hash>`), and while it has unread messages
//! `unread` (`g4pk`: `T#<tenant>#L#U`).

pub(crate) mod address;
pub(crate) mod api_key;
pub(crate) mod attempt;
mod batch;
pub(crate) mod broadcast;
pub(crate) mod business_number;
mod call_budget;
pub(crate) mod channel;
mod channel_check;
pub(crate) mod channel_owner;
pub(crate) mod channel_route;
mod contact;
pub(crate) mod conversation;
pub(crate) mod event;
mod file;
mod frame;
mod frame_lease;
mod idempotency_key;
mod lead;
mod log_entry;
pub(crate) mod log_head;
pub(crate) mod message;
mod message_lookup;
mod offline_queue_head;
mod opt_out;
mod queued_message;
mod raw;
mod socket;
mod source;
mod template;
mod template_cache;
pub(crate) mod tenant;
#[cfg(test)]
mod tests;
mod ticket;
mod window_watch;

use std::time::Duration;

use self::{
    attempt::TakenId, contact::MergedContactRow, conversation::MergedConversationRow, log_entry::LogEntry,
    queued_message::delivered, raw::RawRow, socket::SocketRoute, source::NewSource,
};
use super::record::{Operation, Row, StoredRecord as _, read, stamp};
use ventanilla_core::{
    domain::{
        broadcast::Batch, file::MediaFile, frame::Frame, message::Message, socket::Socket,
        window::WindowWatch,
    },
    ports::{
        attempts::Due,
        store::{Record, Removal, StoreError, Write},
    },
};

/// How much longer the rows of keys and tickets stay than they are valid.
const KEY_MARGIN: Duration = Duration::from_hours(1);

/// The operation of a write. `writer` marks the rows of one commit.
pub(super) fn operation(write: &Write, writer: u64) -> Result<Operation, StoreError> {
    match write {
        Write::Put(record) => put(record, writer),
        Write::Delete(removal) => Ok(delete(removal)),
        Write::Check(head) => Ok(head.check()),
    }
}

fn put(record: &Record, writer: u64) -> Result<Operation, StoreError> {
    match record {
        Record::Attempt(it) => it.put(writer),
        Record::MessageId(tenant, address) => TakenId { tenant, address: *address }.put(writer),
        Record::Message(it) => it.put(writer),
        Record::Conversation(it) => it.put(writer),
        Record::MergedConversation(it) => MergedConversationRow::of(it).put(writer),
        Record::WindowWatch(it) => it.put(writer),
        Record::Contact(it) => it.put(writer),
        Record::MergedContact(it) => MergedContactRow::of(it).put(writer),
        Record::Address(it) => it.put(writer),
        Record::Lead(it) => it.put(writer),
        Record::LeadLookup(it) => it.put(writer),
        Record::MessageLookup(it) => it.put(writer),
        Record::File(it) => it.put(writer),
        Record::Key(it) => it.put(writer),
        Record::OptOut(it) => it.put(writer),
        Record::Template(it) => it.put(writer),
        Record::TemplateCache(it) => it.put(writer),
        Record::CallBudget(it) => it.put(writer),
        Record::ChannelCheck(it) => it.put(writer),
        Record::Broadcast(it) => it.put(writer),
        Record::Batch(it) => it.put(writer),
        Record::Event(it) => it.put(writer),
        Record::Numbered(it) => it.put(writer),
        Record::LogEntry(it) => LogEntry(it).put(writer),
        Record::LogHead(it) => it.put(writer),
        Record::Socket(it) => it.put(writer),
        Record::SocketRoute(it) => SocketRoute::to(it).put(writer),
        Record::Frame(it) => it.put(writer),
        Record::FrameLease(it) => it.put(writer),
        Record::Ticket(it) => it.put(writer),
        Record::QueuedMessage(it) => it.put(writer),
        Record::OfflineQueueHead(it) => it.put(writer),
        Record::Raw(it) => RawRow::of(it).put(writer),
        Record::Source(it) => it.put(writer),
        Record::NewSource(it) => NewSource(it).put(writer),
    }
}

fn delete(removal: &Removal) -> Operation {
    match removal {
        Removal::WindowWatch(it) => it.delete(),
        Removal::Socket(it) => it.delete(),
        Removal::SocketRoute(it) => SocketRoute::to(it).delete(),
        Removal::Frame(it) => it.delete(),
        Removal::QueuedMessage(it) => it.delete(),
        Removal::Delivered(it) => delivered(it),
    }
}

/// Decodes a row of the due work.
pub(super) fn due(row: Row) -> Result<Due, StoreError> {
    match stamp(&row).map(|stamp| stamp.row).as_deref() {
        Some(Message::KIND) => read(row).map(Due::Silent),
        Some(Batch::KIND) => read(row).map(Due::Piece),
        Some(WindowWatch::KIND) => read(row).map(Due::Window),
        Some(Socket::KIND) => read(row).map(Due::Socket),
        Some(Frame::KIND) => read(row).map(Due::Frame),
        Some(MediaFile::KIND) => read(row).map(Due::File),
        _ => read(row).map(Due::Attempt),
    }
}
