//! The owner of a channel's id.

use crate::dynamodb::{
    keys::Key,
    record::{Condition, StoredRecord},
};
use ventanilla_core::domain::{channel::ChannelOwner, id::ChannelId};

pub(crate) fn key(id: ChannelId) -> Key {
    Key::only(format!("R#I#{:016}", id.get()))
}

impl StoredRecord for ChannelOwner {
    const KIND: &'static str = "channel_owner";

    fn key(&self) -> Key {
        key(self.channel)
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }
}
