//! The adapters for AWS, one module per service.
#![warn(missing_docs)]

pub mod dynamodb;
pub mod s3;
pub mod secrets;
pub mod sqs;
pub mod websocket;
