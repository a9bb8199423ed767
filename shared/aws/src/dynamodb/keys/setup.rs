//! Keys of what an operator sets up: tenants, channels and what leads to them, API keys.

use serde_dynamo::AttributeValue;

use super::{Key, hash, of};
use ventanilla_core::domain::{
    caller::KeyHash,
    id::{ChannelId, LineId, TenantId},
    phone::Phone,
};

/// A tenant's settings.
#[must_use]
pub fn tenant(tenant: &TenantId) -> Key {
    Key::only(of(tenant))
}

/// The list of all tenants, by their ids.
pub const TENANTS: &str = "R#TE";

/// A channel.
#[must_use]
pub fn channel(tenant: &TenantId, id: ChannelId) -> Key {
    Key { pk: of(tenant), sk: format!("{OWN_CHANNELS}{:016}", id.get()) }
}

/// What the sort keys of a tenant's channels begin with.
pub const OWN_CHANNELS: &str = "CH#";

/// The last check of a channel.
#[must_use]
pub fn channel_check(tenant: &TenantId, id: ChannelId) -> Key {
    Key { pk: of(tenant), sk: format!("CK#{:016}", id.get()) }
}

/// A business number of the tenant.
#[must_use]
pub fn business_number(tenant: &TenantId, number: &Phone) -> Key {
    Key { pk: of(tenant), sk: format!("BN#{}", number.digits()) }
}

/// The list of all channels.
pub const CHANNELS: &str = "R#CH";

/// A channel's place in that list.
#[must_use]
pub fn channel_place(tenant: &TenantId, id: ChannelId) -> String {
    format!("{tenant}#{:016}", id.get())
}

/// An API key.
#[must_use]
pub fn api_key(hash: &KeyHash) -> Key {
    Key::only(format!("R#K#{}", hash.as_str()))
}

/// The list of a tenant's API keys.
#[must_use]
pub fn api_keys(tenant: &TenantId) -> String {
    format!("{}V", of(tenant))
}

/// The place of an API key in that list.
#[must_use]
pub fn api_key_place(name: &str, hash: &KeyHash) -> String {
    format!("{name}#{}", hash.as_str())
}

/// The hash of the API key whose row has this partition key.
pub(in crate::dynamodb) fn hash_of_api_key(pk: &AttributeValue) -> Option<KeyHash> {
    let AttributeValue::S(pk) = pk else { return None };
    hash_in(pk)
}

/// The hash of an API key in the partition key of its row.
pub(in crate::dynamodb) fn hash_in(pk: &str) -> Option<KeyHash> {
    pk.strip_prefix("R#K#").and_then(KeyHash::from_hex)
}

/// Whose the id of a channel is.
#[must_use]
pub fn channel_owner(id: ChannelId) -> Key {
    Key::only(format!("R#I#{:016}", id.get()))
}

/// What leads callbacks to a channel.
#[must_use]
pub fn route(line: &LineId) -> Key {
    Key::only(format!("R#N#{}", hash(&[line.as_str()])))
}
