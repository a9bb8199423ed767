//! Keys of what is told: events, the log, sockets, and what waits for them.

use super::{Key, hash, of, sortable};
use ventanilla_core::domain::{
    event::EventId,
    frame::Frame,
    id::{ContactId, TenantId},
    log::Cursor,
    socket::{Socket, SocketId, TicketHash},
    time::Timestamp,
    waiting::Waiting,
};

/// An event. All of a tenant's are in one partition: so they are in the stream in the order of their commits.
#[must_use]
pub fn event(tenant: &TenantId, id: &EventId) -> Key {
    Key { pk: events(tenant), sk: id.as_str().to_owned() }
}

/// The partition of a tenant's events.
#[must_use]
pub fn events(tenant: &TenantId) -> String {
    format!("{}E", of(tenant))
}

/// What the names of events made at this time, or later, do not sort before.
#[must_use]
pub fn event_place(at: Timestamp) -> String {
    format!("{:013}", at.millis())
}

/// The time of the event of a name.
#[must_use]
pub fn event_at(sk: &str) -> Option<Timestamp> {
    sk.get(..13)?.parse().ok().map(Timestamp::from_millis)
}

/// A socket.
#[must_use]
pub fn socket(tenant: &TenantId, id: &SocketId) -> Key {
    Key { pk: sockets(tenant), sk: id.as_str().to_owned() }
}

/// The partition of a tenant's sockets.
#[must_use]
pub fn sockets(tenant: &TenantId) -> String {
    format!("{}W", of(tenant))
}

/// What leads from the gateway's name for a socket to its tenant.
#[must_use]
pub fn socket_route(id: &SocketId) -> Key {
    Key::only(format!("R#S#{}", id.as_str()))
}

/// Who deals with what comes over a socket.
#[must_use]
pub fn lane(tenant: &TenantId, socket: &SocketId) -> Key {
    Key::only(format!("{}Y#{}", of(tenant), socket.as_str()))
}

/// What came over a socket.
#[must_use]
pub fn frame(it: &Frame) -> Key {
    let sk = format!("{FRAMES}{}#{}", sortable(it.came_at), hash(&[&it.name]));
    Key { sk, ..lane(&it.tenant, &it.socket) }
}

/// What the sort keys of frames begin with.
pub const FRAMES: &str = "F#";

/// A ticket.
#[must_use]
pub fn ticket(hash: &TicketHash) -> Key {
    Key::only(format!("R#T#{}", hash.as_str()))
}

/// The room in which messages of a tenant wait for somebody to come.
#[must_use]
pub fn waiting_room(tenant: &TenantId) -> Key {
    Key::only(format!("{}O", of(tenant)))
}

/// A message that waits there.
#[must_use]
pub fn waiting(it: &Waiting) -> Key {
    let sk = format!("{}{}", waiting_of(it.sender), log_place(it.told.cursor));
    Key { sk, ..waiting_room(&it.told.event.tenant) }
}

/// What the sort keys of messages of one sender begin with that wait.
#[must_use]
pub fn waiting_of(sender: ContactId) -> String {
    format!("{WAITING}{:016}#", sender.get())
}

/// What the sort keys of messages that wait begin with.
pub const WAITING: &str = "W#";

/// How far a tenant's log goes.
#[must_use]
pub fn log_head(tenant: &TenantId) -> Key {
    Key::only(format!("{}G", of(tenant)))
}

/// An entry of the log.
#[must_use]
pub fn log_entry(tenant: &TenantId, cursor: Cursor) -> Key {
    Key { pk: log_block(tenant, cursor), sk: log_place(cursor) }
}

/// Entries of the log in one partition.
const LOG_BLOCK: u64 = 4096;

/// The partition of an entry of the log.
#[must_use]
pub fn log_block(tenant: &TenantId, cursor: Cursor) -> String {
    format!("{}G#{:013}", of(tenant), cursor.number() / LOG_BLOCK)
}

/// The last entry of the partition that holds this one.
#[must_use]
pub fn log_block_end(cursor: Cursor) -> Cursor {
    Cursor::after(cursor.number() / LOG_BLOCK * LOG_BLOCK + LOG_BLOCK - 1)
}

/// The place of an entry in its partition.
#[must_use]
pub fn log_place(cursor: Cursor) -> String {
    format!("{:016}", cursor.number())
}

/// A socket's place in a list of due work.
#[must_use]
pub fn socket_due_place(at: Timestamp, it: &Socket) -> String {
    format!("{}#{}#{}", sortable(at), it.tenant, it.id.as_str())
}

/// A frame's place in a list of due work.
#[must_use]
pub fn frame_due_place(at: Timestamp, it: &Frame) -> String {
    format!("{}#{}#{}#{}", sortable(at), it.tenant, it.socket.as_str(), hash(&[&it.name]))
}
