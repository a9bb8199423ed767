//! The messages of conversations that were merged, as one list.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        conversation::{Conversation, WholeConversation},
        id::{ConversationId, MessageId, TenantId},
        message::{Message, MessageAddress},
        time::Timestamp,
    },
    ports::{
        inbox::{InboxRecords, Page, SortOrder},
        store::StoreError,
    },
    usecases::Context,
};

/// A position among the messages of merged conversations. No message need be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TalkMark {
    /// The time of the position.
    pub at: Timestamp,
    /// The order among messages of that time.
    pub id: MessageId,
}

impl From<MessageAddress> for TalkMark {
    fn from(place: MessageAddress) -> Self {
        Self { at: place.at, id: place.id }
    }
}

impl TalkMark {
    /// The same position within one of the conversations.
    fn within(self, conversation: ConversationId) -> MessageAddress {
        MessageAddress { conversation, at: self.at, id: self.id }
    }
}

impl Context {
    /// A conversation by its id; for a merged one, the conversation it was merged into.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        self.store.conversation(tenant, id).await
    }
}

impl WholeConversation {
    /// Its messages after a position, in whichever of the conversations that is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn messages(
        &self,
        inbox: &dyn InboxRecords,
        from: Option<MessageAddress>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Message, MessageAddress>, StoreError> {
        let Conversation { tenant, id, .. } = &self.conversation;
        let page = thread_messages(inbox, tenant, self.ids(), from.map(TalkMark::from), order, limit).await?;
        Ok(Page { items: page.items, next: page.next.map(|mark| mark.within(*id)) })
    }

    /// Its messages, newest first: `limit` after the newest `offset`. The cost grows with both.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn newest_messages(
        &self,
        inbox: &dyn InboxRecords,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let Conversation { tenant, id, .. } = &self.conversation;
        if self.ids().len() == 1 {
            return inbox.newest_messages(tenant, *id, offset, limit).await;
        }
        let mut all = Vec::new();
        for thread in self.ids() {
            all.extend(inbox.newest_messages(tenant, *thread, 0, offset.saturating_add(limit)).await?);
        }
        all.sort_unstable_by_key(|it| std::cmp::Reverse(TalkMark::from(it.address)));
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(all.into_iter().skip(count(offset)).take(count(limit)).collect())
    }

    /// The number of its messages.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count(&self, inbox: &dyn InboxRecords) -> Result<u64, StoreError> {
        if self.ids().len() == 1 {
            return Ok(self.conversation.messages);
        }
        // The merged ones count their own.
        let rows = inbox.conversation_rows(&self.conversation.tenant, self.ids()).await?;
        Ok(rows.iter().map(|row| row.as_written().messages).sum())
    }
}

/// Messages of several conversations as one list, after a position.
///
/// # Errors
/// When the store fails.
pub(crate) async fn thread_messages(
    inbox: &dyn InboxRecords,
    tenant: &TenantId,
    threads: &[ConversationId],
    from: Option<TalkMark>,
    order: SortOrder,
    limit: u16,
) -> Result<Page<Message, TalkMark>, StoreError> {
    let mut parts = Vec::with_capacity(threads.len());
    for thread in threads {
        let place = from.map(|mark| mark.within(*thread));
        parts.push(inbox.messages(tenant, *thread, place, order, limit).await?);
    }
    Ok(merged(parts, order, usize::from(limit)))
}

/// Merges several pages into one. A store may end any of them early: messages after the earliest such end
/// are left to the next page, because more may follow in between.
fn merged(
    parts: Vec<Page<Message, MessageAddress>>,
    order: SortOrder,
    limit: usize,
) -> Page<Message, TalkMark> {
    let (mut items, mut horizon) = (Vec::new(), None);
    for part in parts {
        horizon = nearer(horizon, part.next.map(TalkMark::from), order);
        items.extend(part.items);
    }
    items.sort_unstable_by_key(|it: &Message| TalkMark::from(it.address));
    if order == SortOrder::NewestFirst {
        items.reverse();
    }
    items.retain(|it| nearer(Some(it.address.into()), horizon, order) == Some(it.address.into()));
    let whole = items.len() <= limit;
    items.truncate(limit);
    let last = items.last().map(|it| TalkMark::from(it.address));
    Page { items, next: if whole { horizon } else { last } }
}

/// The first of two positions in this order; `None` comes last.
fn nearer(one: Option<TalkMark>, two: Option<TalkMark>, order: SortOrder) -> Option<TalkMark> {
    let both = one.into_iter().chain(two);
    match order {
        SortOrder::NewestFirst => both.max(),
        SortOrder::OldestFirst => both.min(),
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use super::*;
    use crate::domain::{
        attempt::{Attempt, Target},
        content::Content,
        delivery::AttemptOutcome,
    };

    fn message(conversation: u64, at: i64) -> Message {
        let (conversation, id) = (conversation.try_into().unwrap(), (1000 + at.cast_unsigned()).try_into());
        let address = MessageAddress { conversation, at: Timestamp::from_millis(at), id: id.unwrap() };
        let content = Content::plain("x".to_owned().try_into().unwrap());
        let attempt = Attempt::new("acme".parse().unwrap(), address, Target::Conversation, content);
        attempt.message("1".parse().unwrap(), AttemptOutcome::Accepted, None)
    }

    /// A store that returns no more than `most` of these, from after the mark.
    fn part(
        all: &[Message],
        order: SortOrder,
        from: Option<TalkMark>,
        limit: usize,
        most: usize,
    ) -> Page<Message, MessageAddress> {
        let beyond = |it: &&Message| {
            let place = TalkMark::from(it.address);
            from.is_none_or(|mark| if order == SortOrder::NewestFirst { place < mark } else { place > mark })
        };
        let mut items: Vec<Message> = all.iter().filter(beyond).cloned().collect();
        if order == SortOrder::NewestFirst {
            items.reverse();
        }
        let more = items.len() > limit.min(most);
        items.truncate(limit.min(most));
        let next = items.last().filter(|_| more).map(|it| it.address);
        Page { items, next }
    }

    /// All messages, read page by page.
    fn read(threads: &[Vec<Message>], order: SortOrder, cuts: [usize; 3], limit: usize) -> Vec<i64> {
        let (mut read, mut from) = (Vec::new(), None);
        loop {
            let parts = threads.iter().zip(cuts).map(|(all, most)| part(all, order, from, limit, most));
            let page = merged(parts.collect(), order, limit);
            assert!(page.items.len() <= limit);
            read.extend(page.items.iter().map(|it| it.address.at.millis()));
            from = page.next;
            if from.is_none() {
                return read;
            }
        }
    }

    #[test]
    fn a_short_page_loses_no_messages() {
        let threads = [
            (1..=9).map(|at| message(1, at * 10)).collect::<Vec<_>>(),
            (1..=9).map(|at| message(2, at * 10 + 5)).collect(),
            vec![message(3, 3)],
        ];
        let mut newest: Vec<i64> = threads.iter().flatten().map(|it| it.address.at.millis()).collect();
        newest.sort_unstable_by_key(|at| Reverse(*at));
        let oldest: Vec<i64> = newest.iter().rev().copied().collect();
        for (order, expected) in [(SortOrder::NewestFirst, newest), (SortOrder::OldestFirst, oldest)] {
            for (cuts, limit) in [([9, 9, 9], 4), ([1, 9, 9], 4), ([2, 1, 9], 5), ([1, 9, 1], 50)] {
                assert_eq!(read(&threads, order, cuts, limit), expected, "{order:?} {cuts:?} {limit}");
            }
        }
    }
}
