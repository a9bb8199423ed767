//! The OpenAPI document: made of the route tables, the types of bodies, and the prose in each room's `openapi.yaml`.
//!
//! A room's file has, by operation id, what neither a table nor a type can say: description, parameters, answers,
//! examples. Paths, methods, ids, summaries and scopes come from the tables, schemas from the types. `ventanilla
//! openapi` writes the whole; a test compares it with `openapi.yaml` at the root.

mod error;
mod room;
mod schemas;
mod tidy;
mod whole;
mod yaml;

pub(in crate::api) use self::tidy::KEEPS_NULL;
pub use self::{error::DocumentError, room::Room, schemas::Schemas, whole::openapi, yaml::to_yaml};
