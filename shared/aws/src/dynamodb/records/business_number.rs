//! The channel of a tenant's business number.

use serde::Serialize;

use crate::dynamodb::{
    keys::{Key, of},
    record::{Condition, StoredRecord},
};
use ventanilla_core::domain::{
    channel::{BusinessNumber, Channel},
    id::TenantId,
    phone::Phone,
};

pub(crate) fn key(tenant: &TenantId, number: &Phone) -> Key {
    Key { pk: of(tenant), sk: format!("BN#{}", number.digits()) }
}

/// The number of a channel, which only the row's key holds.
#[derive(Serialize)]
pub(crate) struct NumberOf<'a> {
    #[serde(skip)]
    channel: &'a Channel,
    #[serde(flatten)]
    leads_to: BusinessNumber,
}

impl<'a> NumberOf<'a> {
    pub(crate) fn channel(channel: &'a Channel) -> Self {
        Self { channel, leads_to: BusinessNumber { channel: channel.id } }
    }
}

impl StoredRecord for NumberOf<'_> {
    const KIND: &'static str = "business_number";

    fn key(&self) -> Key {
        key(&self.channel.tenant, &self.channel.number)
    }

    fn condition(&self) -> Condition {
        Condition::Any
    }
}
