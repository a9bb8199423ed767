//! Tickets: a browser opens a socket with one, so that no key is in its URL.

use std::{fmt::Write as _, sync::Arc};

use crate::{
    domain::{
        caller::KeyHash,
        id::TenantId,
        socket::{TICKET_LIFE, Ticket, TicketHash},
        time::Timestamp,
    },
    ports::{
        sockets::SocketRecords,
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{Context, Ports, live::ConnectError},
};

/// Issues tickets for sockets, and takes them.
#[derive(Clone)]
pub struct Tickets {
    pub(crate) ctx: Arc<Context>,
    pub(crate) sockets: Arc<dyn SocketRecords>,
}

impl Tickets {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { ctx: Arc::clone(&ports.ctx), sockets: Arc::clone(&ports.sockets) }
    }

    /// Makes a ticket for whoever has this key. Gives it, and until when it is good.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn make_ticket(
        &self,
        tenant: &TenantId,
        key: &KeyHash,
    ) -> Result<(String, Timestamp), StoreError> {
        let mut secret = "vt_".to_owned();
        for _ in 0..4 {
            // Writing to a string cannot fail.
            let _ = write!(secret, "{:016x}", self.ctx.ids.chance());
        }
        let expires_at = self.ctx.ids.now().plus(TICKET_LIFE);
        let hash = TicketHash::of(&secret);
        let ticket =
            Ticket { hash, tenant: tenant.clone(), key: key.clone(), expires_at, used_at: None, rev: 0 };
        match self.ctx.store.commit(vec![Write::Put(Record::Ticket(ticket))]).await? {
            Commit::Committed => Ok((secret, expires_at)),
            Commit::Conflict => Err(StoreError::Unavailable("no ticket could be made".to_owned())),
        }
    }

    /// Uses a ticket. Gives the key that it was asked for with.
    ///
    /// # Errors
    /// When it is not good, or not any more. When the store fails: then it may be used up.
    pub async fn take_ticket(&self, ticket: &str) -> Result<KeyHash, ConnectError> {
        let found = self.sockets.ticket(&TicketHash::of(ticket)).await?;
        let mut found = found.ok_or(ConnectError::Unknown)?;
        if !found.take(self.ctx.ids.now()) {
            return Err(ConnectError::Unknown);
        }
        let key = found.key.clone();
        match self.ctx.store.commit(vec![Write::Put(Record::Ticket(found))]).await? {
            Commit::Committed => Ok(key),
            Commit::Conflict => Err(ConnectError::Unknown),
        }
    }
}
