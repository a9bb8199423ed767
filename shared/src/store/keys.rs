//! Every key of the table, in one place.
//!
//! | row | `pk` | `sk` | on index `lists` (`g1pk`, `g1sk`) |
//! | --- | --- | --- | --- |
//! | tenant | `T#<tenant>#` | `A` | `R#TE`, `<tenant>` |
//! | channel | `T#<tenant>#` | `CH#<channel>` | `R#CH`, `<tenant>#<channel>` |
//! | last check of a channel | `T#<tenant>#` | `CK#<channel>` | |
//! | copy of templates | `T#<tenant>#P#<account hash>` | `A` | |
//! | template | `T#<tenant>#P#<account hash>` | `P#<name>#<language>` | |
//! | business number → channel | `T#<tenant>#` | `BN#<digits>` | |
//! | what was told of a contact as a lead | `T#<tenant>#K#<contact>` | `L` | |
//! | company's own id of a lead | `T#<tenant>#X#<hash>` | `A` | |
//! | contact | `T#<tenant>#K#<contact>` | `A` | `T#<tenant>#N`, `<contact>` |
//! | address → contact | `T#<tenant>#D#<hash>` | `A` | |
//! | wants no marketing | `T#<tenant>#S` | `<hash>` | |
//! | conversation | `T#<tenant>#C#<conversation>` | `A` | `T#<tenant>#L`, `<last message>#<conversation>` |
//! | message | `T#<tenant>#C#<conversation>` | `M#<time>#<message>` | while no status was heard: as an attempt |
//! | attempt, or that a message id is taken | `T#<tenant>#A#<message>` | `A` | while due: `R#DUE#<0-3>`, `<due>#<tenant>#<message>` |
//! | idempotency key | `T#<tenant>#I#<hash>` | `A` | |
//! | broadcast | `T#<tenant>#B#<broadcast>` | `A` | |
//! | piece of a broadcast | `T#<tenant>#B#<broadcast>` | `Q#<number>` | while due: as an attempt |
//! | file | `T#<tenant>#F#<file>` | `A` | while wanted: as an attempt |
//! | event | `T#<tenant>#E` | `<event>` | |
//! | end of the log; an entry | `T#<tenant>#G`; `T#<tenant>#G#<block>` | `A`; `<number>` | |
//! | socket; its tenant by its name | `T#<tenant>#W`; `R#S#<socket>` | `<socket>`; `A` | while due, the socket: `R#DUE#<0-3>`, `<due>#<tenant>#<socket>` |
//! | ticket | `R#T#<hash>` | `A` | |
//! | room of what waits; a message in it | `T#<tenant>#O` | `A`; `W#<contact>#<number>` | |
//! | lane of a socket; a frame in it | `T#<tenant>#Y#<socket>` | `A`; `F#<time>#<hash>` | the frame: `R#DUE#<0-3>`, `<due>#<tenant>#<socket>#<hash>` |
//! | watch of a window | `T#<tenant>#C#<conversation>` | `W` | `R#DUE#<0-3>`, `<due>#<tenant>#<conversation>` |
//! | raw items | `T#<tenant>#U#<hour>#<0-f>` or `R#U#<app>#<hour>#<0-f>` | `<hash>#<piece>` | |
//! | API key | `R#K#<hash>` | `A` | `T#<tenant>#V`, `<name>#<hash>` |
//! | line → channel | `R#N#<hash>` | `A` | |
//! | whose a channel id is | `R#I#<channel>` | `A` | |
//! | provider's message id | `R#W#<hash>` | `A` | |
//! | calls for lists of templates | `R#B#<account hash>` | `A` | |
//!
//! A conversation is on three more indexes, all of which share `g1sk`: `by-status` (`g2pk`: `T#<tenant>#L#S#<status>`),
//! while somebody looks after it `by-assignee` (`g3pk`: `T#<tenant>#L#A#<hash>`), and while there is something to read
//! `unread` (`g4pk`: `T#<tenant>#L#U`).
//!
//! Everything of a tenant begins with `T#<tenant>#`; tenant ids cannot hold `#`, so `T#a#` is no
//! prefix of another tenant's keys. Rows found without a tenant begin with `R#`. What outsiders can
//! choose (addresses, provider ids, a company's own ids, idempotency keys) enters a key only as a hash. Ids and times are
//! padded so that they sort as numbers.

use serde_dynamo::AttributeValue;
use sha2::{Digest, Sha256};

