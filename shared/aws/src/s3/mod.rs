//! The store of files: Amazon S3, or what speaks its language.

mod key;
mod objects;
mod sign;
mod writer;

pub use objects::{Bucket, S3};
