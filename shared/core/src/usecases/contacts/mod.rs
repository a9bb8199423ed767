//! Contacts: found by address, and renamed.

mod profile;
mod search;

use std::sync::Arc;

use crate::{
    ports::leads::LeadRecords,
    usecases::{Context, Ports},
};

/// Finds contacts and renames them.
#[derive(Clone)]
pub struct Contacts {
    pub(crate) ctx: Arc<Context>,
    pub(crate) lead_records: Arc<dyn LeadRecords>,
}

impl Contacts {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { ctx: Arc::clone(&ports.ctx), lead_records: Arc::clone(&ports.lead_records) }
    }
}
