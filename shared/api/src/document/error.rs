//! Why no document can be made.

use thiserror::Error;

/// The parts of a document do not fit together.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// A part cannot be read or written.
    #[error("{room}: {error}")]
    Yaml {
        /// Whose part.
        room: &'static str,
        /// What is wrong with it.
        error: yaml_serde::Error,
    },
    /// A route without words.
    #[error("{room}: openapi.yaml says nothing of the operation {operation}")]
    Undescribed {
        /// Whose route.
        room: &'static str,
        /// Its operation id.
        operation: &'static str,
    },
    /// Words without a route.
    #[error("{room}: openapi.yaml describes {operation}, which no route has")]
    Unrouted {
        /// Whose words.
        room: &'static str,
        /// The operation id.
        operation: String,
    },
    /// Two parts of the document have one name.
    #[error("{name} is there twice, and not the same")]
    Twice {
        /// The name.
        name: String,
    },
}