use crate::domain::{
    broadcast::PieceId,
    caller::{KeyHash, hex},
    channel::Origin,
    contact::Address,
    conversation::Status,
    event::EventId,
    file::FileAddress,
    frame::Frame,
    handling::AgentId,
    id::{
        BroadcastId, CatalogueId, ChannelId, ContactId, ConversationId, LineId, MessageId, TenantId, Wamid,
    },
    idempotency::HashedKey,
    lead::ExternalLeadId,
    log::Cursor,
    message::MessageAddress,
    phone::Phone,
    raw::{RawOwner, RawPiece},
    socket::{Socket, SocketId, TicketHash},
    template::TemplateKey,
    time::Timestamp,
    waiting::Waiting,
    window::WindowWatch,
};

/// Name of the partition key.
pub const PK: &str = "pk";
/// Name of the sort key.
pub const SK: &str = "sk";
/// Name of the index for lists and due work.
pub const LISTS: &str = "lists";
/// Name of the index's partition key.
pub const G1PK: &str = "g1pk";
/// Name of the index's sort key.
pub const G1SK: &str = "g1sk";
/// Name of the index of conversations by status.
pub const BY_STATUS: &str = "by-status";
/// Name of its partition key.
pub const G2PK: &str = "g2pk";
/// Name of the index of conversations that somebody looks after.
pub const BY_ASSIGNEE: &str = "by-assignee";
/// Name of its partition key.
pub const G3PK: &str = "g3pk";
/// Name of the index of conversations with something to read.
pub const UNREAD: &str = "unread";
/// Name of its partition key.
pub const G4PK: &str = "g4pk";
/// Name of the time-to-live attribute, in seconds since 1970.
pub const TTL: &str = "ttl";

/// Over how many partitions of the index the due work is spread.
pub const DUE_SHARDS: u64 = 4;

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn only(pk: String) -> Self {
        Self { pk, sk: "A".to_owned() }
    }
}

fn of(tenant: &TenantId) -> String {
    format!("T#{tenant}#")
}

/// A tenant's settings.
#[must_use]
pub fn tenant(tenant: &TenantId) -> Key {
    Key::only(of(tenant))
}

/// The list of all tenants, by their ids.
pub const TENANTS: &str = "R#TE";

/// A channel.
#[must_use]
pub fn channel(tenant: &TenantId, id: ChannelId) -> Key {
    Key { pk: of(tenant), sk: format!("{OWN_CHANNELS}{:016}", id.get()) }
}

/// What the sort keys of a tenant's channels begin with.
pub const OWN_CHANNELS: &str = "CH#";

/// The last check of a channel.
#[must_use]
pub fn channel_check(tenant: &TenantId, id: ChannelId) -> Key {
    Key { pk: of(tenant), sk: format!("CK#{:016}", id.get()) }
}

/// A business number of the tenant.
#[must_use]
pub fn business_number(tenant: &TenantId, number: &Phone) -> Key {
    Key { pk: of(tenant), sk: format!("BN#{}", number.digits()) }
}

/// A contact.
#[must_use]
pub fn contact(tenant: &TenantId, id: ContactId) -> Key {
    Key::only(format!("{}K#{:016}", of(tenant), id.get()))
}

/// What was told of a contact as a lead.
#[must_use]
pub fn lead(tenant: &TenantId, id: ContactId) -> Key {
    Key { sk: "L".to_owned(), ..contact(tenant, id) }
}

/// A company's own id of a lead.
#[must_use]
pub fn lead_pointer(tenant: &TenantId, external: &ExternalLeadId) -> Key {
    Key::only(format!("{}X#{}", of(tenant), hash(&[external.as_str()])))
}

/// An entry of the address book.
#[must_use]
pub fn address(tenant: &TenantId, address: &Address) -> Key {
    Key::only(format!("{}D#{}", of(tenant), address_hash(address)))
}

fn address_hash(address: &Address) -> String {
    match address {
        Address::Number(number) => hash(&["number", number.digits()]),
        Address::Bsuid(id) => hash(&["bsuid", id.as_str()]),
    }
}

/// Whether an address wants marketing.
#[must_use]
pub fn suppression(tenant: &TenantId, address: &Address) -> Key {
    Key { pk: suppressions(tenant), sk: address_hash(address) }
}

/// The partition of what is known of addresses that do not, or did not, want marketing.
#[must_use]
pub fn suppressions(tenant: &TenantId) -> String {
    format!("{}S", of(tenant))
}

/// A conversation.
#[must_use]
pub fn conversation(tenant: &TenantId, id: ConversationId) -> Key {
    Key::only(thread(tenant, id))
}

fn thread(tenant: &TenantId, id: ConversationId) -> String {
    format!("{}C#{:016}", of(tenant), id.get())
}

