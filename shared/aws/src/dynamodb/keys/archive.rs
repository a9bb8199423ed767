//! Keys of callbacks as they came.

use super::{Key, of};
use ventanilla_core::domain::{
    channel::Origin,
    raw::{RawOwner, RawPiece},
    time::Timestamp,
};

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
