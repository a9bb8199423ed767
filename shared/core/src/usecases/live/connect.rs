//! Opens sockets: authorisation, tickets, and the start position.

use std::sync::Arc;

use crate::{
    domain::{
        caller::{ApiKey, KeyHash, Scope},
        id::{ChannelId, ConversationId, TenantId},
        log::{Cursor, LogHead},
        socket::{Audience, Phase, Socket, SocketId, Start, TOLD_TO_LEAVE_AFTER},
    },
    ports::{
        credentials::Freshness,
        directory::Directory,
        log::LogRecords,
        sockets::{Connections, SocketRecords},
        store::{Record, Removal, StoreError, Write},
    },
    usecases::{Context, Disconnect, Ports, until_committed::Decision},
};

/// A request to open a socket.
#[derive(Debug)]
pub struct ConnectRequest {
    /// The gateway's id of the connection.
    pub socket: SocketId,
    /// The API key of the request, or of its ticket.
    pub key: KeyHash,
    /// The only conversation to get events of; `None` for all.
    pub conversation: Option<ConversationId>,
    /// The only channel to get events of; `None` for all.
    pub channel: Option<ChannelId>,
    /// The cursor to resume after; `None` to start without one.
    pub resume_from: Option<Cursor>,
}

/// Why a socket is not opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The key or the ticket is invalid, expired or revoked.
    #[error("the key or the ticket is not valid")]
    Unknown,
    /// The key lacks the scope, or the tenant has no such conversation or channel.
    #[error("not allowed to open this socket")]
    Forbidden,
    /// A parameter of the request is invalid.
    #[error("the request to open a socket is invalid")]
    Unreadable,
    /// A socket of this name is open.
    #[error("a socket of this name is open")]
    NameTaken,
    /// The store failed while it was opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Authenticates a new socket, and stores its connection.
#[derive(Clone)]
pub struct Connect {
    pub(crate) ctx: Arc<Context>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) log: Arc<dyn LogRecords>,
    pub(crate) sockets: Arc<dyn SocketRecords>,
    pub(crate) disconnect: Disconnect,
}

impl Connect {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Connections>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            directory: Arc::clone(&ports.directory),
            log: Arc::clone(&ports.log),
            sockets: Arc::clone(&ports.sockets),
            disconnect: Disconnect::new(ports, connections),
        }
    }
}

impl Connect {
    /// Opens a socket. Its first frames follow when the gateway has connected it.
    ///
    /// # Errors
    /// When it may not be opened, or the store fails.
    pub async fn open_socket(&self, entry: ConnectRequest) -> Result<Socket, ConnectError> {
        let key = self.listener(&entry.key, Freshness::Cached).await?;
        let audience = self.audience(&key.tenant, &entry).await?;
        let (id, tenant, opened_at) = (entry.socket, key.tenant, self.ctx.ids.now());
        let due_at = Some(opened_at.plus(TOLD_TO_LEAVE_AFTER));
        let phase = |end| match entry.resume_from {
            Some(from) => Phase::Opening { from, start: Start::Cursor, greeted: false },
            None => Phase::Opening { from: end, start: Start::Queue, greeted: false },
        };
        let (phase, id, tenant, key) = (&phase, &id, &tenant, &entry.key);
        let written = self.ctx.until_committed_from((), |first| async move {
            let head = self.log.head(tenant).await?.unwrap_or_else(|| LogHead::empty(tenant.clone()));
            let (id, tenant, key, end) = (id.clone(), tenant.clone(), key.clone(), head.cursor);
            let (phase, opened_after) = (phase(end), end);
            let socket = Socket { id, tenant, key, audience, phase, opened_after, opened_at, due_at, rev: 0 };
            if first.is_none() && self.sockets.current(&socket).await?.is_some() {
                return Err(ConnectError::NameTaken);
            }
            // Numbering an event finds from now on that there is a socket.
            let head = Write::Put(Record::LogHead(LogHead { listened: true, ..head }));
            let changes = vec![
                Write::Put(Record::Socket(socket.clone())),
                Write::Put(Record::SocketRoute(socket.clone())),
                head,
            ];
            Ok(Decision::Commit(changes, socket))
        });
        let socket = written.await?;
        // A later revocation of the key finds the socket; one just before is found here.
        if let Err(refused) = self.listener(&socket.key, Freshness::Refreshed).await {
            self.unopen(socket).await?;
            return Err(refused);
        }
        Ok(Socket { rev: 1, ..socket })
    }

    /// Deletes the rows of a socket that was not connected.
    async fn unopen(&self, socket: Socket) -> Result<(), StoreError> {
        self.disconnect.forget_socket(&socket.id).await?;
        self.ctx.store.commit(vec![Write::Delete(Removal::SocketRoute(socket))]).await.map(drop)
    }

    /// The key, if it may open sockets.
    ///
    /// # Errors
    /// When it is invalid, lacks the scope, or the store fails.
    pub async fn listener(&self, key: &KeyHash, how: Freshness) -> Result<ApiKey, ConnectError> {
        let key = self.directory.api_key(key, how).await?.filter(|key| key.revoked_at.is_none());
        let key = key.ok_or(ConnectError::Unknown)?;
        if key.scopes.contains(&Scope::Read) { Ok(key) } else { Err(ConnectError::Forbidden) }
    }

    async fn audience(&self, tenant: &TenantId, entry: &ConnectRequest) -> Result<Audience, ConnectError> {
        if let Some(id) = entry.conversation {
            let found = self.ctx.conversation(tenant, id).await?.ok_or(ConnectError::Forbidden)?;
            return Ok(Audience::Conversation { of_conversation: found.id });
        }
        if let Some(id) = entry.channel {
            let found = self.directory.channel(tenant, id).await?.ok_or(ConnectError::Forbidden)?;
            return Ok(Audience::Channel { of_channel: found.id });
        }
        Ok(Audience::Tenant)
    }
}
