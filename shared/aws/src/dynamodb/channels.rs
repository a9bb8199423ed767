//! Writing channels into the table, each with what leads to it: its id's owner, its number, the line of its callbacks.

use super::{
    Table,
    record::{Condition, Operation, Record},
    records::{business_number::NumberOf, channel_owner, channel_route},
};
use ventanilla_core::{
    domain::{
        channel::{Channel, ChannelOwner, ChannelRoute},
        id::{ChannelId, InboundAddress, TenantId},
    },
    ports::{
        catalogue::Catalogues,
        directory::Directory,
        store::{Commit, StoreError},
    },
};

/// How often a channel is written anew that others write to at the same time.
const ROUNDS: u32 = 5;

/// Why a channel was not written. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// Its id is another tenant's.
    #[error("channel {channel} belongs to tenant {owner}; no two tenants can have the same channel id")]
    IdTaken {
        /// The id.
        channel: ChannelId,
        /// Whose it is.
        owner: TenantId,
    },
    /// Its callbacks go to another tenant: taking them away needs more than a config file.
    #[error("line {} belongs to tenant {owner}", line.as_str())]
    LineTaken {
        /// The line.
        line: InboundAddress,
        /// Whose it is.
        owner: TenantId,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How an id of a channel came to be a tenant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It was nobody's until now.
    New,
    /// It was the tenant's before.
    Held,
}

impl Table {
    /// Whose the id of a channel is; none of ids that are free, or were given before owners were written down.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn channel_owner(&self, id: ChannelId) -> Result<Option<ChannelOwner>, StoreError> {
        self.get_as(channel_owner::key(id)).await
    }

    /// Makes an id of a channel the tenant's for good. To be called before anything is written that is found by
    /// the id alone, as credentials are.
    ///
    /// # Errors
    /// When the id is another tenant's, or the store fails.
    pub async fn claim_channel(&self, tenant: &TenantId, id: ChannelId) -> Result<Claim, ChannelError> {
        for round in 0..ROUNDS {
            let known = self.channel(tenant, id).await?;
            // Also where both have had it since before owners were written down: credentials are the owner's.
            if let Some(owner) = self.channel_owner(id).await?.filter(|owner| owner.tenant != *tenant) {
                return Err(taken(id, owner.tenant));
            }
            let mark = self.writer();
            let Some(write) = self.owner_write(tenant, id, known.as_ref(), mark).await? else {
                return Ok(Claim::Held);
            };
            if self.write(|| Ok(vec![write.clone()]), mark).await? == Commit::Committed {
                return Ok(if known.is_some() { Claim::Held } else { Claim::New });
            }
            self.wait(round).await;
        }
        Err(turned_away())
    }

    /// Writes a channel over what is there, in one transaction with what leads to it. The line that it had
    /// before leads to it no more.
    ///
    /// # Errors
    /// When its id or its line is another tenant's, or the store fails.
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
            writes.extend(self.route_gone(&known, &channel.line()).await?);
        }
        Ok(writes)
    }

    /// What makes the id the tenant's; none where it is already. An owner is never changed or taken away, so one
    /// that was seen needs no condition.
    async fn owner_write(
        &self,
        tenant: &TenantId,
        id: ChannelId,
        known: Option<&Channel>,
        mark: u64,
    ) -> Result<Option<Operation>, ChannelError> {
        match (self.channel_owner(id).await?, known) {
            (Some(owner), _) if owner.tenant == *tenant => return Ok(None),
            // Two tenants have had the same id since before owners were written down: what is there goes on.
            (Some(_), Some(_)) => return Ok(None),
            (Some(owner), None) => return Err(taken(id, owner.tenant)),
            (None, Some(_)) => {}
            // One of those days is on the list, which lags behind recent writes only.
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

    /// What leads callbacks to the channel.
    async fn route_write(&self, channel: &Channel, mark: u64) -> Result<Operation, ChannelError> {
        let route =
            ChannelRoute { line: channel.line(), tenant: channel.tenant.clone(), channel: channel.id };
        let condition = match self.get_as::<ChannelRoute>(route.key()).await? {
            Some(known) if known.tenant != channel.tenant => {
                return Err(ChannelError::LineTaken { line: route.line, owner: known.tenant });
            }
            Some(known) => Condition::LeadsTo(known.channel),
            None => route.condition(),
        };
        Ok(route.put_if(condition, mark)?)
    }

    /// What takes the line away that the channel had before, if it has another now and the old one still leads
    /// to it.
    async fn route_gone(
        &self,
        known: &Channel,
        now: &InboundAddress,
    ) -> Result<Option<Operation>, StoreError> {
        let before = known.line();
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
