//! Channels as an operator sets them up: the owners of ids, and the write of a channel.

use super::{Table, channel_writes::ChannelWrites, records::channel_owner, transaction::Transaction};
use ventanilla_core::{
    domain::{
        channel::{Channel, ChannelOwner},
        id::{ChannelId, InboundAddress, TenantId},
    },
    ports::{
        directory::Directory,
        store::{Commit, StoreError},
    },
};

/// Most rounds of writing a channel that others write concurrently.
const ROUNDS: u32 = 5;

/// Why a channel was not written. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// Its id belongs to another tenant.
    #[error("channel {channel} belongs to tenant {owner}; no two tenants can have the same channel id")]
    IdTaken {
        /// The id of the channel.
        channel: ChannelId,
        /// The tenant that the id belongs to.
        owner: TenantId,
    },
    /// Its inbound address belongs to another tenant: moving it needs more than a configuration file.
    #[error("line {} belongs to tenant {owner}", line.as_str())]
    LineTaken {
        /// The inbound address of the channel.
        line: InboundAddress,
        /// The tenant that the address belongs to.
        owner: TenantId,
    },
    /// The store failed before the commit, or during it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a channel's id was claimed now or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelIdClaim {
    /// It had no owner until now.
    New,
    /// It belonged to the tenant before.
    Held,
}

impl Table {
    /// The owner of a channel's id; `None` for free ids, and for ids from before owners were stored.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn channel_owner(&self, id: ChannelId) -> Result<Option<ChannelOwner>, StoreError> {
        self.get_as(channel_owner::key(id)).await
    }

    /// Claims a channel's id for the tenant for good. To be called before anything is written that is found
    /// by the id alone, like credentials.
    ///
    /// # Errors
    /// When the id belongs to another tenant, or the store fails.
    pub async fn claim_channel(
        &self,
        tenant: &TenantId,
        id: ChannelId,
    ) -> Result<ChannelIdClaim, ChannelError> {
        for round in 0..ROUNDS {
            let known = self.channel(tenant, id).await?;
            // Also where both have had it since before owners were stored: the credentials are the owner's.
            if let Some(owner) = self.channel_owner(id).await?.filter(|owner| owner.tenant != *tenant) {
                return Err(taken(id, owner.tenant));
            }
            let transaction = Transaction::new(self);
            let writes = ChannelWrites { table: self, mark: transaction.mark };
            let Some(owner) = writes.owner(tenant, id, known.as_ref()).await? else {
                return Ok(ChannelIdClaim::Held);
            };
            if transaction.commit(|| Ok(vec![owner.clone()])).await? == Commit::Committed {
                return Ok(if known.is_some() { ChannelIdClaim::Held } else { ChannelIdClaim::New });
            }
            self.wait(round).await;
        }
        Err(turned_away())
    }

    /// Writes a channel, in one transaction with the rows that lead to it. Its former inbound address no
    /// longer leads to it.
    ///
    /// # Errors
    /// When its id or its inbound address belongs to another tenant, or the store fails.
    pub async fn put_channel(&self, channel: &Channel) -> Result<(), ChannelError> {
        for round in 0..ROUNDS {
            let transaction = Transaction::new(self);
            let writes = ChannelWrites { table: self, mark: transaction.mark }.all(channel).await?;
            if transaction.commit(|| Ok(writes.clone())).await? == Commit::Committed {
                return Ok(());
            }
            self.wait(round).await;
        }
        Err(turned_away())
    }
}

/// The error for an id that another tenant owns.
pub(super) fn taken(channel: ChannelId, owner: TenantId) -> ChannelError {
    ChannelError::IdTaken { channel, owner }
}

fn turned_away() -> ChannelError {
    StoreError::Unavailable("others kept writing to the channel".to_owned()).into()
}