/// The watch for the end of a conversation's window.
#[must_use]
pub fn window_watch(tenant: &TenantId, id: ConversationId) -> Key {
    Key { pk: thread(tenant, id), sk: "W".to_owned() }
}

/// The place of a watch in a list of due work.
#[must_use]
pub fn window_due_place(it: &WindowWatch) -> String {
    format!("{}#{}#{:016}", sortable(it.due_at), it.tenant, it.conversation.get())
}

/// A message.
#[must_use]
pub fn message(tenant: &TenantId, at: MessageAddress) -> Key {
    let sk = format!("{MESSAGES}{}#{:016}", sortable(at.at), at.id.get());
    Key { pk: thread(tenant, at.conversation), sk }
}

/// The message of a conversation at a place in it.
#[must_use]
pub fn message_at(conversation: ConversationId, sk: &str) -> Option<MessageAddress> {
    let (at, id) = sk.strip_prefix(MESSAGES)?.split_once('#')?;
    Some(MessageAddress {
        conversation,
        at: Timestamp::from_millis(at.parse().ok()?),
        id: id.parse::<u64>().ok()?.try_into().ok()?,
    })
}

/// What the sort keys of messages begin with.
pub const MESSAGES: &str = "M#";

/// The copy of an account's templates as a whole.
#[must_use]
pub fn catalogue(tenant: &TenantId, id: &CatalogueId) -> Key {
    Key::only(templates(tenant, id))
}

/// The partition of an account's templates.
#[must_use]
pub fn templates(tenant: &TenantId, id: &CatalogueId) -> String {
    format!("{}P#{}", of(tenant), hash(&[id.as_str()]))
}

/// A template.
#[must_use]
pub fn template(tenant: &TenantId, id: &CatalogueId, key: &TemplateKey) -> Key {
    Key { pk: templates(tenant, id), sk: format!("{TEMPLATES}{}#{}", key.name, key.language) }
}

/// What the sort keys of templates begin with.
pub const TEMPLATES: &str = "P#";

/// The list of all channels.
pub const CHANNELS: &str = "R#CH";

/// A channel's place in that list.
#[must_use]
pub fn channel_place(tenant: &TenantId, id: ChannelId) -> String {
    format!("{tenant}#{:016}", id.get())
}

/// An attempt, or the fact that a message id is taken.
#[must_use]
pub fn attempt(tenant: &TenantId, id: MessageId) -> Key {
    Key::only(format!("{}A#{:016}", of(tenant), id.get()))
}

/// An idempotency key.
#[must_use]
pub fn idempotency(tenant: &TenantId, key: &HashedKey) -> Key {
    Key::only(format!("{}I#{}", of(tenant), key.as_str()))
}

/// A broadcast.
#[must_use]
pub fn broadcast(tenant: &TenantId, id: BroadcastId) -> Key {
    Key::only(format!("{}B#{:016}", of(tenant), id.get()))
}

/// A piece of a broadcast.
#[must_use]
pub fn piece(id: &PieceId) -> Key {
    Key { sk: format!("{PIECES}{:04}", id.number), ..broadcast(&id.tenant, id.broadcast) }
}

/// What the sort keys of pieces begin with.
pub const PIECES: &str = "Q#";

/// What is known of a file.
#[must_use]
pub fn file(address: &FileAddress) -> Key {
    Key::only(format!("{}F#{:016}", of(&address.tenant), address.id.get()))
}

/// The place of a file in a list of due work.
#[must_use]
pub fn file_due_place(at: Timestamp, address: &FileAddress) -> String {
    format!("{}#{}#{:016}", sortable(at), address.tenant, address.id.get())
}

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

/// Over how many partitions the raw items of one owner and hour are spread.
pub const RAW_SHARDS: u32 = 16;

/// A piece of raw items: by hour and content, so that the same ones are kept once in an hour.
#[must_use]
pub fn raw(piece: &RawPiece) -> Key {
    let first = piece.digest.chars().next();
    let shard = first.and_then(|digit| digit.to_digit(RAW_SHARDS)).unwrap_or_default();
    Key { pk: raw_shard(&piece.owner, piece.at, shard), sk: format!("{}#{:04}", piece.digest, piece.number) }
}

/// One of the partitions of an owner's raw items of one hour.
#[must_use]
pub fn raw_shard(owner: &RawOwner, hour: Timestamp, shard: u32) -> String {
    let owner = match owner {
        RawOwner::Tenant(tenant) => format!("{}U#", of(tenant)),
        RawOwner::Sender(Origin::App(app)) => format!("R#U#{app}#"),
        RawOwner::Sender(Origin::Channel(channel)) => format!("R#U#CH#{channel}#"),
    };
    format!("{owner}{}#{shard:x}", hour.hour())
}

