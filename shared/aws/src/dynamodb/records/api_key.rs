//! An API key, by its hash.

use serde::Serialize;

use crate::dynamodb::{
    keys::{Key, of},
    record::{Condition, Indexes, StoredRecord},
};
use ventanilla_core::domain::{
    caller::{ApiKey, KeyHash},
    id::TenantId,
};

/// The prefix of the partition keys of API keys.
const PREFIX: &str = "R#K#";

pub(crate) fn key(hash: &KeyHash) -> Key {
    Key::only(format!("{PREFIX}{}", hash.as_str()))
}

/// The hash of an API key in the partition key of its row.
pub(crate) fn hash_in(pk: &str) -> Option<KeyHash> {
    pk.strip_prefix(PREFIX).and_then(KeyHash::from_hex)
}

/// The list of a tenant's API keys, by name.
pub(crate) fn list(tenant: &TenantId) -> String {
    format!("{}V", of(tenant))
}

/// An API key with its hash, which only the row's key holds.
#[derive(Serialize)]
pub(crate) struct HashedApiKey<'a> {
    #[serde(skip)]
    pub(crate) hash: &'a KeyHash,
    #[serde(flatten)]
    pub(crate) key: &'a ApiKey,
}

impl StoredRecord for HashedApiKey<'_> {
    const KIND: &'static str = "api_key";

    fn key(&self) -> Key {
        key(self.hash)
    }

    fn condition(&self) -> Condition {
        Condition::Any
    }

    fn indexes(&self) -> Indexes {
        Indexes::list(list(&self.key.tenant), format!("{}#{}", self.key.name, self.hash.as_str()))
    }
}
