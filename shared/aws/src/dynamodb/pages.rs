//! Reads of partitions and lists, whole or page by page.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};

use super::{
    Table,
    index::List,
    keys::{self, Key},
    record::Row,
    table::{key_row, unavailable},
};
use ventanilla_core::ports::{
    inbox::{Page, SortOrder},
    store::StoreError,
};

/// Rows per read where a filter applies.
pub(super) const LOOKED_THROUGH: u16 = 125;

/// Most such reads per page: its cost does not grow with the table.
pub(super) const LOOKS: u32 = 4;

impl Table {
    /// A query for the rows of a partition with this prefix of their sort keys, with consistent reads.
    pub(super) fn partition(&self, pk: String, begin: &str) -> QueryFluentBuilder {
        let asked =
            self.query().consistent_read(true).expression_attribute_values(":part", AttributeValue::S(pk));
        if begin.is_empty() {
            return asked.key_condition_expression("pk = :part");
        }
        asked
            .key_condition_expression("pk = :part AND begins_with(sk, :begin)")
            .expression_attribute_values(":begin", AttributeValue::S(begin.to_owned()))
    }

    /// All rows of a query, page by page.
    pub(super) async fn all_pages(&self, question: QueryFluentBuilder) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        let mut start = None;
        loop {
            let asked = question.clone().set_exclusive_start_key(start).send().await;
            let answer = asked.map_err(|error| unavailable("Query", &error))?;
            rows.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }
}

impl List {
    /// All rows of the list.
    pub(super) async fn all(&self, table: &Table) -> Result<Vec<Row>, StoreError> {
        table.all_pages(self.question(table)).await
    }

    /// A query for the rows of the list.
    fn question(&self, table: &Table) -> QueryFluentBuilder {
        table
            .query()
            .index_name(self.index)
            .key_condition_expression("#list = :list")
            .expression_attribute_names("#list", self.key)
            .expression_attribute_values(":list", AttributeValue::S(self.value.clone()))
    }

    /// A page of the list, by sort key: `after` is the row after which it begins, with its sort key, and
    /// `place` reads the position of the next page.
    pub(super) async fn page<P>(
        &self,
        table: &Table,
        after: Option<(Key, String)>,
        order: SortOrder,
        limit: u16,
        place: impl FnOnce(&str) -> Option<P>,
    ) -> Result<Page<Row, P>, StoreError> {
        let start = after.map(|(key, place)| {
            let mut row = key_row(key);
            row.insert(self.key.to_owned(), AttributeValue::S(self.value.clone()));
            row.insert(keys::G1SK.to_owned(), AttributeValue::S(place));
            row
        });
        let answer = self
            .question(table)
            .set_exclusive_start_key(start)
            .scan_index_forward(order == SortOrder::OldestFirst)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let next = end(answer.last_evaluated_key.as_ref(), keys::G1SK, place)?;
        Ok(Page { items: answer.items.unwrap_or_default(), next })
    }
}

/// The end of a page that is not the last. It comes from the query itself, because the last row, or all of
/// them, may be unreadable.
pub(super) fn end<P>(
    last: Option<&Row>,
    name: &str,
    place: impl FnOnce(&str) -> Option<P>,
) -> Result<Option<P>, StoreError> {
    let Some(last) = last else { return Ok(None) };
    let found = last.get(name).and_then(|spelled| spelled.as_s().ok()).and_then(|spelled| place(spelled));
    found.map(Some).ok_or_else(|| StoreError::Corrupt("where a page ends".to_owned()))
}
