//! What the contracts share: authentication, bodies, ids, paging, idempotency, deadlines, failures,
//! responses.

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
mod use_case_errors;

pub use failure::{AuthError, Failure, InputError, Missing, Unavailable};
pub use fields::{DRY_RUN, Fields, is_dry_run, no_dry_run};

use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A response in a contract's own format.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// The HTTP status of the response.
    pub status: StatusCode,
    /// Headers besides the content type.
    pub headers: HeaderMap,
    /// The body, to be encoded as JSON.
    pub body: Value,
}
