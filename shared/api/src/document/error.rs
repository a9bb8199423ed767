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
        /// The parser's error, with its line.
        error: yaml_serde::Error,
    },
    /// A route has no entry in its contract's `openapi.yaml`.
    #[error("{room}: openapi.yaml lacks the operation {operation}")]
    Undescribed {
        /// The contract of the route.
        room: &'static str,
        /// The operation id of the route.
        operation: &'static str,
    },
    /// An entry of an `openapi.yaml` has no route.
    #[error("{room}: openapi.yaml describes {operation}, which is no route")]
    Unrouted {
        /// The contract of the entry.
        room: &'static str,
        /// The operation id of the entry.
        operation: String,
    },
    /// Two parts of the document have one name.
    #[error("{name} has two different definitions")]
    Twice {
        /// The name that both have.
        name: String,
    },
}
