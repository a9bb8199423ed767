//! Who may open a socket, and how one ends.

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
        log::Log,
        sockets::{Posts, Sockets},
        store::{Commit, Record, Removal, StoreError, Write},
    },
    usecases::{Context, Disconnect, Ports, backoff::Rounds},
};

/// A wish to open a socket.
#[derive(Debug)]
pub struct Entry {
    /// The gateway's name for it.
    pub socket: SocketId,
    /// The key that it comes with, or that its ticket was asked for with.
    pub key: KeyHash,
    /// The one conversation to be told of, if it is to be one.
    pub conversation: Option<ConversationId>,
    /// The one channel to be told of, if it is to be one.
    pub channel: Option<ChannelId>,
    /// The last that they know of, if they do.
    pub resume_from: Option<Cursor>,
}

/// Why a socket is not opened.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The key or the ticket is not good, or not any more.
    #[error("the key or the ticket is not valid")]
    Unknown,
    /// The key may not read, or the tenant has no such conversation or channel.
    #[error("not allowed to listen there")]
    Forbidden,
    /// What was asked for cannot be read.
    #[error("the wish to listen cannot be read")]
    Unreadable,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens sockets.
#[derive(Clone)]
pub struct Connect {
    pub(crate) ctx: Arc<Context>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) log: Arc<dyn Log>,
    pub(crate) sockets: Arc<dyn Sockets>,
    pub(crate) disconnect: Disconnect,
}

impl Connect {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Posts>) -> Self {
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
    /// Opens a socket. What it is told, and from where on, follows when the gateway has it.
    ///
    /// # Errors
    /// When it must not be opened, or the store fails.
    pub async fn open_socket(&self, entry: Entry) -> Result<Socket, Refused> {
        let key = self.listener(&entry.key, Freshness::Cached).await?;
        let audience = self.audience(&key.tenant, &entry).await?;
        let (id, tenant, opened_at) = (entry.socket, key.tenant, self.ctx.ids.now());
        let due_at = Some(opened_at.plus(TOLD_TO_LEAVE_AFTER));
        let phase = |end| match entry.resume_from {
            Some(from) => Phase::Opening { from, start: Start::Cursor, greeted: false },
            None => Phase::Opening { from: end, start: Start::Queue, greeted: false },
        };
        let mut rounds = Rounds::default();
        let socket = loop {
            let head = self.log.head(&tenant).await?.unwrap_or_else(|| LogHead::empty(tenant.clone()));
            let (id, tenant, key, end) = (id.clone(), tenant.clone(), entry.key.clone(), head.cursor);
            let (phase, opened_after) = (phase(end), end);
            let socket = Socket { id, tenant, key, audience, phase, opened_after, opened_at, due_at, rev: 0 };
            // Who numbers an event from now on knows that somebody listens.
            let head = Write::Put(Record::LogHead(LogHead { listened: true, ..head }));
            let changes = vec![
                Write::Put(Record::Socket(socket.clone())),
                Write::Put(Record::SocketRoute(socket.clone())),
                head,
            ];
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                break socket;
            }
            if self.sockets.current(&socket).await?.is_some() {
                return Err(StoreError::Unavailable("a socket of this name is open".to_owned()).into());
            }
            rounds.again(&self.ctx).await?;
        };
        // Whoever revokes the key from now on finds the socket; whoever did so just before is found here.
        if let Err(refused) = self.listener(&socket.key, Freshness::Refreshed).await {
            self.unopen(socket).await?;
            return Err(refused);
        }
        Ok(Socket { rev: 1, ..socket })
    }

    /// Takes back that a socket was opened: the gateway has nothing of it.
    async fn unopen(&self, socket: Socket) -> Result<(), StoreError> {
        self.disconnect.forget_socket(&socket.id).await?;
        self.ctx.store.commit(vec![Write::Delete(Removal::SocketRoute(socket))]).await.map(drop)
    }

    /// The key of somebody who may listen.
    ///
    /// # Errors
    /// When it is not good, or may not read, or the store fails.
    pub async fn listener(&self, key: &KeyHash, how: Freshness) -> Result<ApiKey, Refused> {
        let key = self.directory.api_key(key, how).await?.filter(|key| key.revoked_at.is_none());
        let key = key.ok_or(Refused::Unknown)?;
        if key.scopes.contains(&Scope::Read) { Ok(key) } else { Err(Refused::Forbidden) }
    }

    async fn audience(&self, tenant: &TenantId, entry: &Entry) -> Result<Audience, Refused> {
        if let Some(id) = entry.conversation {
            let found = self.ctx.conversation(tenant, id).await?.ok_or(Refused::Forbidden)?;
            return Ok(Audience::Conversation { of_conversation: found.id });
        }
        if let Some(id) = entry.channel {
            let found = self.directory.channel(tenant, id).await?.ok_or(Refused::Forbidden)?;
            return Ok(Audience::Channel { of_channel: found.id });
        }
        Ok(Audience::Tenant)
    }
}
