//! The contracts of the systems whose clients we serve: what they say in requests, what we answer.
//!
//! Each folder decodes to a core command, encodes a core result, and has one table from failure to
//! status and body. Nothing else differs between them.

pub mod ambiosys;
pub mod components;
pub mod delivery;
mod failure;
mod fields;
pub mod file;
mod foreign;
pub mod ids;
pub mod kaleyra;
pub mod object;
pub mod php;
pub mod pipes;
pub mod salesbot;
pub mod sent_by;
pub mod v1;

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
