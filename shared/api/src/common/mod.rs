//! What the contracts share: the caller, the body, ids, paging, idempotency, the deadline, failures, answers.

pub mod access;
pub mod auth;
pub mod body;
pub mod claim;
pub mod components;
pub mod compress;
pub mod delivery;
mod failure;
mod fields;
pub mod file;
pub mod idempotency;
pub mod ids;
pub mod json;
mod json_limits;
pub mod meta_message;
pub mod names;
pub mod near_miss;
pub mod nearest;
pub mod paging;
pub mod policy;
pub mod prefer;
pub mod problem;
pub mod query;
pub mod quote;
pub mod request;
pub mod respond;
pub mod route;
#[cfg(feature = "schema")]
pub mod schema;
pub mod send;
pub mod sent_by;

pub use failure::{AuthError, Failure, InputError};
pub use fields::{DRY_RUN, Fields, is_dry_run, no_dry_run};

use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer in a contract's own words.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers besides the content type.
    pub headers: HeaderMap,
    /// JSON body.
    pub body: Value,
}
