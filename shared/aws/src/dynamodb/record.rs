//! How a record is kept: its row, under which condition the row is written, and the way back.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use super::keys::{self, Key};
use ventanilla_core::{
    domain::{id::ChannelId, time::Timestamp},
    ports::store::StoreError,
};

/// A row as the SDK has it.
pub(crate) type Row = HashMap<String, AttributeValue>;

/// A kind of record: what it serializes to is the content of its row.
pub(crate) trait Record: Serialize {
    /// What the row says it is.
    const KIND: &'static str;

    /// Where it lies.
    fn key(&self) -> Key;

    /// What must be true of the row that is there for this one to be written.
    fn condition(&self) -> Condition;

    /// What must be true of the row that is there for it to be taken away.
    fn delete_condition(&self) -> Condition {
        Condition::Any
    }

    /// The indexes that it is on.
    fn indexes(&self) -> Indexes {
        Indexes::default()
    }

    /// When it may be forgotten.
    fn ttl(&self) -> Option<Timestamp> {
        None
    }

    /// Writes it.
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

    /// Takes it away.
    fn delete(&self) -> Operation {
        Operation { op: Op::Delete(self.key()), condition: self.delete_condition() }
    }

    /// Writes nothing; refuses what is written beside it unless it could be written.
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

/// What is done with a row.
#[derive(Clone)]
pub(crate) enum Op {
    /// It is written, whole.
    Put(Row),
    /// It is taken away.
    Delete(Key),
    /// Nothing: only its condition counts.
    Check(Key),
}

/// What must be true of the row that is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// There is none.
    Absent,
    /// It has no place in the log yet.
    Unnumbered,
    /// Nothing: it may be there or not.
    Any,
    /// There is one.
    Present,
    /// It is the one that was read.
    Rev(u64),
    /// It is a line that leads to this channel.
    LeadsTo(ChannelId),
}

impl Condition {
    /// That nobody wrote a record since it was read with this revision; 0 is none.
    pub(crate) fn unchanged(rev: u64) -> Self {
        if rev == 0 { Self::Absent } else { Self::Rev(rev) }
    }
}

/// Attributes that every row has besides its content.
#[derive(Serialize)]
struct Envelope<'a, B: ?Sized> {
    pk: String,
    sk: String,
    /// What the row is.
    row: &'static str,
    #[serde(flatten)]
    indexes: Indexes,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
    /// Which call wrote it: tells our own write from somebody else's when an answer was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    writer: Option<u64>,
    #[serde(flatten)]
    body: &'a B,
}

/// The lists that a row is on, at the same place in each.
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
    /// On a list, at a place.
    pub(crate) fn list(list: String, place: String) -> Self {
        Self { g1pk: Some(list), g1sk: Some(place), ..Self::default() }
    }

    /// On one of the lists of due work, while there is something to do. `number` spreads records over the lists,
    /// `name` tells those apart that are due in the same millisecond.
    pub(crate) fn due(number: u64, at: Option<Timestamp>, name: &str) -> Self {
        at.map(|at| Self::list(keys::due(number), keys::due_place(at, name))).unwrap_or_default()
    }
}

/// Reads a row as what it should be. The error names the kind of row, not its content.
pub(crate) fn read<T: DeserializeOwned>(row: Row) -> Result<T, StoreError> {
    let kind = stamp(&row).map_or_else(|| "unknown".to_owned(), |stamp| stamp.row);
    serde_dynamo::from_item(row).map_err(|_| StoreError::Corrupt(format!("a row of kind {kind}")))
}

/// Which record a row was merged into; none while it goes on.
pub(crate) fn merged_into<T: DeserializeOwned>(row: &Row) -> Result<Option<T>, StoreError> {
    let into = row.get("merged_into").cloned().map(serde_dynamo::from_attribute_value);
    into.transpose().map_err(|_| StoreError::Corrupt("which record a row was merged into".to_owned()))
}

/// The rows that can be read. One that cannot must not cost the list.
pub(crate) fn readable<T: DeserializeOwned>(rows: Option<Vec<Row>>) -> Vec<T> {
    readable_as(rows, read)
}

/// The same, of rows that are read in a way of their own.
pub(crate) fn readable_as<T>(rows: Option<Vec<Row>>, read: impl Fn(Row) -> Result<T, StoreError>) -> Vec<T> {
    let read = rows.unwrap_or_default().into_iter().map(read);
    read.filter_map(|row| {
        row.inspect_err(|error| tracing::error!(%error, "a listed row cannot be read")).ok()
    })
    .collect()
}

/// Who wrote a row, and what it is.
pub(crate) struct Stamp {
    pub(crate) row: String,
    pub(crate) writer: u64,
}

/// The stamp of a row; `None` when it has none that can be read.
pub(crate) fn stamp(row: &Row) -> Option<Stamp> {
    let text = row.get("row")?.as_s().ok()?.clone();
    let writer = row.get("writer").and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok());
    Some(Stamp { row: text, writer: writer.unwrap_or_default() })
}
