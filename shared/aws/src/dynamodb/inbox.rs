//! Lists for people, in the table.

use async_trait::async_trait;
use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use serde::de::DeserializeOwned;

use super::{
    Table,
    index::{List, Rest, list_for},
    item::{Row, read},
    keys::{self, Key},
    table::{key_row, unavailable},
};
use ventanilla_core::{
    domain::{
        contact::Contact,
        conversation::Conversation,
        event::Event,
        id::{ContactId, ConversationId, MessageId, TenantId},
        listing::{Filter, NameSearch},
        message::{Message, MessageAddress},
        source::{Source, assembled},
        time::Timestamp,
    },
    ports::{
        inbox::{ConversationMark, Extent, Happenings, Inbox, Order, Page},
        store::StoreError,
    },
};

/// Rows read at a time where not all of them are known to fit.
const LOOKED_THROUGH: u16 = 125;

/// How often that is done for one page: what it costs does not grow with the table.
const LOOKS: u32 = 4;

#[async_trait]
impl Inbox for Table {
    async fn conversations(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<ConversationMark>,
        order: Order,
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
                let mark = ConversationMark { last_message_at: found.last_message_at, id: found.id };
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

    async fn several(
        &self,
        tenant: &TenantId,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreError> {
        let wanted = ids.iter().map(|id| keys::conversation(tenant, *id)).collect();
        let rows = self.get_several(wanted, &[]).await?;
        Ok(readable(Some(rows)))
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        from: Option<MessageAddress>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Message, MessageAddress>, StoreError> {
        let answer = self
            .thread(tenant, conversation)
            .set_exclusive_start_key(from.map(|at| key_row(keys::message(tenant, at))))
            .scan_index_forward(order == Order::OldestFirst)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let next =
            end(answer.last_evaluated_key.as_ref(), keys::SK, |place| keys::message_at(conversation, place))?;
        Ok(Page { items: readable(answer.items), next })
    }

    async fn newest_messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let mut rows: Vec<Row> = Vec::new();
        let (mut left, mut skip) = (i32::try_from(offset.saturating_add(limit)).unwrap_or(i32::MAX), offset);
        let mut start = None;
        while limit > 0 && left > 0 {
            let asked = self.thread(tenant, conversation).set_exclusive_start_key(start);
            let asked = asked.scan_index_forward(false).limit(left);
            let answer = asked.send().await.map_err(|error| unavailable("Query", &error))?;
            left -= answer.count;
            for row in answer.items.unwrap_or_default() {
                if skip == 0 {
                    rows.push(row);
                }
                skip = skip.saturating_sub(1);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(readable(Some(rows)))
    }

    async fn several_messages(
        &self,
        tenant: &TenantId,
        at: &[MessageAddress],
    ) -> Result<Vec<Message>, StoreError> {
        let wanted = at.iter().map(|at| keys::message(tenant, *at)).collect();
        let rows = self.get_several(wanted, &[]).await?;
        Ok(readable(Some(rows)))
    }

    async fn sources(&self, tenant: &TenantId, message: MessageId) -> Result<Vec<Source>, StoreError> {
        let question = self
            .query()
            .consistent_read(true)
            .key_condition_expression("pk = :message AND begins_with(sk, :sources)")
            .expression_attribute_values(":message", AttributeValue::S(keys::attempt(tenant, message).pk))
            .expression_attribute_values(":sources", AttributeValue::S(keys::SOURCES.to_owned()));
        Ok(assembled(readable(Some(self.all_pages(question).await?))))
    }

    async fn contacts(
        &self,
        tenant: &TenantId,
        named: Option<&NameSearch>,
        after: Option<ContactId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError> {
        let Some(search) = named else { return self.listed_contacts(tenant, after, order, limit).await };
        let mut items = Vec::new();
        let mut from = after;
        for _ in 0..LOOKS {
            let page = self.listed_contacts(tenant, from, order, LOOKED_THROUGH.max(limit)).await?;
            let mut rows = page.items.into_iter();
            while let Some(found) = rows.next() {
                let id = found.id;
                if search.fits(&found) {
                    items.push(found);
                }
                if items.len() == usize::from(limit) {
                    let more = rows.len() > 0 || page.next.is_some();
                    return Ok(Page { items, next: more.then_some(id) });
                }
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        Ok(Page { items, next: from })
    }

    async fn happened_since(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        most: u16,
    ) -> Result<Happenings, StoreError> {
        let answer = self
            .query()
            .consistent_read(true)
            .key_condition_expression("pk = :events AND sk >= :since")
            .expression_attribute_values(":events", AttributeValue::S(keys::events(tenant)))
            .expression_attribute_values(":since", AttributeValue::S(keys::event_place(since)))
            .limit(i32::from(most))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let last = end(answer.last_evaluated_key.as_ref(), keys::SK, keys::event_at)?;
        let extent = last.map_or(Extent::Whole, Extent::Until);
        let mut events: Vec<Event> = readable(answer.items);
        events.reverse();
        Ok(Happenings { events, extent })
    }
}

impl Table {
    /// A question for the messages of a conversation.
    fn thread(&self, tenant: &TenantId, conversation: ConversationId) -> QueryFluentBuilder {
        let thread = keys::conversation(tenant, conversation).pk;
        self.query()
            .consistent_read(true)
            .key_condition_expression("pk = :thread AND begins_with(sk, :messages)")
            .expression_attribute_values(":thread", AttributeValue::S(thread))
            .expression_attribute_values(":messages", AttributeValue::S(keys::MESSAGES.to_owned()))
    }

    /// A page of a list, by place: `after` is the row that it begins behind, with its place, and
    /// `place` reads where the next one does.
    pub(super) async fn listed<T: DeserializeOwned, P>(
        &self,
        list: &List,
        after: Option<(Key, String)>,
        order: Order,
        limit: u16,
        place: impl FnOnce(&str) -> Option<P>,
    ) -> Result<Page<T, P>, StoreError> {
        let start = after.map(|(key, place)| {
            let mut row = key_row(key);
            row.insert(list.key.to_owned(), AttributeValue::S(list.value.clone()));
            row.insert(keys::G1SK.to_owned(), AttributeValue::S(place));
            row
        });
        let answer = self
            .query()
            .index_name(list.index)
            .key_condition_expression("#list = :list")
            .expression_attribute_names("#list", list.key)
            .expression_attribute_values(":list", AttributeValue::S(list.value.clone()))
            .set_exclusive_start_key(start)
            .scan_index_forward(order == Order::OldestFirst)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let next = end(answer.last_evaluated_key.as_ref(), keys::G1SK, place)?;
        Ok(Page { items: readable(answer.items), next })
    }

    async fn listed_contacts(
        &self,
        tenant: &TenantId,
        after: Option<ContactId>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Contact, ContactId>, StoreError> {
        let after = after.map(|id| (keys::contact(tenant, id), keys::contact_place(id)));
        self.listed(&List::of(keys::contacts(tenant)), after, order, limit, keys::contact_at).await
    }

    async fn listed_conversations(
        &self,
        tenant: &TenantId,
        list: &List,
        after: Option<ConversationMark>,
        order: Order,
        limit: u16,
    ) -> Result<Page<Conversation, ConversationMark>, StoreError> {
        let after = after.map(|mark| {
            let place = keys::conversation_place(mark.last_message_at, mark.id);
            (keys::conversation(tenant, mark.id), place)
        });
        let mark = |place: &str| {
            let (last_message_at, id) = keys::conversation_at(place)?;
            Some(ConversationMark { last_message_at, id })
        };
        self.listed(list, after, order, limit, mark).await
    }
}

/// Where a page ends that is not the last. The store says it itself: the last row, or all of them, may be ones that
/// cannot be read.
pub(super) fn end<P>(
    last: Option<&Row>,
    name: &str,
    place: impl FnOnce(&str) -> Option<P>,
) -> Result<Option<P>, StoreError> {
    let Some(last) = last else { return Ok(None) };
    let found = last.get(name).and_then(|spelled| spelled.as_s().ok()).and_then(|spelled| place(spelled));
    found.map(Some).ok_or_else(|| StoreError::Corrupt("where a page ends".to_owned()))
}

/// The rows that can be read. One that cannot must not cost the list.
pub(super) fn readable<T: DeserializeOwned>(rows: Option<Vec<Row>>) -> Vec<T> {
    let read = rows.unwrap_or_default().into_iter().map(read);
    read.filter_map(|row| {
        row.inspect_err(|error| tracing::error!(%error, "a listed row cannot be read")).ok()
    })
    .collect()
}
