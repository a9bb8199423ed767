//! Reads of many rows in one call.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::{
    Table,
    keys::{self, Key},
    record::Row,
    table::unavailable,
};
use ventanilla_core::ports::store::StoreError;

/// Most rows in one call.
const BATCH: usize = 100;

/// Most calls for rows that a busy table left unprocessed.
const TRIES: u32 = 5;

impl Table {
    /// Reads several rows as they are now, in no order; missing ones are left out. With `fields`, only these
    /// attributes are read.
    pub(super) async fn get_several(
        &self,
        wanted: Vec<Key>,
        fields: &'static [&'static str],
    ) -> Result<Vec<Row>, StoreError> {
        let mut met = HashSet::new();
        let wanted = wanted.into_iter().filter(|key| met.insert((key.pk.clone(), key.sk.clone())));
        let keys: Vec<Row> = wanted
            .map(|key| {
                let (pk, sk) = (AttributeValue::S(key.pk), AttributeValue::S(key.sk));
                HashMap::from([(keys::PK.to_owned(), pk), (keys::SK.to_owned(), sk)])
            })
            .collect();
        if keys.len() <= BATCH {
            return self.get_batch(keys, fields).await;
        }
        let mut batches = JoinSet::new();
        for batch in keys.chunks(BATCH) {
            let (table, batch) = (self.clone(), batch.to_vec());
            let read = async move { table.get_batch(batch, fields).await };
            batches.spawn(read.in_current_span());
        }
        let mut rows = Vec::new();
        while let Some(read) = batches.join_next().await {
            let broke_off = |_| Err(StoreError::Unavailable("a read broke off".to_owned()));
            rows.extend(read.unwrap_or_else(broke_off)?);
        }
        Ok(rows)
    }

    async fn get_batch(&self, mut keys: Vec<Row>, fields: &[&str]) -> Result<Vec<Row>, StoreError> {
        // Placeholders, because many attribute names are reserved words.
        let alias = |place: usize| format!("#f{place}");
        let aliases = fields.iter().enumerate().map(|(place, field)| (alias(place), (*field).to_owned()));
        let names: Option<HashMap<String, String>> = (!fields.is_empty()).then(|| aliases.collect());
        let projection = names.as_ref().map(|_| (0..fields.len()).map(alias).collect::<Vec<_>>().join(", "));
        let mut rows = Vec::new();
        for round in 0..TRIES {
            if keys.is_empty() {
                return Ok(rows);
            }
            if round > 0 {
                self.wait(round).await;
            }
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .set_expression_attribute_names(names.clone())
                .set_projection_expression(projection.clone())
                .build();
            let asked = asked.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.name, asked)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| unavailable("BatchGetItem", &error))?;
            rows.extend(answer.responses.and_then(|mut all| all.remove(&self.name)).unwrap_or_default());
            keys = answer
                .unprocessed_keys
                .and_then(|mut all| all.remove(&self.name))
                .map(|left| left.keys)
                .unwrap_or_default();
        }
        if keys.is_empty() {
            return Ok(rows);
        }
        Err(StoreError::Unavailable("BatchGetItem left keys over".to_owned()))
    }
}
