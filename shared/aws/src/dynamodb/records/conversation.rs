//! A conversation. One that was merged into another keeps its row, which says so, and is on no list.

use async_trait::async_trait;
use serde::Serialize;

use crate::dynamodb::{
    Table,
    index::{List, Rest, list_for},
    keys::{Key, hash, of, sortable},
    pages::{LOOKED_THROUGH, LOOKS},
    record::{Condition, Indexes, Row, StoredRecord, merged_into, read, readable_as},
};
use ventanilla_core::{
    domain::{
        conversation::{Conversation, MergedConversation, Status},
        conversation_action::AgentId,
        id::{ConversationId, TenantId},
        listing::Filter,
        time::Timestamp,
    },
    ports::{
        conversations::{ConversationList, ConversationRow, ConversationRows},
        inbox::{ConversationMark, Page, SortOrder},
        store::StoreError,
    },
};

pub(crate) fn key(tenant: &TenantId, id: ConversationId) -> Key {
    Key::only(format!("{}C#{:016}", of(tenant), id.get()))
}

/// The list of a tenant's conversations.
pub(crate) fn list(tenant: &TenantId) -> String {
    format!("{}L", of(tenant))
}

/// The sort key of a conversation in every list.
pub(crate) fn place(last_message_at: Timestamp, id: ConversationId) -> String {
    format!("{}#{:016}", sortable(last_message_at), id.get())
}

/// The conversation with this sort key.
pub(crate) fn conversation_at(place: &str) -> Option<(Timestamp, ConversationId)> {
    let (at, id) = place.split_once('#')?;
    let id: u64 = id.parse().ok()?;
    Some((Timestamp::from_millis(at.parse().ok()?), ConversationId::try_from(id).ok()?))
}

/// The list of a tenant's conversations with a status.
pub(crate) fn of_status(tenant: &TenantId, status: Status) -> String {
    format!("{}#S#{}", list(tenant), status.as_str())
}

/// The list of the conversations assigned to an agent.
pub(crate) fn of_assignee(tenant: &TenantId, agent: &AgentId) -> String {
    format!("{}#A#{}", list(tenant), hash(&[agent.as_str()]))
}

/// The list of a tenant's conversations with unread messages.
pub(crate) fn unread(tenant: &TenantId) -> String {
    format!("{}#U", list(tenant))
}

impl StoredRecord for Conversation {
    const KIND: &'static str = "conversation";

    fn key(&self) -> Key {
        key(&self.tenant, self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn indexes(&self) -> Indexes {
        Indexes {
            g2pk: Some(of_status(&self.tenant, self.status)),
            g3pk: self.assignee.as_ref().map(|agent| of_assignee(&self.tenant, agent)),
            g4pk: (self.unread.count > 0).then(|| unread(&self.tenant)),
            ..Indexes::list(list(&self.tenant), place(self.latest.at, self.id))
        }
    }
}

/// The row of a conversation that was merged into another.
#[derive(Serialize)]
pub(crate) struct MergedConversationRow<'a> {
    #[serde(flatten)]
    conversation: &'a Conversation,
    merged_into: ConversationId,
}

impl<'a> MergedConversationRow<'a> {
    pub(crate) fn of(it: &'a MergedConversation) -> Self {
        Self { conversation: &it.conversation, merged_into: it.into }
    }
}

impl StoredRecord for MergedConversationRow<'_> {
    const KIND: &'static str = Conversation::KIND;

    fn key(&self) -> Key {
        self.conversation.key()
    }

    fn condition(&self) -> Condition {
        self.conversation.condition()
    }
}

/// Reads the row of a conversation, whether it was merged or not.
pub(crate) fn row(row: Row) -> Result<ConversationRow, StoreError> {
    let into = merged_into(&row)?;
    let conversation = read(row)?;
    Ok(match into {
        None => ConversationRow::Current(conversation),
        Some(into) => ConversationRow::Merged(MergedConversation { conversation, into }),
    })
}

#[async_trait]
impl ConversationRows for Table {
    async fn conversation_row(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<ConversationRow>, StoreError> {
        self.get(key(tenant, id)).await?.map(row).transpose()
    }

    async fn conversation_rows(
        &self,
        tenant: &TenantId,
        ids: &[ConversationId],
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let wanted = ids.iter().map(|id| key(tenant, *id)).collect();
        Ok(readable_as(Some(self.get_several(wanted, &[]).await?), row))
    }
}

#[async_trait]
impl ConversationList for Table {
    async fn conversations(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<ConversationMark>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Conversation, ConversationMark>, StoreError> {
        let (list, rest) = list_for(tenant, filter);
        let piece = if rest == Rest::Nothing { limit } else { LOOKED_THROUGH.max(limit) };
        let mut items = Vec::new();
        let mut from = after;
        for _ in 0..LOOKS {
            let Page { items: rows, next: end } =
                self.listed_conversations(tenant, &list, from, order, piece).await?;
            let mut rows = rows.into_iter();
            while let Some(found) = rows.next() {
                let mark = ConversationMark { last_message_at: found.latest.at, id: found.id };
                if filter.fits(&found) {
                    items.push(found);
                }
                if items.len() == usize::from(limit) {
                    let more = rows.len() > 0 || end.is_some();
                    return Ok(Page { items, next: more.then_some(mark) });
                }
            }
            from = end;
            if from.is_none() {
                break;
            }
        }
        Ok(Page { items, next: from })
    }
}

impl Table {
    async fn listed_conversations(
        &self,
        tenant: &TenantId,
        list: &List,
        after: Option<ConversationMark>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Conversation, ConversationMark>, StoreError> {
        let after = after.map(|mark| (key(tenant, mark.id), place(mark.last_message_at, mark.id)));
        let mark = |place: &str| {
            let (last_message_at, id) = conversation_at(place)?;
            Some(ConversationMark { last_message_at, id })
        };
        let page = list.page(self, after, order, limit, mark).await?;
        // The list may lag behind a merge.
        let items = readable_as(Some(page.items), row).into_iter().filter_map(ConversationRow::current);
        Ok(Page { items: items.collect(), next: page.next })
    }
}
