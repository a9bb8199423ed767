//! A contract's part of the document.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{DocumentError, Schemas};
use crate::common::route::Route;

/// A contract's part of the OpenAPI document.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Its name, for error messages.
    pub name: &'static str,
    /// The contract's route table.
    pub routes: &'static [Route],
    /// The text of its `openapi.yaml`.
    pub words: &'static str,
    /// Each adds a type that its table names.
    pub bodies: &'static [fn(&mut Schemas)],
    /// Adds the schemas that the table does not name.
    pub others: fn(&mut Schemas),
}

/// The parsed `openapi.yaml` of a contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// The tags of operations that have none of their own.
    #[serde(default)]
    pub(super) tags: Vec<String>,
    /// The security schemes by which the contract's clients send their key; an empty name for a call
    /// without.
    #[serde(default)]
    pub(super) keys: Vec<String>,
    /// The entries of operations, by operation id.
    pub(super) operations: Map<String, Value>,
    /// Fields of a path itself, and operations beside the one of its route.
    #[serde(default)]
    pub(super) paths: Map<String, Value>,
    /// Responses that several operations share.
    #[serde(default)]
    pub(super) responses: Map<String, Value>,
    /// Schemas that no type has.
    #[serde(default)]
    pub(super) schemas: Map<String, Value>,
}

impl Room {
    /// Parses the file, whose entries must belong to this contract's operations.
    pub(super) fn read(&self) -> Result<Words, DocumentError> {
        let room = self.name;
        let words: Words =
            yaml_serde::from_str(self.words).map_err(|error| DocumentError::Yaml { room, error })?;
        for route in self.routes {
            if !words.operations.contains_key(route.operation) {
                return Err(DocumentError::Undescribed { room, operation: route.operation });
            }
        }
        let known = |id: &String| self.routes.iter().any(|route| route.operation == id);
        match words.operations.keys().find(|id| !known(id)) {
            Some(id) => Err(DocumentError::Unrouted { room, operation: id.clone() }),
            None => Ok(words),
        }
    }
}
