//! A piece of a message's source, where it does not fit beside the message; beside the message's attempt.

use async_trait::async_trait;
use serde::Serialize;

use super::attempt;
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, StoredRecord, readable},
};
use ventanilla_core::{
    domain::{
        id::{MessageId, TenantId},
        source::{MessageSource, SourceChunk, SourceKind, assembled},
    },
    ports::{messages::SourceReads, store::StoreError},
};

/// The prefix of the sort keys of sources.
const SOURCES: &str = "R#";

impl StoredRecord for SourceChunk {
    const KIND: &'static str = "source";

    fn key(&self) -> Key {
        let kind = match self.kind {
            SourceKind::Content => 'C',
            SourceKind::Message => 'M',
            SourceKind::Status => 'S',
        };
        let sk = format!("{SOURCES}{kind}#{}#{:04}", self.digest, self.number);
        Key { sk, ..attempt::key(&self.tenant, self.message) }
    }

    /// The stored row is the same: the hash of the content names it.
    fn condition(&self) -> Condition {
        Condition::Any
    }
}

/// A piece that is written only if it is not stored already.
#[derive(Serialize)]
pub(crate) struct NewSource<'a>(pub(crate) &'a SourceChunk);

impl StoredRecord for NewSource<'_> {
    const KIND: &'static str = SourceChunk::KIND;

    fn key(&self) -> Key {
        self.0.key()
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }
}

#[async_trait]
impl SourceReads for Table {
    async fn sources(&self, tenant: &TenantId, message: MessageId) -> Result<Vec<MessageSource>, StoreError> {
        let question = self.partition(attempt::key(tenant, message).pk, SOURCES);
        Ok(assembled(readable(Some(self.all_pages(question).await?))))
    }
}
