//! Conversations that became one, and the messages of several as one talk.

use serde::{Deserialize, Serialize};

use super::Core;
use crate::{
    domain::{
        conversation::Conversation,
        id::{ConversationId, MessageId, TenantId},
        message::{Message, MessageAddress},
        time::Timestamp,
    },
    port::{
        book::StoreError,
        inbox::{Inbox, Order, Page},
    },
};

/// A place in a talk. No message need be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TalkMark {
    /// Its time.
    pub at: Timestamp,
    /// Among messages of that time.
    pub id: MessageId,
}

impl From<MessageAddress> for TalkMark {
    fn from(place: MessageAddress) -> Self {
        Self { at: place.at, id: place.id }
    }
}

impl TalkMark {
    /// The same place in one of the conversations.
    fn within(self, conversation: ConversationId) -> MessageAddress {
        MessageAddress { conversation, at: self.at, id: self.id }
    }
}

/// A conversation as it goes on, with those in whose place it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The one that goes on.
    pub conversation: Conversation,
    /// All that its messages came in at, itself first.
    threads: Vec<ConversationId>,
}

impl Core {
    /// A conversation by its id, or the one that goes on in its place.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        Ok(self.whole_conversation(tenant, id).await?.map(|whole| whole.conversation))
    }

    /// The same with those that went into it, as far as they are known: of merges before these were written down,
    /// only what lies between the id and the conversation that goes on.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn whole_conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Whole>, StoreError> {
        let Some(mut conversation) = self.book.conversation(tenant, id).await? else { return Ok(None) };
        let mut before = Vec::new();
        // A merge can be followed by another one; each points forward, so this ends.
        while let Some(next) = conversation.merged_into {
            let Some(found) = self.book.conversation(tenant, next).await? else { break };
            before.push(conversation.id);
            conversation = found;
        }
        let mut threads = vec![conversation.id];
        for id in before.into_iter().chain(conversation.absorbed.iter().copied()) {
            if !threads.contains(&id) {
                threads.push(id);
            }
        }
        Ok(Some(Whole { conversation, threads }))
    }

    /// The conversations that go on in place of these, each once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn standing(&self, found: Vec<Conversation>) -> Result<Vec<Conversation>, StoreError> {
        let mut all: Vec<Conversation> = Vec::with_capacity(found.len());
        for it in found {
            let it = match it.merged_into {
                None => it,
                Some(next) => self.conversation(&it.tenant, next).await?.unwrap_or(it),
            };
            if !all.iter().any(|known| known.id == it.id) {
                all.push(it);
            }
        }
        Ok(all)
    }
}

impl Whole {
    /// Its id, and those of the conversations in whose place it goes on.
    #[must_use]
    pub fn ids(&self) -> &[ConversationId] {
        &self.threads
    }

    /// Its messages beyond a place, whichever of the conversations that is of.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn messages(
        &self,
        inbox: &dyn Inbox,
        from: Option<MessageAddress>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Message, MessageAddress>, StoreError> {
        let Conversation { tenant, id, .. } = &self.conversation;
        let page = talk(inbox, tenant, &self.threads, from.map(TalkMark::from), order, limit).await?;
        Ok(Page { items: page.items, next: page.next.map(|mark| mark.within(*id)) })
    }

    /// Its messages, newest first: `limit` after the newest `offset`. What it costs grows with both.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn newest_messages(
        &self,
        inbox: &dyn Inbox,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let Conversation { tenant, id, .. } = &self.conversation;
        if self.threads.len() == 1 {
            return inbox.newest_messages(tenant, *id, offset, limit).await;
        }
        let mut all = Vec::new();
        for thread in &self.threads {
            all.extend(inbox.newest_messages(tenant, *thread, 0, offset.saturating_add(limit)).await?);
        }
        all.sort_unstable_by_key(|it| std::cmp::Reverse(TalkMark::from(it.address)));
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(all.into_iter().skip(count(offset)).take(count(limit)).collect())
    }

    /// How many messages it has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count(&self, inbox: &dyn Inbox) -> Result<u64, StoreError> {
        if self.threads.len() == 1 {
            return Ok(self.conversation.messages);
        }
        let all = inbox.several(&self.conversation.tenant, &self.threads).await?;
        Ok(all.iter().map(|it| it.messages).sum())
    }
}

/// Messages of several conversations as one list, beyond a place.
///
/// # Errors
/// When the store fails.
pub(super) async fn talk(
    inbox: &dyn Inbox,
    tenant: &TenantId,
    threads: &[ConversationId],
    from: Option<TalkMark>,
    order: Order,
    limit: u16,
) -> Result<Page<Message, TalkMark>, StoreError> {
    let (mut items, mut horizon) = (Vec::new(), None);
    for thread in threads {
        let place = from.map(|mark| mark.within(*thread));
        let page = inbox.messages(tenant, *thread, place, order, limit).await?;
        horizon = nearer(horizon, page.next.map(TalkMark::from), order);
        items.extend(page.items);
    }
    items.sort_unstable_by_key(|it: &Message| TalkMark::from(it.address));
    if order == Order::NewestFirst {
        items.reverse();
    }
    // Behind where one of them was broken off, there may be messages of that one in between.
    items.retain(|it| nearer(Some(it.address.into()), horizon, order) == Some(it.address.into()));
    let whole = items.len() <= usize::from(limit);
    items.truncate(usize::from(limit));
    let last = items.last().map(|it| TalkMark::from(it.address));
    Ok(Page { items, next: if whole { horizon } else { last } })
}

/// Which of two places comes first; one that there is not comes last.
fn nearer(one: Option<TalkMark>, two: Option<TalkMark>, order: Order) -> Option<TalkMark> {
    let both = one.into_iter().chain(two);
    match order {
        Order::NewestFirst => both.max(),
        Order::OldestFirst => both.min(),
    }
}
