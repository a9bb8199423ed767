//! The archive: webhooks as received.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::dynamodb::{
    Table,
    keys::{self, Key, of},
    record::{Condition, StoredRecord, readable},
    table::{key_row, unavailable},
};
use ventanilla_core::{
    domain::{
        channel::Origin,
        raw::{RawChunk, RawItem, RawOwner},
        time::Timestamp,
    },
    ports::{
        archive::{Archive, ArchiveMark},
        inbox::Page,
        store::StoreError,
    },
};

/// Partitions over which the raw items of one owner and hour are spread.
const SHARDS: u32 = 16;

/// The most rows that one query reads. DynamoDB ends a page at 1 MB besides.
const ROWS: i32 = 100;

/// By hour and content, so that duplicates are stored once in an hour.
pub(crate) fn key(chunk: &RawChunk) -> Key {
    let first = chunk.digest.chars().next();
    let shard = first.and_then(|digit| digit.to_digit(SHARDS)).unwrap_or_default();
    Key { pk: shard_of(&chunk.owner, chunk.at, shard), sk: format!("{}#{:04}", chunk.digest, chunk.number) }
}

/// One of the partitions of an owner's raw items of one hour.
fn shard_of(owner: &RawOwner, hour: Timestamp, shard: u32) -> String {
    let owner = match owner {
        RawOwner::Tenant(tenant) => format!("{}U#", of(tenant)),
        RawOwner::Sender(Origin::App(app)) => format!("R#U#{app}#"),
        RawOwner::Sender(Origin::Channel(channel)) => format!("R#U#CH#{channel}#"),
    };
    format!("{owner}{}#{shard:x}", hour.hour())
}

/// A piece with its stored fields; the key holds the owner.
#[derive(Serialize)]
pub(crate) struct RawRow<'a> {
    #[serde(skip)]
    piece: &'a RawChunk,
    #[serde(flatten)]
    kept: StoredChunk,
}

#[derive(Serialize, Deserialize)]
struct StoredChunk {
    at: Timestamp,
    expires_at: Timestamp,
    #[serde(flatten)]
    origin: Origin,
    digest: String,
    number: usize,
    of: usize,
    body: String,
}

impl<'a> RawRow<'a> {
    pub(crate) fn of(chunk: &'a RawChunk) -> Self {
        let kept = StoredChunk {
            at: chunk.at,
            expires_at: chunk.expires_at,
            origin: chunk.origin.clone(),
            digest: chunk.digest.clone(),
            number: chunk.number,
            of: chunk.of,
            body: chunk.body.clone(),
        };
        Self { piece: chunk, kept }
    }
}

impl StoredRecord for RawRow<'_> {
    const KIND: &'static str = "raw";

    fn key(&self) -> Key {
        key(self.piece)
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.piece.expires_at)
    }
}

#[async_trait]
impl Archive for Table {
    async fn hour(
        &self,
        owner: &RawOwner,
        hour: Timestamp,
        mark: Option<ArchiveMark>,
    ) -> Result<Page<RawItem, ArchiveMark>, StoreError> {
        let ArchiveMark { shard, mut after } = mark.unwrap_or(ArchiveMark { shard: 0, after: None });
        let pk = shard_of(owner, hour, shard);
        let mut rows: Vec<StoredChunk> = Vec::new();
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
            None if shard + 1 < SHARDS => Some(ArchiveMark { shard: shard + 1, after: None }),
            None => None,
        };
        Ok(Page { items: assembled(owner, rows), next })
    }
}

/// Joins the pieces of each text. They follow each other.
fn assembled(owner: &RawOwner, rows: Vec<StoredChunk>) -> Vec<RawItem> {
    let mut items = Vec::new();
    let (mut text, mut digest, mut joined) = (String::new(), String::new(), 0);
    for row in rows {
        if row.digest != digest {
            text.clear();
            digest.clone_from(&row.digest);
            joined = 0;
        }
        // Where a piece is missing, the webhook was delivered again and is complete elsewhere.
        if row.number != joined {
            tracing::warn!(digest = row.digest, "an archived webhook lacks a piece");
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
