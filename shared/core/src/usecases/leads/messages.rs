//! The messages with a lead, on all channels.

use crate::{
    domain::{id::TenantId, message::Message},
    ports::{
        inbox::{InboxRecords, Page, SortOrder},
        store::StoreError,
    },
    usecases::{
        conversations::merged::{TalkMark, thread_messages},
        leads::FoundLead,
    },
};

impl FoundLead {
    /// Messages of all their conversations, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lead_messages(
        &self,
        inbox: &dyn InboxRecords,
        tenant: &TenantId,
        before: Option<TalkMark>,
        limit: u16,
    ) -> Result<Page<Message, TalkMark>, StoreError> {
        let mut threads = self.conversations();
        // Of merged conversations, the contact has only the remaining one.
        let found = inbox.several(tenant, &threads).await?;
        threads.extend(found.into_values().flat_map(|it| it.absorbed));
        threads.sort_unstable();
        threads.dedup();
        thread_messages(inbox, tenant, &threads, before, SortOrder::NewestFirst, limit).await
    }
}
