//! Provider items kept as they came, because we know no better place for them.

use sha2::{Digest, Sha256};

use super::{
    caller::hex,
    id::{AppId, TenantId},
    time::Timestamp,
};

/// Largest piece of text in one row, in bytes: rows end at 400 KB.
pub const PIECE: usize = 300_000;

/// Whom a raw item belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawOwner {
    /// A tenant, by the channel that the item names.
    Tenant(TenantId),
    /// Nobody known: only the app that signed the callback.
    App(AppId),
}

/// An item kept as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct RawItem {
    /// Whose it is.
    pub owner: RawOwner,
    /// When it arrived.
    pub at: Timestamp,
    /// What it seems to be, like `messages/messages/unsupported` or `account_update`.
    pub kind: String,
    /// The text.
    pub body: String,
}

impl RawItem {
    /// A name made of kind and content, so that the same item delivered twice is kept once.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.kind.len().to_be_bytes());
        hasher.update(self.kind.as_bytes());
        hasher.update(self.body.as_bytes());
        hex(&hasher.finalize())
    }

    /// The text in pieces of at most [`PIECE`] bytes, cut between characters. At least one.
    #[must_use]
    pub fn pieces(&self) -> Vec<&str> {
        let mut pieces = Vec::new();
        let mut rest = self.body.as_str();
        while rest.len() > PIECE {
            let cut = rest.floor_char_boundary(PIECE);
            let (piece, remainder) = rest.split_at(cut);
            pieces.push(piece);
            rest = remainder;
        }
        pieces.push(rest);
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_item_is_cut_and_nothing_is_lost() {
        let body = "é".repeat(PIECE);
        let item = RawItem {
            owner: RawOwner::App("demo".parse().unwrap()),
            at: Timestamp::from_millis(0),
            kind: "test".to_owned(),
            body: body.clone(),
        };
        assert!(item.pieces().len() > 1);
        assert!(item.pieces().iter().all(|piece| piece.len() <= PIECE));
        assert_eq!(item.pieces().concat(), body);
    }
}
