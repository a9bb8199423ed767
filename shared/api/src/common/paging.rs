//! Paging: an opaque cursor and a limit, the same on every list of ours.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::common::InputError;
use ventanilla_core::domain::{id::ConversationId, message::MessageAddress};

/// Entries per page where the caller gives no limit.
pub const DEFAULT_LIMIT: u16 = 50;

/// Most entries per page.
pub const LARGEST_LIMIT: u16 = 100;

/// Most bytes of the entries of a page: Lambda limits responses to 6 MB (facts: platform-limits.md 2.3).
pub const LARGEST_PAGE: usize = 3_000_000;

/// The entries that fit into one response, at least the first; and whether others were left out.
pub fn within_answer<T: Serialize>(entries: impl Iterator<Item = T>) -> (Vec<T>, bool) {
    let (mut page, mut size) = (Vec::new(), 0);
    for entry in entries {
        // Our own plain structs always serialise.
        size += serde_json::to_vec(&entry).map_or(0, |bytes| bytes.len());
        if size > LARGEST_PAGE && !page.is_empty() {
            return (page, true);
        }
        page.push(entry);
    }
    (page, false)
}

/// Encodes a position as a cursor.
#[must_use]
pub fn cursor<M: Serialize>(mark: &M) -> String {
    // Our own plain structs always serialise; the fallback only keeps this free of panics.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(mark).unwrap_or_default())
}

/// Decodes the position of a cursor.
///
/// # Errors
/// When it is not one of ours.
pub fn mark<M: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<M>, InputError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    read.map(Some).ok_or_else(|| InputError::field("cursor", "is not one that a list of ours gave"))
}

/// Decodes the position in a conversation's list of messages; the cursor must belong to one of its ids.
///
/// # Errors
/// When the cursor is not ours, or of another conversation.
pub fn place_in(ids: &[ConversationId], cursor: Option<&str>) -> Result<Option<MessageAddress>, InputError> {
    let place: Option<MessageAddress> = mark(cursor)?;
    if place.is_some_and(|place| !ids.contains(&place.conversation)) {
        return Err(InputError::field("cursor", "is of another conversation"));
    }
    Ok(place)
}

/// Reads the number of entries per page.
///
/// # Errors
/// When it is not between 1 and [`LARGEST_LIMIT`].
pub fn limit(given: Option<&str>) -> Result<u16, InputError> {
    let Some(text) = given else { return Ok(DEFAULT_LIMIT) };
    let number = text.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
    number.ok_or_else(|| InputError::field("limit", format!("must be a number from 1 to {LARGEST_LIMIT}")))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_page_ends_before_it_is_too_large_and_has_one_entry_at_least() {
        let entry = |size: usize| Value::from("x".repeat(size));
        let third = LARGEST_PAGE / 3;
        let page = |sizes: &[usize]| {
            let (page, cut) = within_answer(sizes.iter().map(|size| entry(*size)));
            (page.len(), cut)
        };
        assert_eq!(page(&[third, third]), (2, false));
        assert_eq!(page(&[third, third, third, third]), (2, true));
        assert_eq!(page(&[LARGEST_PAGE * 2, 1]), (1, true));
        assert_eq!(page(&[]), (0, false));
    }
}
