//! Writes of channels, each with its owner's row, its number's, and its inbound address's.

use super::{
    Table,
    record::{Condition, Operation, StoredRecord},
    records::{business_number::NumberOf, channel_owner, channel_route},
};
use ventanilla_core::{
    domain::{
        channel::{Channel, ChannelOwner, ChannelRoute},
        id::{ChannelId, InboundAddress, TenantId},
    },
    ports::{
        directory::Directory,
        store::{Commit, StoreError},
        template_cache::TemplateCaches,
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
            let mark = self.writer();
            let Some(write) = self.owner_write(tenant, id, known.as_ref(), mark).await? else {
                return Ok(ChannelIdClaim::Held);
            };
            if self.write(|| Ok(vec![write.clone()]), mark).await? == Commit::Committed {
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
            let mark = self.writer();
            let writes = self.channel_writes(channel, mark).await?;
            if self.write(|| Ok(writes.clone()), mark).await? == Commit::Committed {
                return Ok(());
            }
            self.wait(round).await;
        }
        Err(turned_away())
    }

    async fn channel_writes(&self, channel: &Channel, mark: u64) -> Result<Vec<Operation>, ChannelError> {
        let (tenant, id) = (&channel.tenant, channel.id);
        let known = self.channel(tenant, id).await?;
        let mut writes = vec![
            channel.put(mark)?,
            NumberOf::channel(channel).put(mark)?,
            self.route_write(channel, mark).await?,
        ];
        writes.extend(self.owner_write(tenant, id, known.as_ref(), mark).await?);
        if let Some(known) = known {
            writes.extend(self.route_gone(&known, &channel.inbound_address()).await?);
        }
        Ok(writes)
    }

    /// The write that claims the id; `None` where the tenant owns it already. Owners are never changed or
    /// deleted, so one that was read needs no condition.
    async fn owner_write(
        &self,
        tenant: &TenantId,
        id: ChannelId,
        known: Option<&Channel>,
        mark: u64,
    ) -> Result<Option<Operation>, ChannelError> {
        match (self.channel_owner(id).await?, known) {
            (Some(owner), _) if owner.tenant == *tenant => return Ok(None),
            // Two tenants have had the same id since before owners were stored: that stays allowed.
            (Some(_), Some(_)) => return Ok(None),
            (Some(owner), None) => return Err(taken(id, owner.tenant)),
            (None, Some(_)) => {}
            // An old one is in the list, which lags behind recent writes only.
            (None, None) => {
                let other = self.channels().await?.into_iter().find(|other| other.id == id);
                if let Some(other) = other.filter(|other| other.tenant != *tenant) {
                    return Err(taken(id, other.tenant));
                }
            }
        }
        let owner = ChannelOwner { channel: id, tenant: tenant.clone() };
        Ok(Some(owner.put(mark)?))
    }

    /// The write of the inbound address.
    async fn route_write(&self, channel: &Channel, mark: u64) -> Result<Operation, ChannelError> {
        let route = ChannelRoute {
            line: channel.inbound_address(),
            tenant: channel.tenant.clone(),
            channel: channel.id,
        };
        let condition = match self.get_as::<ChannelRoute>(route.key()).await? {
            Some(known) if known.tenant != channel.tenant => {
                return Err(ChannelError::LineTaken { line: route.line, owner: known.tenant });
            }
            Some(known) => Condition::LeadsTo(known.channel),
            None => route.condition(),
        };
        Ok(route.put_if(condition, mark)?)
    }

    /// The delete of the channel's former inbound address, if it has another now and the old one still leads
    /// to it.
    async fn route_gone(
        &self,
        known: &Channel,
        now: &InboundAddress,
    ) -> Result<Option<Operation>, StoreError> {
        let before = known.inbound_address();
        if before == *now {
            return Ok(None);
        }
        let route = self.get_as::<ChannelRoute>(channel_route::key(&before)).await?;
        let ours = route.filter(|route| route.tenant == known.tenant && route.channel == known.id);
        Ok(ours.map(|route| route.delete()))
    }
}

fn taken(channel: ChannelId, owner: TenantId) -> ChannelError {
    ChannelError::IdTaken { channel, owner }
}

fn turned_away() -> ChannelError {
    StoreError::Unavailable("others kept writing to the channel".to_owned()).into()
}
