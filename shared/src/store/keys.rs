//! Every key of the table, in one place.
//!
//! | row | `pk` | `sk` | on index `lists` (`g1pk`, `g1sk`) |
//! | --- | --- | --- | --- |
//! | tenant | `T#<tenant>#` | `A` | |
//! | channel | `T#<tenant>#` | `CH#<channel>` | `R#CH`, `<tenant>#<channel>` |
//! | copy of templates | `T#<tenant>#P#<account hash>` | `A` | |
//! | template | `T#<tenant>#P#<account hash>` | `P#<name>#<language>` | |
//! | business number → channel | `T#<tenant>#` | `BN#<digits>` | |
//! | contact | `T#<tenant>#K#<contact>` | `A` | |
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
//! | socket; its tenant by its name | `T#<tenant>#W`; `R#S#<socket>` | `<socket>`; `A` | |
//! | ticket | `R#T#<hash>` | `A` | |
//! | room of what waits; a message in it | `T#<tenant>#O` | `A`; `W#<contact>#<number>` | |
//! | lane of a socket; a frame in it | `T#<tenant>#Y#<socket>` | `A`; `F#<time>#<hash>` | |
//! | watch of a window | `T#<tenant>#C#<conversation>` | `W` | `R#DUE#<0-3>`, `<due>#<tenant>#<conversation>` |
//! | raw items | `T#<tenant>#U#<hour>#<0-f>` or `R#U#<app>#<hour>#<0-f>` | `<hash>#<piece>` | |
//! | API key | `R#K#<hash>` | `A` | |
//! | line → channel | `R#N#<hash>` | `A` | |
//! | provider's message id | `R#W#<hash>` | `A` | |
//! | calls for lists of templates | `R#B#<account hash>` | `A` | |
//!
//! Everything of a tenant begins with `T#<tenant>#`; tenant ids cannot hold `#`, so `T#a#` is no
//! prefix of another tenant's keys. Rows found without a tenant begin with `R#`. What outsiders can
//! choose (addresses, provider ids, idempotency keys) enters a key only as a hash. Ids and times are
//! padded so that they sort as numbers.

use serde_dynamo::AttributeValue;
use sha2::{Digest, Sha256};

use crate::domain::{
    broadcast::PieceId,
    caller::{KeyHash, hex},
    channel::Origin,
    contact::Address,
    event::EventId,
    file::FileAddress,
    frame::Frame,
    id::{
        BroadcastId, CatalogueId, ChannelId, ContactId, ConversationId, LineId, MessageId, TenantId, Wamid,
    },
    idempotency::HashedKey,
    log::Cursor,
    message::MessageAddress,
    phone::Phone,
    raw::{RawOwner, RawPiece},
    socket::{SocketId, TicketHash},
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

/// A channel.
#[must_use]
pub fn channel(tenant: &TenantId, id: ChannelId) -> Key {
    Key { pk: of(tenant), sk: format!("CH#{:016}", id.get()) }
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
    Key { pk: format!("{}E", of(tenant)), sk: id.as_str().to_owned() }
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

/// The hash of the API key whose row has this partition key.
pub(super) fn hash_of_api_key(pk: &AttributeValue) -> Option<KeyHash> {
    let AttributeValue::S(pk) = pk else { return None };
    pk.strip_prefix("R#K#").and_then(KeyHash::from_hex)
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
mod tests {
    use super::*;

    fn raw_piece(owner: RawOwner, digest: &str, number: usize) -> RawPiece {
        let at = Timestamp::from_millis(1_772_533_800_123);
        let (origin, digest) = (Origin::App("app".parse().unwrap()), digest.to_owned());
        RawPiece { owner, origin, at, expires_at: at, digest, number, of: 3, body: String::new() }
    }

    #[test]
    fn the_keys_are_what_they_were() {
        let tenant_id: TenantId = "acme".parse().unwrap();
        let at = Timestamp::from_millis(1_772_533_800_123);
        let address_of = MessageAddress { conversation: "7".parse().unwrap(), at, id: "9".parse().unwrap() };
        let number = Address::Number("50212345678".to_owned().try_into().unwrap());
        let line: LineId = "100".to_owned().try_into().unwrap();
        let wamid: Wamid = "wamid.A".to_owned().try_into().unwrap();
        let spelled: Vec<String> = [
            tenant(&tenant_id),
            channel(&tenant_id, "1".parse().unwrap()),
            business_number(&tenant_id, &"15550100001".to_owned().try_into().unwrap()),
            contact(&tenant_id, "3".parse().unwrap()),
            address(&tenant_id, &number),
            conversation(&tenant_id, address_of.conversation),
            message(&tenant_id, address_of),
            attempt(&tenant_id, address_of.id),
            raw(&raw_piece(RawOwner::Tenant(tenant_id.clone()), "d7", 2)),
            raw(&raw_piece(RawOwner::Sender(Origin::App("app".parse().unwrap())), "07", 0)),
            template(
                &tenant_id,
                &"2001".to_owned().try_into().unwrap(),
                &TemplateKey::of("visit", "es").unwrap(),
            ),
            route(&line),
            pointer(&line, &wamid),
            call_budget(&"2001".to_owned().try_into().unwrap()),
            Key { pk: conversations(&tenant_id), sk: conversation_place(at, address_of.conversation) },
            piece(&PieceId { tenant: tenant_id.clone(), broadcast: "5".parse().unwrap(), number: 3 }),
            file(&FileAddress { tenant: tenant_id.clone(), id: "6".parse().unwrap() }),
            Key { pk: due(11), sk: due_place(at, &tenant_id, address_of.id) },
        ]
        .into_iter()
        .map(|key| format!("{} | {}", key.pk, key.sk))
        .collect();
        let hashes: [&str; 3] =
            [&hash(&["number", "50212345678"]), &hash(&["100"]), &hash(&["100", "wamid.A"])];
        assert_eq!(
            spelled,
            [
                "T#acme# | A".to_owned(),
                "T#acme# | CH#0000000000000001".to_owned(),
                "T#acme# | BN#15550100001".to_owned(),
                "T#acme#K#0000000000000003 | A".to_owned(),
                format!("T#acme#D#{} | A", hashes[0]),
                "T#acme#C#0000000000000007 | A".to_owned(),
                "T#acme#C#0000000000000007 | M#001772533800123#0000000000000009".to_owned(),
                "T#acme#A#0000000000000009 | A".to_owned(),
                "T#acme#U#2026030310#d | d7#0002".to_owned(),
                "R#U#app#2026030310#0 | 07#0000".to_owned(),
                format!("T#acme#P#{} | P#visit#es", hash(&["2001"])),
                format!("R#N#{} | A", hashes[1]),
                format!("R#W#{} | A", hashes[2]),
                format!("R#B#{} | A", hash(&["2001"])),
                "T#acme#L | 001772533800123#0000000000000007".to_owned(),
                "T#acme#B#0000000000000005 | Q#0003".to_owned(),
                "T#acme#F#0000000000000006 | A".to_owned(),
                "R#DUE#3 | 001772533800123#acme#0000000000000009".to_owned(),
            ]
        );
        // Computed outside this program: a changed hash would orphan every row.
        assert_eq!(hashes[0], "bbeef7128b8dcb517e753a87df9c5569969e8636f5d42a665cee7f1f69b1fcfc");
    }

    #[test]
    fn parts_of_a_hash_do_not_run_together() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }
}
