//! The OpenAPI document: built from the route tables, the types of bodies, and the texts in each contract's
//! `openapi.yaml`. And the AsyncAPI document, from the types of frames and the texts in the `asyncapi.yaml`
//! of the contract with sockets.
//!
//! A contract's file has, by operation id, what neither a table nor a type can express: description,
//! parameters, responses, examples. Paths, methods, ids, summaries and scopes come from the tables, schemas
//! from the types. `ventanilla openapi` and `ventanilla asyncapi` write the whole; tests compare them with
//! the files at the root.

mod error;
mod room;
mod schemas;
mod socket;
mod tidy;
mod whole;
mod yaml;

pub(crate) use self::tidy::KEEPS_NULL;
pub use self::{
    error::DocumentError,
    room::Room,
    schemas::Schemas,
    socket::{SocketDocument, asyncapi},
    whole::openapi,
    yaml::to_yaml,
};
