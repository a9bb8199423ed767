//! Lists for people, in the table.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

use super::{
    Table,
    item::{Row, read},
    keys::{self, Key},
    table::unavailable,
};
use crate::{
    domain::{
        conversation::Conversation,
        id::{ConversationId, TenantId},
        message::{Message, MessageAddress},
    },
    port::{
        book::StoreError,
        inbox::{ConversationMark, Inbox, Page},
    },
};

#[async_trait]
impl Inbox for Table {
    async fn conversations(
        &self,
        tenant: &TenantId,
        after: Option<ConversationMark>,
        limit: u16,
    ) -> Result<Page<Conversation, ConversationMark>, StoreError> {
        let list = keys::conversations(tenant);
        let start = after.map(|mark| {
            let mut row = key_row(keys::conversation(tenant, mark.id));
            row.insert(keys::G1PK.to_owned(), AttributeValue::S(list.clone()));
            let place = keys::conversation_place(mark.last_message_at, mark.id);
            row.insert(keys::G1SK.to_owned(), AttributeValue::S(place));
            row
        });
        let answer = self
            .query()
            .index_name(keys::LISTS)
            .key_condition_expression("g1pk = :list")
            .expression_attribute_values(":list", AttributeValue::S(list.clone()))
            .set_exclusive_start_key(start)
            .scan_index_forward(false)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let more = answer.last_evaluated_key.is_some();
        let items = readable(answer.items);
        let next = items
            .last()
            .filter(|_| more)
            .map(|it: &Conversation| ConversationMark { last_message_at: it.last_message_at, id: it.id });
        Ok(Page { items, next })
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        conversation: ConversationId,
        before: Option<MessageAddress>,
        limit: u16,
    ) -> Result<Page<Message, MessageAddress>, StoreError> {
        let answer = self
            .query()
            .consistent_read(true)
            .key_condition_expression("pk = :thread AND begins_with(sk, :messages)")
            .expression_attribute_values(
                ":thread",
                AttributeValue::S(keys::conversation(tenant, conversation).pk),
            )
            .expression_attribute_values(":messages", AttributeValue::S(keys::MESSAGES.to_owned()))
            .set_exclusive_start_key(before.map(|at| key_row(keys::message(tenant, at))))
            .scan_index_forward(false)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let more = answer.last_evaluated_key.is_some();
        let items = readable(answer.items);
        let next = items.last().filter(|_| more).map(|message: &Message| message.address);
        Ok(Page { items, next })
    }
}

/// The rows that can be read. One that cannot must not cost the list.
pub(super) fn readable<T: DeserializeOwned>(rows: Option<Vec<Row>>) -> Vec<T> {
    let read = rows.unwrap_or_default().into_iter().map(read);
    read.filter_map(|row| {
        row.inspect_err(|error| tracing::error!(%error, "a listed row cannot be read")).ok()
    })
    .collect()
}

pub(super) fn key_row(key: Key) -> Row {
    [(keys::PK.to_owned(), AttributeValue::S(key.pk)), (keys::SK.to_owned(), AttributeValue::S(key.sk))]
        .into()
}
