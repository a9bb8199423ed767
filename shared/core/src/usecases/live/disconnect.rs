//! The end of sockets: deleted when they closed, closed when they missed an entry or lost their permission,
//! and asked to reconnect before the gateway closes them.

use std::sync::Arc;

use crate::{
    domain::{
        caller::KeyHash,
        id::TenantId,
        socket::{Phase, Socket, SocketId},
    },
    ports::{
        sockets::{Connections, PushError, SocketRecords},
        store::{Commit, Record, Removal, StoreError, Write},
    },
    usecases::{Context, Ports, live::SocketEncoder, until_committed::Decision},
};

/// The result of processing a due socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisconnectOutcome {
    /// It was asked to reconnect.
    Notified,
    /// It was closed, or had closed.
    Closed,
    /// There was nothing to do, or nothing could be done now.
    Nothing,
}

/// Closes sockets and deletes their rows.
#[derive(Clone)]
pub struct Disconnect {
    pub(crate) ctx: Arc<Context>,
    pub(crate) connections: Arc<dyn Connections>,
    pub(crate) sockets: Arc<dyn SocketRecords>,
}

impl Disconnect {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Connections>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            connections: Arc::clone(connections),
            sockets: Arc::clone(&ports.sockets),
        }
    }
}

impl Disconnect {
    /// Deletes the rows of a closed socket: it gets no more events. Frames that arrived before are still
    /// processed, so the rows for that are left to expire.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_socket(&self, id: &SocketId) -> Result<(), StoreError> {
        self.ctx
            .until_committed(|| async {
                let Some(socket) = self.sockets.socket(id).await? else { return Ok(Decision::Done(())) };
                Ok(Decision::Commit(vec![Write::Delete(Removal::Socket(socket))], ()))
            })
            .await
    }

    /// Closes the sockets that were opened with a revoked key.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn close_revoked(&self, tenant: &TenantId, key: &KeyHash) -> Result<(), StoreError> {
        for socket in self.sockets.sockets(tenant).await?.iter().filter(|socket| socket.key == *key) {
            tracing::info!(%tenant, "a socket is closed because its key was revoked");
            self.drop_socket(&socket.id).await?;
        }
        Ok(())
    }

    /// Closes a socket and deletes its rows; its client reconnects and catches up. A socket that cannot be
    /// closed now gets no more events, and is closed as soon as the gateway responds.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drop_socket(&self, id: &SocketId) -> Result<(), StoreError> {
        match self.connections.close(id).await {
            Ok(()) => self.forget_socket(id).await,
            Err(problem) => self.lose_socket(id, &problem).await,
        }
    }

    async fn lose_socket(&self, id: &SocketId, problem: &PushError) -> Result<(), StoreError> {
        self.ctx.until_committed(|| async {
            let Some(mut socket) = self.sockets.socket(id).await? else { return Ok(Decision::Done(())) };
            tracing::warn!(metric = "push_failed", tenant = %socket.tenant, %problem, "a socket cannot be closed yet");
            socket.mark_lost(self.ctx.ids.now());
            Ok(Decision::Commit(vec![Write::Put(Record::Socket(socket))], ()))
        }).await
    }

    /// Processes a socket that is about to reach its longest time, or that could not be closed.
    pub(crate) async fn due_socket(
        &self,
        listed: &Socket,
        encoder: &dyn SocketEncoder,
    ) -> Result<DisconnectOutcome, StoreError> {
        let now = self.ctx.ids.now();
        let found = self.sockets.socket(&listed.id).await?;
        let Some(mut socket) = found.filter(|found| found.due_at.is_some_and(|due| due <= now)) else {
            return Ok(DisconnectOutcome::Nothing);
        };
        if socket.phase == Phase::Lost {
            self.drop_socket(&socket.id).await?;
            return Ok(DisconnectOutcome::Closed);
        }
        // Once is enough: a client that misses it sees the close when it comes.
        socket.due_at = None;
        if self.ctx.store.commit(vec![Write::Put(Record::Socket(socket.clone()))]).await? == Commit::Conflict
        {
            return Ok(DisconnectOutcome::Nothing);
        }
        match self.connections.send_frame(&socket.id, &encoder.leave(&socket)).await {
            Ok(()) => Ok(DisconnectOutcome::Notified),
            Err(PushError::Gone) => self.forget_socket(&socket.id).await.map(|()| DisconnectOutcome::Closed),
            Err(PushError::Slow | PushError::Failed(_)) => Ok(DisconnectOutcome::Nothing),
        }
    }
}
