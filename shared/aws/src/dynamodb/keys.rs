//! The parts of the table's keys. The key of a record is in its file in [`super::records`].
//!
//! Every key of a tenant begins with `T#<tenant>#`; tenant ids cannot contain `#`, so `T#a#` is no prefix of
//! another tenant's keys. Rows found without a tenant begin with `R#`. Values that outsiders can choose
//! (addresses, provider ids, a company's own ids, idempotency keys) are hashed. Ids and times are padded so
//! that they sort as numbers.

use sha2::{Digest, Sha256};

use ventanilla_core::domain::{caller::hex, id::TenantId, time::Timestamp};

/// Name of the partition key.
pub(crate) const PK: &str = "pk";
/// Name of the sort key.
pub(crate) const SK: &str = "sk";
/// Name of the index for lists and due work.
pub(crate) const LISTS: &str = "lists";
/// Name of the index's partition key.
pub(crate) const G1PK: &str = "g1pk";
/// Name of the index's sort key.
pub(crate) const G1SK: &str = "g1sk";
/// Name of the index of conversations by status.
pub(crate) const BY_STATUS: &str = "by-status";
/// Name of its partition key.
pub(crate) const G2PK: &str = "g2pk";
/// Name of the index of assigned conversations.
pub(crate) const BY_ASSIGNEE: &str = "by-assignee";
/// Name of its partition key.
pub(crate) const G3PK: &str = "g3pk";
/// Name of the index of conversations with unread messages.
pub(crate) const UNREAD: &str = "unread";
/// Name of its partition key.
pub(crate) const G4PK: &str = "g4pk";

/// The primary key of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// The partition key, in attribute `pk`.
    pub(crate) pk: String,
    /// The sort key, in attribute `sk`.
    pub(crate) sk: String,
}

impl Key {
    /// The key of the only or first row of a partition.
    pub(crate) fn only(pk: String) -> Self {
        Self { pk, sk: "A".to_owned() }
    }
}

/// The prefix of a tenant's partition keys.
pub(crate) fn of(tenant: &TenantId) -> String {
    format!("T#{tenant}#")
}

/// A time as text that sorts like the time.
pub(crate) fn sortable(at: Timestamp) -> String {
    format!("{:015}", at.millis())
}

/// A hash of several parts, distinct from that of any other parts.
pub(crate) fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

/// Partitions of the index over which due work is spread.
pub(crate) const DUE_SHARDS: u64 = 4;

/// The partition of a shard of due work.
pub(crate) fn due(shard: u64) -> String {
    format!("R#DUE#{}", shard % DUE_SHARDS)
}

/// The sort key of a record in it.
pub(crate) fn due_place(at: Timestamp, name: &str) -> String {
    format!("{}#{name}", sortable(at))
}

/// The sort key below which everything is due.
pub(crate) fn due_until(now: Timestamp) -> String {
    format!("{}#~", sortable(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_hash_do_not_run_together() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }
}
