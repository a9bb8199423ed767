//! What all keys of the table are made of. The key of a record is in its file in [`super::records`].
//!
//! Everything of a tenant begins with `T#<tenant>#`; tenant ids cannot hold `#`, so `T#a#` is no
//! prefix of another tenant's keys. Rows found without a tenant begin with `R#`. What outsiders can
//! choose (addresses, provider ids, a company's own ids, idempotency keys) enters a key only as a hash. Ids and times are
//! padded so that they sort as numbers.

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
/// Name of the index of conversations that somebody looks after.
pub(crate) const BY_ASSIGNEE: &str = "by-assignee";
/// Name of its partition key.
pub(crate) const G3PK: &str = "g3pk";
/// Name of the index of conversations with something to read.
pub(crate) const UNREAD: &str = "unread";
/// Name of its partition key.
pub(crate) const G4PK: &str = "g4pk";

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Partition key.
    pub(crate) pk: String,
    /// Sort key.
    pub(crate) sk: String,
}

impl Key {
    /// The key of a row that is alone in its partition, or its first.
    pub(crate) fn only(pk: String) -> Self {
        Self { pk, sk: "A".to_owned() }
    }
}

/// What all partition keys of a tenant begin with.
pub(crate) fn of(tenant: &TenantId) -> String {
    format!("T#{tenant}#")
}

/// A time that sorts as text.
pub(crate) fn sortable(at: Timestamp) -> String {
    format!("{:015}", at.millis())
}

/// A hash of several parts that cannot be confused with one of other parts.
pub(crate) fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

/// Over how many partitions of the index the due work is spread.
pub(crate) const DUE_SHARDS: u64 = 4;

/// One of the lists of due work.
pub(crate) fn due(shard: u64) -> String {
    format!("R#DUE#{}", shard % DUE_SHARDS)
}

/// A record's place in it.
pub(crate) fn due_place(at: Timestamp, name: &str) -> String {
    format!("{}#{name}", sortable(at))
}

/// What is due until then sorts before this.
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
