//! From a change to the row it writes, and back.

mod live;
mod rows;
mod shape;

use serde::de::DeserializeOwned;

pub(super) use self::{
    live::SocketRoute,
    rows::{RawRow, write},
    shape::{Condition, Deed, Row, Shape, Write},
};
use ventanilla_core::ports::store::StoreError;

/// Reads a row as what it should be. The error names the kind of row, not its content.
pub(super) fn read<T: DeserializeOwned>(row: Row) -> Result<T, StoreError> {
    let kind = stamp(&row).map_or_else(|| "unknown".to_owned(), |stamp| stamp.row);
    serde_dynamo::from_item(row).map_err(|_| StoreError::Corrupt(format!("a row of kind {kind}")))
}

/// Who wrote a row, and what it is.
pub(super) struct Stamp {
    pub(super) row: String,
    pub(super) writer: u64,
}

/// The stamp of a row; `None` when it has none that can be read.
pub(super) fn stamp(row: &Row) -> Option<Stamp> {
    let text = row.get("row")?.as_s().ok()?.clone();
    let writer = row.get("writer").and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok());
    Some(Stamp { row: text, writer: writer.unwrap_or_default() })
}
