//! A message, beside its conversation.

use async_trait::async_trait;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use super::conversation;
use crate::dynamodb::{
    Table,
    keys::{self, Key, sortable},
    pages::end,
    record::{Condition, Indexes, Row, StoredRecord, readable},
    table::{key_row, unavailable},
};
use ventanilla_core::{
    domain::{
        id::{ConversationId, TenantId},
        message::{Message, MessageAddress},
        time::Timestamp,
    },
    ports::{
        inbox::{Page, SortOrder},
        messages::MessageReads,
        store::StoreError,
    },
};

/// The prefix of the sort keys of messages.
const MESSAGES: &str = "M#";

pub(crate) fn key(tenant: &TenantId, at: MessageAddress) -> Key {
    let sk = format!("{MESSAGES}{}#{:016}", sortable(at.at), at.id.get());
    Key { sk, ..conversation::key(tenant, at.conversation) }
}

/// The message of a conversation with this sort key.
pub(crate) fn message_at(conversation: ConversationId, sk: &str) -> Option<MessageAddress> {
    let (at, id) = sk.strip_prefix(MESSAGES)?.split_once('#')?;
    Some(MessageAddress {
        conversation,
        at: Timestamp::from_millis(at.parse().ok()?),
        id: id.parse::<u64>().ok()?.try_into().ok()?,
    })
}

impl StoredRecord for Message {
    const KIND: &'static str = "message";

    fn key(&self) -> Key {
        key(&self.tenant, self.address)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    /// In the due work until the first status arrived.
    fn indexes(&self) -> Indexes {
        let id = self.address.id.get();
        Indexes::due(id, self.status_due, &format!("{}#{id:016}", self.tenant))
    }
}

#[async_trait]
impl MessageReads for Table {
    async fn message(&self, tenant: &TenantId, at: MessageAddress) -> Result<Option<Message>, StoreError> {
        self.get_as(key(tenant, at)).await
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        from: Option<MessageAddress>,
        order: SortOrder,
        limit: u16,
    ) -> Result<Page<Message, MessageAddress>, StoreError> {
        let answer = self
            .thread(tenant, conversation)
            .set_exclusive_start_key(from.map(|at| key_row(key(tenant, at))))
            .scan_index_forward(order == SortOrder::OldestFirst)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let last = answer.last_evaluated_key.as_ref();
        let next = end(last, keys::SK, |place| message_at(conversation, place))?;
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
        let wanted = at.iter().map(|at| key(tenant, *at)).collect();
        Ok(readable(Some(self.get_several(wanted, &[]).await?)))
    }
}

impl Table {
    /// A query for the messages of a conversation.
    fn thread(&self, tenant: &TenantId, conversation: ConversationId) -> QueryFluentBuilder {
        self.partition(conversation::key(tenant, conversation).pk, MESSAGES)
    }
}
