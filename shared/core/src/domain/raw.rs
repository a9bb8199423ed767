//! The archive: webhooks as received, so that they can be ingested again.

use sha2::{Digest, Sha256};

use super::{caller::hex, channel::Origin, id::TenantId, time::Timestamp};

/// Most bytes of text in one row: rows end at 400 KB.
pub const CHUNK_BYTES: usize = 300_000;

/// Separates the items of one text: the record separator, which no JSON contains unescaped.
const SEPARATOR: char = '\u{1e}';

/// The owner of a raw item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RawOwner {
    /// A tenant, by the channel that the item names.
    Tenant(TenantId),
    /// No known tenant: only the sender of the webhook.
    Sender(Origin),
}

/// Items of one webhook and one owner, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawItem {
    /// The tenant, or the sender where no tenant is known.
    pub owner: RawOwner,
    /// The authenticated sender of the webhook.
    pub origin: Origin,
    /// When it arrived, by our clock.
    pub at: Timestamp,
    /// When it may be deleted.
    pub expires_at: Timestamp,
    /// The items; see [`RawItem::items`].
    pub body: String,
}

/// As much of the raw items as fits into one row.
#[derive(Clone, PartialEq, Eq)]
pub struct RawChunk {
    /// The tenant, or the sender where no tenant is known.
    pub owner: RawOwner,
    /// The authenticated sender of the webhook.
    pub origin: Origin,
    /// When it arrived, by our clock.
    pub at: Timestamp,
    /// When it may be deleted.
    pub expires_at: Timestamp,
    /// The hash of the whole text, which names it.
    pub digest: String,
    /// The number of this chunk, from 0.
    pub number: usize,
    /// How many chunks there are.
    pub of: usize,
    /// This chunk of the text.
    pub body: String,
}

impl RawItem {
    /// The items, each in the format of a whole webhook body.
    pub fn items(&self) -> impl Iterator<Item = &str> {
        self.body.split(SEPARATOR)
    }

    /// The text in chunks of at most [`CHUNK_BYTES`] bytes, cut between characters. At least one. Their name is
    /// the hash of the content, so that a webhook that is delivered twice is stored once.
    #[must_use]
    pub fn chunks(&self) -> Vec<RawChunk> {
        let texts = cut(&self.body, CHUNK_BYTES);
        let digest = hex(&Sha256::digest(self.body.as_bytes()));
        let of = texts.len();
        let chunk = |(number, body): (usize, &str)| RawChunk {
            owner: self.owner.clone(),
            origin: self.origin.clone(),
            at: self.at,
            expires_at: self.expires_at,
            digest: digest.clone(),
            number,
            of,
            body: body.to_owned(),
        };
        texts.into_iter().enumerate().map(chunk).collect()
    }
}

/// A text in chunks of at most `limit` bytes, cut between characters. At least one.
pub(super) fn cut(text: &str, limit: usize) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut rest = text;
    while rest.len() > limit {
        let (chunk, remainder) = rest.split_at(rest.floor_char_boundary(limit));
        texts.push(chunk);
        rest = remainder;
    }
    texts.push(rest);
    texts
}

/// Joins items into as few texts as possible that each fit into one row. An item that is too large stays
/// alone.
#[must_use]
pub fn packed<'a>(items: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut bodies: Vec<String> = Vec::new();
    for item in items {
        match bodies.last_mut() {
            Some(body) if body.len() + item.len() < CHUNK_BYTES => {
                body.push(SEPARATOR);
                body.push_str(item);
            }
            _ => bodies.push(item.to_owned()),
        }
    }
    bodies
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(body: &str) -> RawItem {
        let origin = Origin::App("demo".parse().unwrap());
        let at = Timestamp::from_millis(0);
        RawItem { owner: RawOwner::Sender(origin.clone()), origin, at, expires_at: at, body: body.to_owned() }
    }

    #[test]
    fn a_huge_item_is_cut_and_nothing_is_lost() {
        let body = "é".repeat(CHUNK_BYTES);
        let item = raw(&body);
        let chunks = item.chunks();
        assert!(chunks.len() > 1 && chunks.iter().all(|chunk| chunk.of == chunks.len()));
        assert!(chunks.iter().all(|chunk| chunk.body.len() <= CHUNK_BYTES));
        assert_eq!(chunks.iter().map(|chunk| chunk.body.as_str()).collect::<String>(), body);
    }

    #[test]
    fn packed_items_come_out_as_they_went_in() {
        let (small, huge) = ("{\"a\":1}".to_owned(), "x".repeat(CHUNK_BYTES));
        let items = [small.as_str(), &small, &huge, "", &small];
        let bodies = packed(items);
        assert_eq!(bodies.len(), 3);
        let out: Vec<String> =
            bodies.iter().flat_map(|body| raw(body).items().map(str::to_owned).collect::<Vec<_>>()).collect();
        assert_eq!(out, items);
    }
}