/// An API key.
#[must_use]
pub fn api_key(hash: &KeyHash) -> Key {
    Key::only(format!("R#K#{}", hash.as_str()))
}

/// The list of a tenant's API keys.
#[must_use]
pub fn api_keys(tenant: &TenantId) -> String {
    format!("{}V", of(tenant))
}

/// The place of an API key in that list.
#[must_use]
pub fn api_key_place(name: &str, hash: &KeyHash) -> String {
    format!("{name}#{}", hash.as_str())
}

/// The hash of the API key whose row has this partition key.
pub(super) fn hash_of_api_key(pk: &AttributeValue) -> Option<KeyHash> {
    let AttributeValue::S(pk) = pk else { return None };
    hash_in(pk)
}

/// The hash of an API key in the partition key of its row.
pub(super) fn hash_in(pk: &str) -> Option<KeyHash> {
    pk.strip_prefix("R#K#").and_then(KeyHash::from_hex)
}

/// Whose the id of a channel is.
#[must_use]
pub fn channel_owner(id: ChannelId) -> Key {
    Key::only(format!("R#I#{:016}", id.get()))
}

/// What leads callbacks to a channel.
#[must_use]
pub fn route(line: &LineId) -> Key {
    Key::only(format!("R#N#{}", hash(&[line.as_str()])))
}

/// A provider's message id, on the line that it was seen on.
#[must_use]
pub fn pointer(line: &LineId, wamid: &Wamid) -> Key {
    Key::only(format!("R#W#{}", hash(&[line.as_str(), wamid.as_str()])))
}

/// The calls for lists of templates that are left for an account.
#[must_use]
pub fn call_budget(account: &CatalogueId) -> Key {
    Key::only(format!("R#B#{}", hash(&[account.as_str()])))
}

/// The list of a tenant's conversations.
#[must_use]
pub fn conversations(tenant: &TenantId) -> String {
    format!("{}L", of(tenant))
}

/// A conversation's place in the list.
#[must_use]
pub fn conversation_place(last_message_at: Timestamp, id: ConversationId) -> String {
    format!("{}#{:016}", sortable(last_message_at), id.get())
}

/// The conversation at a place in a list.
#[must_use]
pub fn conversation_at(place: &str) -> Option<(Timestamp, ConversationId)> {
    let (at, id) = place.split_once('#')?;
    let id: u64 = id.parse().ok()?;
    Some((Timestamp::from_millis(at.parse().ok()?), ConversationId::try_from(id).ok()?))
}

/// The list of a tenant's conversations of a status.
#[must_use]
pub fn of_status(tenant: &TenantId, status: Status) -> String {
    format!("{}#S#{}", conversations(tenant), status.as_str())
}

/// The list of the conversations that an agent looks after.
#[must_use]
pub fn of_assignee(tenant: &TenantId, agent: &AgentId) -> String {
    format!("{}#A#{}", conversations(tenant), hash(&[agent.as_str()]))
}

/// The list of a tenant's conversations with something to read.
#[must_use]
pub fn unread(tenant: &TenantId) -> String {
    format!("{}#U", conversations(tenant))
}

/// The list of a tenant's contacts.
#[must_use]
pub fn contacts(tenant: &TenantId) -> String {
    format!("{}N", of(tenant))
}

/// A contact's place in it.
#[must_use]
pub fn contact_place(id: ContactId) -> String {
    format!("{:016}", id.get())
}

/// The contact at a place in it.
#[must_use]
pub fn contact_at(place: &str) -> Option<ContactId> {
    place.parse::<u64>().ok()?.try_into().ok()
}

/// One of the lists of due work.
#[must_use]
pub fn due(shard: u64) -> String {
    format!("R#DUE#{}", shard % DUE_SHARDS)
}

/// An attempt's place in a list of due work.
#[must_use]
pub fn due_place(at: Timestamp, tenant: &TenantId, id: MessageId) -> String {
    format!("{}#{tenant}#{:016}", sortable(at), id.get())
}

/// A piece's place in a list of due work.
#[must_use]
pub fn piece_due_place(at: Timestamp, id: &PieceId) -> String {
    format!("{}#{}#{:016}#{:04}", sortable(at), id.tenant, id.broadcast.get(), id.number)
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

/// What is due until then sorts before this.
#[must_use]
pub fn due_until(now: Timestamp) -> String {
    format!("{}#~", sortable(now))
}

fn sortable(at: Timestamp) -> String {
    format!("{:015}", at.millis())
}

/// A hash of several parts that cannot be confused with one of other parts.
fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests;
