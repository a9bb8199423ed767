//! Following merges: the one implementation of [`ConversationReads`], over the rows that an adapter reads.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{ConversationReads, ConversationRow, ConversationRows};
use crate::{
    domain::{
        conversation::{Conversation, WholeConversation},
        id::{ConversationId, TenantId},
    },
    ports::store::StoreError,
};

#[async_trait]
impl<T: ConversationRows> ConversationReads for T {
    async fn conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        Ok(self.whole_conversation(tenant, id).await?.map(|whole| whole.conversation))
    }

    async fn whole_conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<WholeConversation>, StoreError> {
        match self.conversation_row(tenant, id).await? {
            Some(row) => followed(self, row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn current(&self, row: ConversationRow) -> Result<Conversation, StoreError> {
        Ok(followed(self, row).await?.conversation)
    }

    async fn several(
        &self,
        tenant: &TenantId,
        ids: &[ConversationId],
    ) -> Result<BTreeMap<ConversationId, Conversation>, StoreError> {
        let mut rows = BTreeMap::new();
        let mut wanted = ids.to_vec();
        while !wanted.is_empty() {
            let found = self.conversation_rows(tenant, &wanted).await?;
            if found.is_empty() {
                break;
            }
            rows.extend(found.into_iter().map(|row| (row.as_written().id, row)));
            wanted = rows.values().filter_map(merged_into).filter(|next| !rows.contains_key(next)).collect();
        }
        let current = |id: &ConversationId| Some((*id, end_of_merges(&rows, *id)?.clone()));
        Ok(ids.iter().filter_map(current).collect())
    }
}

fn merged_into(row: &ConversationRow) -> Option<ConversationId> {
    match row {
        ConversationRow::Current(_) => None,
        ConversationRow::Merged(it) => Some(it.into),
    }
}

/// Where a row leads. A merge can be followed by another one.
async fn followed(
    rows: &dyn ConversationRows,
    mut row: ConversationRow,
) -> Result<WholeConversation, StoreError> {
    let mut before = Vec::new();
    loop {
        let merged = match row {
            ConversationRow::Current(it) => return Ok(WholeConversation::new(it, before)),
            ConversationRow::Merged(it) => it,
        };
        let ended = merged.conversation.id;
        before.push(ended);
        let leads_nowhere = || StoreError::Corrupt(format!("conversation {ended} was merged into none"));
        // The older contact's goes on, so this ends; rows that say otherwise must not keep us here.
        if before.contains(&merged.into) {
            return Err(leads_nowhere());
        }
        let next = rows.conversation_row(&merged.conversation.tenant, merged.into).await?;
        row = next.ok_or_else(leads_nowhere)?;
    }
}

/// The same among rows that are all known.
fn end_of_merges(
    rows: &BTreeMap<ConversationId, ConversationRow>,
    mut id: ConversationId,
) -> Option<&Conversation> {
    // Who has passed as many as there are goes round in a circle.
    for _ in 0..rows.len() {
        match rows.get(&id)? {
            ConversationRow::Current(it) => return Some(it),
            ConversationRow::Merged(it) => id = it.into,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;
    use crate::domain::conversation::MergedConversation;

    /// Rows, and the ids of each call for some of them.
    #[derive(Default)]
    struct Rows {
        rows: BTreeMap<ConversationId, ConversationRow>,
        calls: Mutex<Vec<Vec<u64>>>,
    }

    #[async_trait]
    impl ConversationRows for Rows {
        async fn conversation_row(
            &self,
            tenant: &TenantId,
            id: ConversationId,
        ) -> Result<Option<ConversationRow>, StoreError> {
            Ok(self.conversation_rows(tenant, &[id]).await?.pop())
        }

        async fn conversation_rows(
            &self,
            _: &TenantId,
            ids: &[ConversationId],
        ) -> Result<Vec<ConversationRow>, StoreError> {
            self.calls.lock().unwrap().push(ids.iter().map(|id| id.get()).collect());
            Ok(ids.iter().filter_map(|id| self.rows.get(id).cloned()).collect())
        }
    }

    fn id(number: u64) -> ConversationId {
        number.try_into().unwrap()
    }

    fn tenant() -> TenantId {
        "demo".parse().unwrap()
    }

    /// Conversations, each with the one that it was merged into.
    fn rows(all: &[(u64, Option<u64>)]) -> Rows {
        let row = |&(number, into): &(u64, Option<u64>)| {
            let conversation: Conversation = serde_json::from_value(json!({
                "id": number, "tenant": "demo", "channel": 1, "contact": 9, "status": "active",
                "last_message_at": 0, "unread": 0, "created_at": 0, "rev": 1,
            }))
            .unwrap();
            let row = match into {
                None => ConversationRow::Current(conversation),
                Some(into) => ConversationRow::Merged(MergedConversation { conversation, into: id(into) }),
            };
            (id(number), row)
        };
        Rows { rows: all.iter().map(row).collect(), ..Rows::default() }
    }

    #[tokio::test]
    async fn a_conversation_is_read_under_every_id_that_it_had() {
        let rows = rows(&[(1, Some(2)), (2, Some(3)), (3, None), (4, None)]);
        for (asked, found, passed) in
            [(1, 3, vec![3, 1, 2]), (2, 3, vec![3, 2]), (3, 3, vec![3]), (4, 4, vec![4])]
        {
            let whole = rows.whole_conversation(&tenant(), id(asked)).await.unwrap().unwrap();
            assert_eq!(whole.ids(), passed.into_iter().map(id).collect::<Vec<_>>(), "{asked}");
            let conversation = rows.conversation(&tenant(), id(asked)).await.unwrap().unwrap();
            let of_row = rows.current(rows.rows[&id(asked)].clone()).await.unwrap();
            assert_eq!(
                (conversation.id, of_row.id, whole.conversation.id),
                (id(found), id(found), id(found))
            );
        }
        assert_eq!(rows.conversation(&tenant(), id(5)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_merge_that_leads_nowhere_or_round_is_an_error_and_costs_no_other_conversation() {
        let rows = rows(&[(1, Some(9)), (2, Some(2)), (3, Some(4)), (4, Some(3)), (5, Some(3)), (6, None)]);
        for broken in 1..=5 {
            let read = rows.conversation(&tenant(), id(broken)).await;
            assert!(matches!(read, Err(StoreError::Corrupt(_))), "{broken}: {read:?}");
        }
        let several = rows.several(&tenant(), &[1, 2, 3, 4, 5, 6].map(id)).await.unwrap();
        assert_eq!(several.keys().copied().collect::<Vec<_>>(), [id(6)]);
    }

    #[tokio::test]
    async fn several_are_followed_together_and_known_rows_are_not_read_again() {
        let rows = rows(&[(1, Some(2)), (2, Some(3)), (3, None), (4, Some(3)), (5, None)]);
        let several = rows.several(&tenant(), &[1, 4, 5, 7].map(id)).await.unwrap();
        let found: Vec<(u64, u64)> = several.iter().map(|(asked, it)| (asked.get(), it.id.get())).collect();
        assert_eq!(found, [(1, 3), (4, 3), (5, 5)]);
        assert_eq!(*rows.calls.lock().unwrap(), [vec![1, 4, 5, 7], vec![2, 3]]);
        assert!(rows.several(&tenant(), &[]).await.unwrap().is_empty());
        assert_eq!(rows.calls.lock().unwrap().len(), 2, "nothing is asked for nothing");
    }
}
