//! The metadata of a file.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, Indexes, StoredRecord},
};
use ventanilla_core::{
    domain::{
        file::{FileAddress, MediaFile},
        time::Timestamp,
    },
    ports::{files::FileRecords, store::StoreError},
};

pub(crate) fn key(address: &FileAddress) -> Key {
    Key::only(format!("{}F#{:016}", of(&address.tenant), address.id.get()))
}

impl StoredRecord for MediaFile {
    const KIND: &'static str = "file";

    fn key(&self) -> Key {
        key(&self.address)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    /// In the due work while it is to be fetched.
    fn indexes(&self) -> Indexes {
        let id = self.address.id.get();
        Indexes::due(id, self.due_at(), &format!("{}#{id:016}", self.address.tenant))
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

#[async_trait]
impl FileRecords for Table {
    async fn file(&self, address: &FileAddress) -> Result<Option<MediaFile>, StoreError> {
        self.get_as(key(address)).await
    }
}
