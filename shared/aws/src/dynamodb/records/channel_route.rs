//! The channel of an inbound address.

use crate::dynamodb::{
    keys::{Key, hash},
    record::{Condition, StoredRecord},
};
use ventanilla_core::domain::{channel::ChannelRoute, id::InboundAddress};

pub(crate) fn key(inbound_address: &InboundAddress) -> Key {
    Key::only(format!("R#N#{}", hash(&[inbound_address.as_str()])))
}

impl StoredRecord for ChannelRoute {
    const KIND: &'static str = "route";

    fn key(&self) -> Key {
        key(&self.line)
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }

    /// An address that leads elsewhere by now belongs to another channel.
    fn delete_condition(&self) -> Condition {
        Condition::LeadsTo(self.channel)
    }
}
