//! Conversations: opened, merged, listed, and acted on.

pub mod actions;
pub mod handover;
pub mod list;
pub mod mark_read;
pub mod merged;
pub mod open;
pub mod updates;

use std::sync::Arc;

use crate::{
    ports::{attempts::AttemptRecords, directory::Directory},
    usecases::{Context, Ports},
};

/// Finds, opens and merges conversations, and finds their messages by id.
#[derive(Clone)]
pub struct Conversations {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) directory: Arc<dyn Directory>,
}

impl Conversations {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            directory: Arc::clone(&ports.directory),
        }
    }
}
