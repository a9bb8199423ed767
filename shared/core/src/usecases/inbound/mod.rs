//! What webhooks report becomes rows: messages, delivery statuses, payments.

pub mod archive;
mod complete;
pub mod ingest;
pub mod payment;
pub mod receive;
pub mod status;
pub(crate) mod update;
