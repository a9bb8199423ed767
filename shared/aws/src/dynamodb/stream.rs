//! The records of the table's stream.

use serde_dynamo::{AttributeValue, Item};

use super::{
    keys,
    record::StoredRecord,
    records::api_key::{HashedApiKey, hash_in},
};
use ventanilla_core::{
    domain::{
        caller::{ApiKey, KeyHash},
        event::Event,
        id::TenantId,
        socket::Socket,
    },
    ports::store::StoreError,
};

/// A written row that starts work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewRow {
    /// A new event, to be numbered.
    Event(Event),
    /// A socket that was opened, or written again.
    Socket(Socket),
    /// An API key that was revoked.
    Revoked(TenantId, KeyHash),
}

/// Decodes a row; `None` for rows that start no work.
///
/// # Errors
/// When it cannot be decoded as its kind.
pub fn new_row(image: Item) -> Result<Option<NewRow>, StoreError> {
    let kind = match image.get("row") {
        Some(AttributeValue::S(kind)) => kind.clone(),
        _ => return Ok(None),
    };
    let broken = |_| StoreError::Corrupt(format!("a row of kind {kind}"));
    match kind.as_str() {
        Event::KIND => serde_dynamo::from_item(image).map(NewRow::Event).map(Some).map_err(broken),
        Socket::KIND => serde_dynamo::from_item(image).map(NewRow::Socket).map(Some).map_err(broken),
        HashedApiKey::KIND => {
            let hash = image.get(keys::PK).and_then(|pk| match pk {
                AttributeValue::S(pk) => hash_in(pk),
                _ => None,
            });
            let key: ApiKey = serde_dynamo::from_item(image).map_err(broken)?;
            Ok(hash.filter(|_| key.revoked_at.is_some()).map(|hash| NewRow::Revoked(key.tenant, hash)))
        }
        _ => Ok(None),
    }
}
