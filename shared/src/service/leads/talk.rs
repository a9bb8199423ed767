//! What was said between the company and a lead, on all channels.

use std::cmp::Reverse;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
        let mut parts = Vec::new();
        for conversation in self.conversations() {
            // No message need lie there: it is a place in time.
            let place = before.map(|mark| MessageAddress { conversation, at: mark.at, id: mark.id });
            parts.push(inbox.messages(tenant, conversation, place, Order::NewestFirst, limit).await?);
        }
        Ok(merged(parts, usize::from(limit)))
    }
}

impl From<MessageAddress> for TalkMark {
    fn from(address: MessageAddress) -> Self {
        Self { at: address.at, id: address.id }
    }
}

/// One list of several, each newest first. A store may cut any of them off before it is full: what is older than
/// where one of them was cut is left to the next page, for there something of that one may lie between.
fn merged(parts: Vec<Page<Message, MessageAddress>>, limit: usize) -> Page<Message, TalkMark> {
    let cut = parts.iter().filter_map(|part| part.next).map(TalkMark::from).max();
    let mut items: Vec<Message> = parts.into_iter().flat_map(|part| part.items).collect();
    items.sort_unstable_by_key(|it| Reverse(TalkMark::from(it.address)));
    items.retain(|it| cut.is_none_or(|cut| TalkMark::from(it.address) >= cut));
    if items.len() <= limit {
        return Page { items, next: cut };
    }
    items.truncate(limit);
    let next = items.last().map(|it| it.address.into());
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        attempt::{Attempt, Target},
        content::Content,
        delivery::Handover,
    };

    fn message(conversation: u64, at: i64) -> Message {
        let (conversation, id) = (conversation.try_into().unwrap(), (1000 + at.cast_unsigned()).try_into());
        let address = MessageAddress { conversation, at: Timestamp::from_millis(at), id: id.unwrap() };
        let content = Content::plain("x".to_owned().try_into().unwrap());
        let attempt = Attempt::new("acme".parse().unwrap(), address, Target::Conversation, content);
        attempt.message("1".parse().unwrap(), Handover::Accepted, None)
    }

    /// A store that gives no more than `most` of these, newest first, from before the mark.
    fn part(
        all: &[Message],
        before: Option<TalkMark>,
        limit: usize,
        most: usize,
    ) -> Page<Message, MessageAddress> {
        let older = |it: &&Message| before.is_none_or(|mark| TalkMark::from(it.address) < mark);
        let mut items: Vec<Message> = all.iter().rev().filter(older).cloned().collect();
        let more = items.len() > limit.min(most);
        items.truncate(limit.min(most));
        let next = items.last().filter(|_| more).map(|it| it.address);
        Page { items, next }
    }

    #[test]
    fn a_part_that_is_cut_short_loses_nothing() {
        let threads = [
            (1..=9).map(|at| message(1, at * 10)).collect::<Vec<_>>(),
            (1..=9).map(|at| message(2, at * 10 + 5)).collect(),
            vec![message(3, 3)],
        ];
        for (cuts, limit) in [([9, 9, 9], 4), ([1, 9, 9], 4), ([2, 1, 9], 5), ([1, 9, 1], 50)] {
            let (mut read, mut before) = (Vec::new(), None);
            loop {
                let parts = threads.iter().zip(cuts).map(|(all, most)| part(all, before, limit, most));
                let page = merged(parts.collect(), limit);
                assert!(page.items.len() <= limit);
                read.extend(page.items.iter().map(|it| it.address.at.millis()));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            let mut expected: Vec<i64> = threads.iter().flatten().map(|it| it.address.at.millis()).collect();
            expected.sort_unstable_by_key(|at| Reverse(*at));
            assert_eq!(read, expected, "{cuts:?} {limit}");
        }
    }
}
