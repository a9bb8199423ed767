//! Keys of what is sent: attempts, broadcasts, files, templates; and of what is due.

use super::{Key, hash, of, sortable};
use ventanilla_core::domain::{
    broadcast::PieceId,
    file::FileAddress,
    id::{BroadcastId, CatalogueId, MessageId, TenantId},
    idempotency::HashedKey,
    source::{SourceKind, SourcePiece},
    template::TemplateKey,
    time::Timestamp,
};

/// Over how many partitions of the index the due work is spread.
pub const DUE_SHARDS: u64 = 4;

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

/// An attempt, or the fact that a message id is taken.
#[must_use]
pub fn attempt(tenant: &TenantId, id: MessageId) -> Key {
    Key::only(format!("{}A#{:016}", of(tenant), id.get()))
}

/// A piece of what a message was made of.
#[must_use]
pub fn source(it: &SourcePiece) -> Key {
    let kind = match it.kind {
        SourceKind::Content => 'C',
        SourceKind::Message => 'M',
        SourceKind::Status => 'S',
    };
    let sk = format!("{SOURCES}{kind}#{}#{:04}", it.digest, it.number);
    Key { pk: attempt(&it.tenant, it.message).pk, sk }
}

/// What the sort keys of sources begin with.
pub const SOURCES: &str = "R#";

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

/// The list of a tenant's broadcasts.
#[must_use]
pub fn broadcasts(tenant: &TenantId) -> String {
    format!("{}B", of(tenant))
}

/// A broadcast's place in it.
#[must_use]
pub fn broadcast_place(id: BroadcastId) -> String {
    format!("{:016}", id.get())
}

/// The broadcast at a place in it.
#[must_use]
pub fn broadcast_at(place: &str) -> Option<BroadcastId> {
    place.parse::<u64>().ok()?.try_into().ok()
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

/// The calls for lists of templates that are left for an account.
#[must_use]
pub fn call_budget(account: &CatalogueId) -> Key {
    Key::only(format!("R#B#{}", hash(&[account.as_str()])))
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
