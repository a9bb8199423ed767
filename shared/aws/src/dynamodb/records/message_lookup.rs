//! The message of a provider's message id, within an inbound address.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, hash},
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{
        id::{InboundAddress, Wamid},
        message_lookup::MessageLookup,
        time::Timestamp,
    },
    ports::{messages::MessageLookupReads, store::StoreError},
};

pub(crate) fn key(inbound_address: &InboundAddress, wamid: &Wamid) -> Key {
    Key::only(format!("R#W#{}", hash(&[inbound_address.as_str(), wamid.as_str()])))
}

impl StoredRecord for MessageLookup {
    const KIND: &'static str = "pointer";

    fn key(&self) -> Key {
        key(&self.line, &self.wamid)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn ttl(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

#[async_trait]
impl MessageLookupReads for Table {
    async fn message_lookup(
        &self,
        inbound_address: &InboundAddress,
        wamid: &Wamid,
    ) -> Result<Option<MessageLookup>, StoreError> {
        self.get_as(key(inbound_address, wamid)).await
    }
}
