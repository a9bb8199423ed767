//! Credentials for calls to a provider.

use crate::{ports::credentials::Credentials, usecases::Ports};
use std::sync::Arc;

/// Credentials for calls to a provider.
#[derive(Clone)]
pub struct ChannelSecrets {
    pub(crate) credentials: Arc<dyn Credentials>,
}

impl ChannelSecrets {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { credentials: Arc::clone(&ports.credentials) }
    }
}
