//! Handing frames over to sockets.

use crate::{
    ports::sockets::{Posts, Sockets},
    usecases::{Context, Ports},
};
use std::sync::Arc;

/// Hands frames over to a socket, with retries while the gateway turns them away.
#[derive(Clone)]
pub struct SocketWriter {
    pub(crate) ctx: Context,
    pub(crate) posts: Arc<dyn Posts>,
    pub(crate) sockets: Arc<dyn Sockets>,
}

impl SocketWriter {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Posts>) -> Self {
        Self { ctx: ports.ctx.clone(), posts: Arc::clone(connections), sockets: Arc::clone(&ports.sockets) }
    }
}
