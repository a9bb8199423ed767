//! The archive of callbacks, in the table.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Table,
    inbox::readable,
    item::RawRow,
    keys::{self, Key},
    table::{key_row, unavailable},
};
use ventanilla_core::{
    domain::{
        raw::{RawItem, RawOwner},
        time::Timestamp,
    },
    ports::{
        archive::{Archive, ArchiveMark},
        inbox::Page,
        store::StoreError,
    },
};

/// Rows read at a time.
const ROWS: i32 = 100;

#[async_trait]
impl Archive for Table {
    async fn hour(
        &self,
        owner: &RawOwner,
        hour: Timestamp,
        mark: Option<ArchiveMark>,
    ) -> Result<Page<RawItem, ArchiveMark>, StoreError> {
        let ArchiveMark { shard, mut after } = mark.unwrap_or(ArchiveMark { shard: 0, after: None });
        let pk = keys::raw_shard(owner, hour, shard);
        let mut rows: Vec<RawRow> = Vec::new();
        loop {
            let start = after.map(|sk| key_row(Key { pk: pk.clone(), sk }));
            let answer = self
                .query()
                .key_condition_expression("pk = :part")
                .expression_attribute_values(":part", AttributeValue::S(pk.clone()))
                .set_exclusive_start_key(start)
                .limit(ROWS)
                .send()
                .await
                .map_err(|error| unavailable("Query", &error))?;
            let last = answer.last_evaluated_key.as_ref().and_then(|key| key.get(keys::SK)?.as_s().ok());
            after = last.cloned();
            rows.extend(readable(answer.items));
            // A page must not end within a text.
            let within = rows.last().is_some_and(|row| row.number + 1 < row.of);
            if after.is_none() || !within {
                break;
            }
        }
        let next = match after {
            Some(sk) => Some(ArchiveMark { shard, after: Some(sk) }),
            None if shard + 1 < keys::RAW_SHARDS => Some(ArchiveMark { shard: shard + 1, after: None }),
            None => None,
        };
        Ok(Page { items: assembled(owner, rows), next })
    }
}

/// Puts the pieces of each text together. They come one after the other.
fn assembled(owner: &RawOwner, rows: Vec<RawRow>) -> Vec<RawItem> {
    let mut items = Vec::new();
    let (mut text, mut digest, mut joined) = (String::new(), String::new(), 0);
    for row in rows {
        if row.digest != digest {
            text.clear();
            digest.clone_from(&row.digest);
            joined = 0;
        }
        // Where a piece is missing, the callback was told again and is complete in another place.
        if row.number != joined {
            tracing::warn!(digest = row.digest, "a kept callback lacks a piece");
            continue;
        }
        text.push_str(&row.body);
        joined += 1;
        if joined == row.of {
            items.push(RawItem {
                owner: owner.clone(),
                origin: row.origin,
                at: row.at,
                expires_at: row.expires_at,
                body: std::mem::take(&mut text),
            });
        }
    }
    items
}
