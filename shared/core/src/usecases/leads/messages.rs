//! The messages with a lead, on all channels.

use crate::{
    domain::{id::TenantId, message::Message},
    ports::{
        inbox::{Inbox, Order, Page},
        store::StoreError,
    },
    usecases::{
        conversations::merged::{TalkMark, talk},
        leads::FoundLead,
    },
};

impl FoundLead {
    /// Messages of all their conversations, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn talk(
        &self,
        inbox: &dyn Inbox,
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
        talk(inbox, tenant, &threads, before, Order::NewestFirst, limit).await
    }
}
