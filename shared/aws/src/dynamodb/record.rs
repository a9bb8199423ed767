//! Encoding of records: the row, the condition of its write, and decoding.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use super::keys::{self, Key};
use ventanilla_core::{
    domain::{id::ChannelId, time::Timestamp},
    ports::store::StoreError,
};

/// A row as the SDK represents it.
pub(crate) type Row = HashMap<String, AttributeValue>;

/// A kind of record: its serialized form is the content of its row.
pub(crate) trait StoredRecord: Serialize {
    /// The value of the row's attribute `row`.
    const KIND: &'static str;

    /// The primary key of its row.
    fn key(&self) -> Key;

    /// The condition on the stored row under which it is written.
    fn condition(&self) -> Condition;

    /// The condition on the stored row under which it is deleted.
    fn delete_condition(&self) -> Condition {
        Condition::Any
    }

    /// The index keys of its row.
    fn indexes(&self) -> Indexes {
        Indexes::default()
    }

    /// When the row expires; `None` for never.
    fn ttl(&self) -> Option<Timestamp> {
        None
    }

    /// Writes it under its own condition.
    fn put(&self, writer: u64) -> Result<Operation, StoreError> {
        self.put_if(self.condition(), writer)
    }

    /// Writes it under another condition than its own.
    fn put_if(&self, condition: Condition, writer: u64) -> Result<Operation, StoreError> {
        let mut row = self.row(Some(writer))?;
        let rev = match condition {
            Condition::Rev(rev) => Some(rev + 1),
            Condition::Absent => Some(1),
            _ => None,
        };
        row.extend(rev.map(|rev| ("rev".to_owned(), AttributeValue::N(rev.to_string()))));
        Ok(Operation { op: Op::Put(row), condition })
    }

    /// Deletes it under its own condition.
    fn delete(&self) -> Operation {
        Operation { op: Op::Delete(self.key()), condition: self.delete_condition() }
    }

    /// Writes nothing; the transaction conflicts unless this record could be written.
    fn check(&self) -> Operation {
        Operation { op: Op::Check(self.key()), condition: self.condition() }
    }

    /// Its row, before its revision is raised.
    fn row(&self, writer: Option<u64>) -> Result<Row, StoreError> {
        let Key { pk, sk } = self.key();
        let ttl = self.ttl().map(Timestamp::seconds);
        let envelope = Envelope { pk, sk, row: Self::KIND, indexes: self.indexes(), ttl, writer, body: self };
        serde_dynamo::to_item(envelope).map_err(|error| StoreError::Corrupt(error.to_string()))
    }
}

/// One operation on the table.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) op: Op,
    pub(crate) condition: Condition,
}

/// The effect of an operation on a row.
#[derive(Clone)]
pub(crate) enum Op {
    /// Writes the whole row.
    Put(Row),
    Delete(Key),
    /// Only checks the condition.
    Check(Key),
}

/// A condition on the stored row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// There is no such row.
    Absent,
    /// It has no log number yet.
    Unnumbered,
    /// None: it may exist or not.
    Any,
    /// There is such a row.
    Present,
    /// It has the revision that was read.
    Rev(u64),
    /// It is an inbound address of this channel.
    LeadsTo(ChannelId),
}

impl Condition {
    /// The condition that the record has the revision that was read; 0 means that it must not exist.
    pub(crate) fn unchanged(rev: u64) -> Self {
        if rev == 0 { Self::Absent } else { Self::Rev(rev) }
    }
}

/// The attributes of every row besides its content.
#[derive(Serialize)]
struct Envelope<'a, B: ?Sized> {
    pk: String,
    sk: String,
    /// The kind of the record.
    row: &'static str,
    #[serde(flatten)]
    indexes: Indexes,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
    /// The commit that wrote it: distinguishes our own write from another one when a response was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    writer: Option<u64>,
    #[serde(flatten)]
    body: &'a B,
}

/// The index keys of a row, with the same sort key in each index.
#[derive(Default, Serialize)]
pub(crate) struct Indexes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) g1pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) g1sk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) g2pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) g3pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) g4pk: Option<String>,
}

impl Indexes {
    /// An entry of a list, with its sort key.
    pub(crate) fn list(list: String, place: String) -> Self {
        Self { g1pk: Some(list), g1sk: Some(place), ..Self::default() }
    }

    /// An entry of the due work, while there is some. `number` selects the shard, `name` distinguishes
    /// entries that are due in the same millisecond.
    pub(crate) fn due(number: u64, at: Option<Timestamp>, name: &str) -> Self {
        at.map(|at| Self::list(keys::due(number), keys::due_place(at, name))).unwrap_or_default()
    }
}

/// Decodes a row. The error names the kind of row, not its content.
pub(crate) fn read<T: DeserializeOwned>(row: Row) -> Result<T, StoreError> {
    let kind = stamp(&row).map_or_else(|| "unknown".to_owned(), |stamp| stamp.row);
    serde_dynamo::from_item(row).map_err(|_| StoreError::Corrupt(format!("a row of kind {kind}")))
}

/// Which record a row was merged into; none while it goes on.
pub(crate) fn merged_into<T: DeserializeOwned>(row: &Row) -> Result<Option<T>, StoreError> {
    let into = row.get("merged_into").cloned().map(serde_dynamo::from_attribute_value);
    into.transpose().map_err(|_| StoreError::Corrupt("which record a row was merged into".to_owned()))
}

/// The rows that can be decoded. An unreadable one must not fail the list.
pub(crate) fn readable<T: DeserializeOwned>(rows: Option<Vec<Row>>) -> Vec<T> {
    readable_as(rows, read)
}

/// The same, of rows that are read in a way of their own.
pub(crate) fn readable_as<T>(rows: Option<Vec<Row>>, read: impl Fn(Row) -> Result<T, StoreError>) -> Vec<T> {
    let read = rows.unwrap_or_default().into_iter().map(read);
    read.filter_map(|row| {
        row.inspect_err(|error| tracing::error!(%error, "a listed row cannot be decoded")).ok()
    })
    .collect()
}

/// The writer and the kind of a row.
pub(crate) struct Stamp {
    pub(crate) row: String,
    pub(crate) writer: u64,
}

/// The stamp of a row; `None` when it cannot be decoded.
pub(crate) fn stamp(row: &Row) -> Option<Stamp> {
    let text = row.get("row")?.as_s().ok()?.clone();
    let writer = row.get("writer").and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok());
    Some(Stamp { row: text, writer: writer.unwrap_or_default() })
}
