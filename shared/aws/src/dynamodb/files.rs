//! What is known of files, in the table.

use async_trait::async_trait;

use super::{Table, keys};
use ventanilla_core::{
    domain::file::{FileAddress, MediaFile},
    ports::{files::FileRecords, store::StoreError},
};

#[async_trait]
impl FileRecords for Table {
    async fn file(&self, address: &FileAddress) -> Result<Option<MediaFile>, StoreError> {
        self.get_as(keys::file(address)).await
    }
}
