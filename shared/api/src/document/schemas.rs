//! Schemas of the types of bodies.

use std::fmt;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use super::{DocumentError, tidy};

/// Collects schemas, with those that they refer to.
pub struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        let requests = settings.clone().into_generator();
        Self { requests, answers: settings.for_serialize().into_generator() }
    }

    /// Adds the type of a request body: fields with a default are not required.
    pub fn request<T: JsonSchema>(&mut self) {
        self.requests.subschema_for::<T>();
    }

    /// Adds the type of a response body: a field is required unless it is skipped, and a skipped field is
    /// never null.
    pub fn answer<T: JsonSchema>(&mut self) {
        self.answers.subschema_for::<T>();
    }

    /// All schemas by name.
    pub(super) fn take(mut self) -> Result<Map<String, Value>, DocumentError> {
        let mut all = Map::new();
        let of_requests = self.requests.take_definitions(true).into_iter().map(tidy::request);
        let of_answers = self.answers.take_definitions(true).into_iter().map(tidy::answer);
        for (name, schema) in of_requests.chain(of_answers) {
            insert(&mut all, name, schema)?;
        }
        Ok(all)
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schemas").finish_non_exhaustive()
    }
}

/// Adds a part that may exist already, if it is equal.
pub(super) fn insert(all: &mut Map<String, Value>, name: String, value: Value) -> Result<(), DocumentError> {
    match all.get(&name) {
        Some(known) if *known != value => Err(DocumentError::Twice { name }),
        Some(_) => Ok(()),
        None => {
            all.insert(name, value);
            Ok(())
        }
    }
}
