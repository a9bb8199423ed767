//! Errors of building a document.

use thiserror::Error;

/// The parts of a document do not fit together.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// A part cannot be read or written.
    #[error("{room}: {error}")]
    Yaml {
        /// The contract whose part it is.
        room: &'static str,
        /// The parser's error.
        error: yaml_serde::Error,
    },
    /// A route has no entry in its contract's `openapi.yaml`.
    #[error("{room}: openapi.yaml says nothing of the operation {operation}")]
    Undescribed {
        /// The contract of the route.
        room: &'static str,
        /// The operation id of the route.
        operation: &'static str,
    },
    /// An entry of an `openapi.yaml` has no route.
    #[error("{room}: openapi.yaml describes {operation}, which no route has")]
    Unrouted {
        /// The contract of the entry.
        room: &'static str,
        /// The operation id of the entry.
        operation: String,
    },
    /// Two parts of the document have one name.
    #[error("{name} is there twice, and not the same")]
    Twice {
        /// The name that both have.
        name: String,
    },
}
