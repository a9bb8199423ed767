//! Incoming calls: one folder per provider, pure functions that check and translate.

use crate::{kaleyra::webhook as kaleyra, meta::webhook as meta};
use ventanilla_core::domain::{channel::Origin, inbound::Item, raw::RawItem};

/// The items of a callback from the archive, read again. It was checked before it was kept.
#[must_use]
pub fn again(kept: &RawItem) -> Vec<Item> {
    match &kept.origin {
        Origin::App(_) => meta::archived(kept).flat_map(|body| meta::split(body, kept.at)).collect(),
        Origin::Channel(channel) => {
            kaleyra::archived(kept).flat_map(|told| kaleyra::split(&told, *channel, kept.at)).collect()
        }
    }
}
