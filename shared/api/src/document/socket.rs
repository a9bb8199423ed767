//! The AsyncAPI document of Pipes.bot's contract.

use serde_json::{Map, Value};

use super::{DocumentError, Schemas, schemas::insert, whole::take};
use crate::contracts::pipes::document::SOCKET;

/// A contract's part of the AsyncAPI document.
#[derive(Debug, Clone, Copy)]
pub struct SocketDocument {
    /// The contract's name, for error messages.
    pub name: &'static str,
    /// Its `asyncapi.yaml`: everything but the schemas of types.
    pub words: &'static str,
    /// Adds the types of its frames.
    pub schemas: fn(&mut Schemas),
}

/// Builds the AsyncAPI document.
///
/// # Errors
/// Says which parts do not fit together.
pub fn asyncapi() -> Result<Value, DocumentError> {
    let SocketDocument { name: room, words, schemas } = SOCKET;
    let mut document: Map<String, Value> =
        yaml_serde::from_str(words).map_err(|error| DocumentError::Yaml { room, error })?;
    let mut components = take(&mut document, "components");
    let mut all = take(&mut components, "schemas");
    let mut types = Schemas::new();
    schemas(&mut types);
    for (name, schema) in types.take()? {
        insert(&mut all, name, schema)?;
    }
    all.sort_keys();
    components.insert("schemas".to_owned(), Value::Object(all));
    document.insert("components".to_owned(), Value::Object(components));
    Ok(Value::Object(document))
}
