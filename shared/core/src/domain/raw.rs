//! The archive: callbacks as they came, so that they can be taken in again.

use sha2::{Digest, Sha256};

use super::{caller::hex, channel::Origin, id::TenantId, time::Timestamp};

/// Largest piece of text in one row, in bytes: rows end at 400 KB.
pub const PIECE: usize = 300_000;

/// Stands between the items of one text: the record separator, which no JSON holds unescaped.
const SEPARATOR: char = '\u{1e}';

/// Whom a raw item belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RawOwner {
    /// A tenant, by the channel that the item names.
    Tenant(TenantId),
    /// Nobody known: only who sent the callback.
    Sender(Origin),
}

/// Items of one callback and one owner, as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawItem {
    /// Whose it is.
    pub owner: RawOwner,
    /// Who sent the callback.
    pub origin: Origin,
    /// When it arrived.
    pub at: Timestamp,
    /// When it may be forgotten.
    pub expires_at: Timestamp,
    /// The items; see [`RawItem::items`].
    pub body: String,
}

/// As much of raw items as fits into one row.
#[derive(Clone, PartialEq, Eq)]
pub struct RawPiece {
    /// Whose it is.
    pub owner: RawOwner,
    /// Who sent the callback.
    pub origin: Origin,
    /// When it arrived.
    pub at: Timestamp,
    /// When it may be forgotten.
    pub expires_at: Timestamp,
    /// The name of the whole, made of its content.
    pub digest: String,
    /// Which piece this is, from 0.
    pub number: usize,
    /// How many pieces there are.
    pub of: usize,
    /// The piece.
    pub body: String,
}

impl RawItem {
    /// The items, each a callback body of its own.
    pub fn items(&self) -> impl Iterator<Item = &str> {
        self.body.split(SEPARATOR)
    }

    /// The text in pieces of at most [`PIECE`] bytes, cut between characters. At least one. Their name is
    /// made of the content, so that the same callback delivered twice is kept once.
    #[must_use]
    pub fn pieces(&self) -> Vec<RawPiece> {
        let texts = cut(&self.body, PIECE);
        let digest = hex(&Sha256::digest(self.body.as_bytes()));
        let of = texts.len();
        let piece = |(number, body): (usize, &str)| RawPiece {
            owner: self.owner.clone(),
            origin: self.origin.clone(),
            at: self.at,
            expires_at: self.expires_at,
            digest: digest.clone(),
            number,
            of,
            body: body.to_owned(),
        };
        texts.into_iter().enumerate().map(piece).collect()
    }
}

/// A text in pieces of at most `limit` bytes, cut between characters. At least one.
pub(super) fn cut(text: &str, limit: usize) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut rest = text;
    while rest.len() > limit {
        let (piece, remainder) = rest.split_at(rest.floor_char_boundary(limit));
        texts.push(piece);
        rest = remainder;
    }
    texts.push(rest);
    texts
}

/// Items joined into as few texts as fit into one row each. An item that fits into none is alone.
#[must_use]
pub fn packed<'a>(items: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut bodies: Vec<String> = Vec::new();
    for item in items {
        match bodies.last_mut() {
            Some(body) if body.len() + item.len() < PIECE => {
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
        let body = "é".repeat(PIECE);
        let item = raw(&body);
        let pieces = item.pieces();
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.of == pieces.len()));
        assert!(pieces.iter().all(|piece| piece.body.len() <= PIECE));
        assert_eq!(pieces.iter().map(|piece| piece.body.as_str()).collect::<String>(), body);
    }

    #[test]
    fn packed_items_come_out_as_they_went_in() {
        let (small, huge) = ("{\"a\":1}".to_owned(), "x".repeat(PIECE));
        let items = [small.as_str(), &small, &huge, "", &small];
        let bodies = packed(items);
        assert_eq!(bodies.len(), 3);
        let out: Vec<String> =
            bodies.iter().flat_map(|body| raw(body).items().map(str::to_owned).collect::<Vec<_>>()).collect();
        assert_eq!(out, items);
    }
}
