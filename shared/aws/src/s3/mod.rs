//! The file store: Amazon S3, or a service with its API.

mod key;
mod objects;
mod sign;
mod writer;

pub use objects::{Bucket, S3};
