//! A row to write, and under which condition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::dynamodb::keys::{self, Key};
use ventanilla_core::{
    domain::{conversation::Conversation, id::ChannelId, time::Timestamp},
    ports::store::StoreError,
};

/// A row as the SDK has it.
pub(in crate::dynamodb) type Row = HashMap<String, AttributeValue>;

/// A row to write or to take away, and under which condition.
#[derive(Clone)]
pub(in crate::dynamodb) struct Write {
    pub(in crate::dynamodb) deed: Deed,
    pub(in crate::dynamodb) condition: Condition,
}

/// What is done with a row.
#[derive(Clone)]
pub(in crate::dynamodb) enum Deed {
    /// It is written, whole.
    Put(Row),
    /// It is taken away.
    Delete(Key),
    /// Nothing: only its condition counts.
    Check(Key),
}

/// What must be true of the row that is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dynamodb) enum Condition {
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

/// Attributes that every row has besides its content.
#[derive(Serialize)]
struct Envelope<'a, B> {
    pk: &'a str,
    sk: &'a str,
    /// What the row is.
    row: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    g1pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    g1sk: Option<String>,
    #[serde(flatten)]
    lists: &'a Lists,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
    /// Which call wrote it: tells our own write from somebody else's when an answer was lost.
    writer: u64,
    #[serde(flatten)]
    body: &'a B,
}

/// The further lists that a row is on, at the same place in each.
#[derive(Default, Serialize)]
pub(in crate::dynamodb) struct Lists {
    #[serde(skip_serializing_if = "Option::is_none")]
    g2pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    g3pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    g4pk: Option<String>,
}

impl Lists {
    /// Those of a conversation. One that went into another is on none.
    pub(super) fn of(it: &Conversation) -> Self {
        if it.merged_into.is_some() {
            return Self::default();
        }
        Self {
            g2pk: Some(keys::of_status(&it.tenant, it.status)),
            g3pk: it.assignee.as_ref().map(|agent| keys::of_assignee(&it.tenant, agent)),
            g4pk: (it.unread > 0).then(|| keys::unread(&it.tenant)),
        }
    }
}

/// How a row is kept besides its content.
pub(in crate::dynamodb) struct Shape {
    key: Key,
    row: &'static str,
    /// The list that it is on, and its place there.
    pub(in crate::dynamodb) list: Option<(String, String)>,
    /// The further ones.
    pub(super) lists: Lists,
    /// When it may be forgotten.
    pub(super) ttl: Option<Timestamp>,
}

impl Shape {
    pub(in crate::dynamodb) fn plain(key: Key, row: &'static str) -> Self {
        Self { key, row, list: None, lists: Lists::default(), ttl: None }
    }

    pub(in crate::dynamodb) fn write<B: Serialize>(
        self,
        body: &B,
        condition: Condition,
        writer: u64,
    ) -> Result<Write, StoreError> {
        let (list, place) = self.list.unzip();
        let envelope = Envelope {
            pk: &self.key.pk,
            sk: &self.key.sk,
            row: self.row,
            g1pk: list,
            g1sk: place,
            lists: &self.lists,
            ttl: self.ttl.map(Timestamp::seconds),
            writer,
            body,
        };
        let mut row: Row = serde_dynamo::to_item(envelope).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        if let Condition::Rev(rev) = condition {
            row.insert("rev".to_owned(), AttributeValue::N((rev + 1).to_string()));
        }
        if condition == Condition::Absent {
            row.insert("rev".to_owned(), AttributeValue::N("1".to_owned()));
        }
        Ok(Write { deed: Deed::Put(row), condition })
    }
}

/// What must be true of a record that was read with this revision; 0 is none.
pub(super) fn unchanged(rev: u64) -> Condition {
    if rev == 0 { Condition::Absent } else { Condition::Rev(rev) }
}
