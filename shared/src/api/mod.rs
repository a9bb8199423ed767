//! What the HTTP functions share: the body, the caller, the idempotency key, the deadline, answers.

pub mod auth;
pub mod body;
pub mod frames;
pub mod idempotency;
pub mod method;
pub mod paging;
pub mod policy;
pub mod prefer;
pub mod problem;
pub mod query;
pub mod request;
pub mod respond;
pub mod send;
