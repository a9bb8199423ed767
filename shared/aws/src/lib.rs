//! The adapters for AWS, one module a service.
#![warn(missing_docs)]

pub mod dynamodb;
pub mod s3;
pub mod secrets;
pub mod sqs;
pub mod websocket;
