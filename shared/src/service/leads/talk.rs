//! What was said between the company and a lead, on all channels.

use serde::{Deserialize, Serialize};

use super::FoundLead;
use crate::{
    domain::{
        id::{MessageId, TenantId},
        message::{Message, MessageAddress},
        time::Timestamp,
    },
    port::{
        book::StoreError,
        inbox::{Inbox, Order, Page},
    },
};

/// Where a list of a lead's messages goes on: before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TalkMark {
    /// Its time.
    pub at: Timestamp,
    /// Its id.
    pub id: MessageId,
}

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
        let (mut items, mut more) = (Vec::new(), false);
        for conversation in self.conversations() {
            // No message need lie there: it is a place in time.
            let place = before.map(|mark| MessageAddress { conversation, at: mark.at, id: mark.id });
            let page = inbox.messages(tenant, conversation, place, Order::NewestFirst, limit).await?;
            more |= page.next.is_some();
            items.extend(page.items);
        }
        items.sort_unstable_by_key(|it| std::cmp::Reverse((it.address.at, it.address.id)));
        more |= items.len() > usize::from(limit);
        items.truncate(usize::from(limit));
        let last = items.last().filter(|_| more);
        let next = last.map(|it| TalkMark { at: it.address.at, id: it.address.id });
        Ok(Page { items, next })
    }
}
