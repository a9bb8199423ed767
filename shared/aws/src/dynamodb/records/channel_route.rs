//! The channel of an inbound address.

use crate::dynamodb::{
    keys::{Key, hash},
    record::{Condition, Record},
};
use ventanilla_core::domain::{channel::ChannelRoute, id::InboundAddress};

pub(crate) fn key(line: &InboundAddress) -> Key {
    Key::only(format!("R#N#{}", hash(&[line.as_str()])))
}

impl Record for ChannelRoute {
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
