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
//! | conversation | `T#<tenant>#C#<conversation>` | `A` | unless it went into another `T#<tenant>#L`, `<last message>#<conversation>` |
//! | message | `T#<tenant>#C#<conversation>` | `M#<time>#<message>` | while no status was heard: as an attempt |
//! | attempt, or that a message id is taken | `T#<tenant>#A#<message>` | `A` | while due: `R#DUE#<0-3>`, `<due>#<tenant>#<message>` |
//! | what a message was made of, where it does not fit beside it | `T#<tenant>#A#<message>` | `R#<C, M or S>#<hash>#<piece>` | |
//! | idempotency key | `T#<tenant>#I#<hash>` | `A` | |
//! | broadcast | `T#<tenant>#B#<broadcast>` | `A` | `T#<tenant>#B`, `<broadcast>` |
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

mod archive;
mod live;
mod people;
mod sending;
mod setup;
mod talks;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

pub use self::{archive::*, live::*, people::*, sending::*, setup::*, talks::*};
use ventanilla_core::domain::{caller::hex, id::TenantId, time::Timestamp};

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
