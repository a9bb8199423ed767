//! The reminder for the end of a conversation's window, beside the conversation.

use async_trait::async_trait;

use super::conversation;
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, Indexes, Operation, StoredRecord},
};
use ventanilla_core::{
    domain::{
        id::{ConversationId, TenantId},
        window::WindowWatch,
    },
    ports::{conversations::WindowWatchReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, id: ConversationId) -> Key {
    Key { sk: "W".to_owned(), ..conversation::key(tenant, id) }
}

impl StoredRecord for WindowWatch {
    const KIND: &'static str = "window_watch";

    fn key(&self) -> Key {
        key(&self.tenant, self.conversation)
    }

    /// A new one replaces one that was left behind: a customer's message never fails for it.
    fn condition(&self) -> Condition {
        if self.rev == 0 { Condition::Any } else { Condition::Rev(self.rev) }
    }

    fn delete_condition(&self) -> Condition {
        Condition::Rev(self.rev)
    }

    fn indexes(&self) -> Indexes {
        let id = self.conversation.get();
        Indexes::due(id, Some(self.due_at), &format!("{}#{id:016}", self.tenant))
    }

    fn put(&self, writer: u64) -> Result<Operation, StoreError> {
        let first = Self { rev: self.rev.max(1), ..self.clone() };
        first.put_if(self.condition(), writer)
    }
}

#[async_trait]
impl WindowWatchReads for Table {
    async fn window_watch(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<WindowWatch>, StoreError> {
        self.get_as(key(tenant, id)).await
    }
}
