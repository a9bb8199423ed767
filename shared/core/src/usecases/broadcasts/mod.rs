//! Broadcasts: begun for a caller, run batch by batch, and read with their progress.

mod begin;
mod contacts;
mod duplicates;
mod lifecycle;
mod list;
mod progress;
pub(crate) mod run_batch;

pub use begin::{BeginError, Begun, BroadcastLookupError, BroadcastRequest, SEND_TEMPLATE};
pub use list::Listed;
pub use progress::{Counts, Overview, RecipientProgress, RecipientState};
pub use run_batch::Carried;

use std::sync::Arc;

use crate::{
    ports::{attempts::AttemptRecords, broadcasts::BroadcastRecords, files::FileStore, queue::Queue},
    usecases::{Channels, Context, Leads, Ports, Sending},
};

/// Begins, lists, stops and resumes broadcasts.
#[derive(Clone)]
pub struct Broadcasts {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) broadcast_records: Arc<dyn BroadcastRecords>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) channels: Channels,
    pub(crate) leads: Leads,
    pub(crate) sending: Sending,
}

impl Broadcasts {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, file_store: &Arc<dyn FileStore>, queue: &Arc<dyn Queue>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            broadcast_records: Arc::clone(&ports.broadcast_records),
            queue: Arc::clone(queue),
            channels: Channels::new(ports),
            leads: Leads::new(ports),
            sending: Sending::new(ports, file_store),
        }
    }
}
