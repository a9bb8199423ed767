//! The operations of a channel's write: its row, its owner's, its number's, and its inbound address's.

use super::{
    Table,
    channels::{ChannelError, taken},
    record::{Condition, Operation, StoredRecord},
    records::{business_number::NumberOf, channel_route},
};
use ventanilla_core::{
    domain::{
        channel::{Channel, ChannelOwner, ChannelRoute},
        id::{ChannelId, InboundAddress, TenantId},
    },
    ports::{directory::Directory, store::StoreError, template_cache::TemplateCaches},
};

/// Builds the operations of one write of a channel, from what the table has.
pub(super) struct ChannelWrites<'a> {
    /// The table that holds the channel.
    pub(super) table: &'a Table,
    /// The mark of the transaction; see [`Transaction`](super::transaction::Transaction).
    pub(super) mark: u64,
}

impl ChannelWrites<'_> {
    /// All operations of one write of the channel.
    pub(super) async fn all(&self, channel: &Channel) -> Result<Vec<Operation>, ChannelError> {
        let (tenant, id) = (&channel.tenant, channel.id);
        let known = self.table.channel(tenant, id).await?;
        let mut writes = vec![
            channel.put(self.mark)?,
            NumberOf::channel(channel).put(self.mark)?,
            self.route(channel).await?,
        ];
        writes.extend(self.owner(tenant, id, known.as_ref()).await?);
        if let Some(known) = known {
            writes.extend(self.route_gone(&known, &channel.inbound_address()).await?);
        }
        Ok(writes)
    }

    /// The write that claims the id; `None` where the tenant owns it already. Owners are never changed or
    /// deleted, so one that was read needs no condition.
    pub(super) async fn owner(
        &self,
        tenant: &TenantId,
        id: ChannelId,
        known: Option<&Channel>,
    ) -> Result<Option<Operation>, ChannelError> {
        match (self.table.channel_owner(id).await?, known) {
            (Some(owner), _) if owner.tenant == *tenant => return Ok(None),
            // Two tenants have had the same id since before owners were stored: that stays allowed.
            (Some(_), Some(_)) => return Ok(None),
            (Some(owner), None) => return Err(taken(id, owner.tenant)),
            (None, Some(_)) => {}
            // An old one is in the list, which lags behind recent writes only.
            (None, None) => {
                let other = self.table.channels().await?.into_iter().find(|other| other.id == id);
                if let Some(other) = other.filter(|other| other.tenant != *tenant) {
                    return Err(taken(id, other.tenant));
                }
            }
        }
        let owner = ChannelOwner { channel: id, tenant: tenant.clone() };
        Ok(Some(owner.put(self.mark)?))
    }

    /// The write of the inbound address.
    async fn route(&self, channel: &Channel) -> Result<Operation, ChannelError> {
        let route = ChannelRoute {
            line: channel.inbound_address(),
            tenant: channel.tenant.clone(),
            channel: channel.id,
        };
        let condition = match self.table.get_as::<ChannelRoute>(route.key()).await? {
            Some(known) if known.tenant != channel.tenant => {
                return Err(ChannelError::LineTaken { line: route.line, owner: known.tenant });
            }
            Some(known) => Condition::LeadsTo(known.channel),
            None => route.condition(),
        };
        Ok(route.put_if(condition, self.mark)?)
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
        let route = self.table.get_as::<ChannelRoute>(channel_route::key(&before)).await?;
        let ours = route.filter(|route| route.tenant == known.tenant && route.channel == known.id);
        Ok(ours.map(|route| route.delete()))
    }
}
