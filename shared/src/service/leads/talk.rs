//! What was said between the company and a lead, on all channels.

use super::FoundLead;
use crate::{
    domain::{id::TenantId, message::Message},
    port::{
        book::StoreError,
        inbox::{Inbox, Order, Page},
    },
    service::talk::{TalkMark, talk},
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
        talk(inbox, tenant, &self.conversations(), before, Order::NewestFirst, limit).await
    }
}
