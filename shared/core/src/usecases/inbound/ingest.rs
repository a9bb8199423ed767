//! Ingests webhooks: every item ends in exactly one disposition.

use std::collections::BTreeMap;

use tokio::task::JoinSet;
use tracing::Instrument;

use crate::{
    domain::{
        channel::{Channel, Origin},
        contact::{Address, Identity},
        inbound::{Disposition, Item, Says},
        opt_out::OptOutReason,
        phone::Phone,
        raw::RawOwner,
        written::Written,
    },
    ports::store::StoreError,
    usecases::{Inbound, opt_outs::OptOutChange},
};

/// Groups of items of one webhook that are processed concurrently.
const MAX_CONCURRENT_GROUPS: usize = 16;

/// The number of items by disposition. The sum is the number of items.
pub type Tally = BTreeMap<Disposition, usize>;

impl Inbound {
    /// Ingests and archives all items of one webhook. Items of one customer keep their order.
    ///
    /// # Errors
    /// When the store failed for at least one item. The others are stored, and ingesting the same webhook
    /// again is safe.
    pub async fn ingest(&self, origin: &Origin, items: Vec<Item>) -> Result<Tally, StoreError> {
        // This caches the channels, so that neither of the two below has to read them.
        let sorted = self.by_owner(origin, &items).await?;
        let (kept, taken) =
            tokio::join!(self.archive_raw(origin, sorted), Box::pin(self.ingest_items(origin, items)));
        kept.and(taken)
    }

    /// Ingests archived items again. Items that were ingested before change nothing, and items that belong
    /// to another tenant by now are skipped.
    ///
    /// # Errors
    /// When the store failed for at least one item.
    pub async fn ingest_archived(
        &self,
        origin: &Origin,
        owner: &RawOwner,
        items: Vec<Item>,
    ) -> Result<Tally, StoreError> {
        let (mut theirs, mut left) = (Vec::with_capacity(items.len()), 0);
        for item in items {
            let tenant = self.channel_of(origin, &item).await?.map(|channel| channel.tenant);
            match (owner, tenant) {
                (RawOwner::Tenant(then), Some(now)) if *then != now => left += 1,
                _ => theirs.push(item),
            }
        }
        let mut tally = self.ingest_items(origin, theirs).await?;
        if left > 0 {
            *tally.entry(Disposition::Kept).or_default() += left;
        }
        Ok(tally)
    }

    async fn ingest_items(&self, origin: &Origin, items: Vec<Item>) -> Result<Tally, StoreError> {
        let mut lanes: Vec<Vec<Item>> = Vec::new();
        lanes.resize_with(MAX_CONCURRENT_GROUPS, Vec::new);
        let mut lane_of: BTreeMap<String, usize> = BTreeMap::new();
        for item in items {
            let threads = threads_of(&item);
            let next = lane_of.len() % MAX_CONCURRENT_GROUPS;
            let lane = threads.iter().find_map(|thread| lane_of.get(thread)).copied().unwrap_or(next);
            lane_of.extend(threads.into_iter().map(|thread| (thread, lane)));
            if let Some(lane) = lanes.get_mut(lane) {
                lane.push(item);
            }
        }
        let mut running = JoinSet::new();
        for lane in lanes.into_iter().filter(|lane| !lane.is_empty()) {
            let (this, origin) = (self.clone(), origin.clone());
            // A spawned task loses the tracing span of its request, unless it is given one.
            running.spawn(async move { this.ingest_in_order(&origin, lane).await }.in_current_span());
        }
        let mut tally = Tally::new();
        let mut failure = None;
        while let Some(ended) = running.join_next().await {
            match ended {
                Ok((part, failed)) => {
                    for (disposition, count) in part {
                        *tally.entry(disposition).or_default() += count;
                    }
                    failure = failure.or(failed);
                }
                Err(_) => failure = Some(StoreError::Unavailable("a lane broke off".to_owned())),
            }
        }
        failure.map_or(Ok(tally), Err)
    }

    async fn ingest_in_order(&self, origin: &Origin, items: Vec<Item>) -> (Tally, Option<StoreError>) {
        let mut tally = Tally::new();
        let mut failure = None;
        for item in items {
            match self.ingest_or_archive(origin, item).await {
                Ok(disposition) => *tally.entry(disposition).or_default() += 1,
                Err(error) => failure = Some(error),
            }
        }
        (tally, failure)
    }

    /// Ingests an item; one that can never be ingested is only archived, so that it neither blocks the
    /// others nor makes the provider repeat it for days.
    async fn ingest_or_archive(&self, origin: &Origin, item: Item) -> Result<Disposition, StoreError> {
        let (this, of, taken) = (self.clone(), origin.clone(), item.clone());
        // A task of its own: a panic in it stays with the item. In a set, so that it ends with its request.
        let mut alone = JoinSet::new();
        alone.spawn(async move { Box::pin(this.ingest_item(&of, &taken)).await }.in_current_span());
        let error = match alone.join_next().await {
            Some(Ok(Ok(disposition))) => return Ok(disposition),
            Some(Ok(Err(error @ StoreError::Unavailable(_)))) => return Err(error),
            Some(Ok(Err(error))) => error.to_string(),
            Some(Err(_)) | None => "a panic".to_owned(),
        };
        tracing::error!(metric = "unprocessable", %origin, kind = item.kind, error, "an item could not be ingested; it is only archived");
        Ok(Disposition::Unprocessable)
    }

    async fn ingest_item(&self, origin: &Origin, item: &Item) -> Result<Disposition, StoreError> {
        if let Says::Unreadable(why) = item.says {
            tracing::error!(metric = "unprocessable", %origin, kind = item.kind, reason = why.reason(),
                "an item cannot be decoded; it is only archived");
            return Ok(Disposition::Unprocessable);
        }
        if let Says::Template(update) = &item.says {
            let mut channels = self.template_caches.owners(&update.account).await?;
            channels.retain(|channel| channel.accepts_webhooks_of(origin));
            return self.templates.apply_template_update(&channels, update).await;
        }
        let Some(channel) = self.channel_of(origin, item).await? else {
            if let Some(inbound_address) = &item.inbound_address {
                tracing::warn!(metric = "unknown_number", %origin, line = inbound_address.as_str(), kind = item.kind,
                    "a webhook names a number without a channel of its sender; the item is only archived");
            }
            return Ok(Disposition::Kept);
        };
        match &item.says {
            Says::Message(inbound) => self.receive(&channel, inbound, &item.raw).await,
            Says::Status(report) => Box::pin(self.statuses.record_status(&channel, report, &item.raw)).await,
            Says::Preference(preference) => {
                let change = OptOutChange {
                    marketing: preference.marketing,
                    why: OptOutReason::Preference,
                    at: preference.at,
                };
                Ok(
                    match self.opt_outs.apply_customer_opt_out(&channel, &preference.customer, change).await?
                    {
                        Written::New => Disposition::Stored,
                        Written::Unchanged => Disposition::Duplicate,
                    },
                )
            }
            Says::Handover(report) => self.actions.owner_changed(&channel, report).await,
            Says::Name(report) => self.contacts.named_by_phone(&channel, report).await,
            Says::Payment(report) => self.statuses.record_payment(&channel, report, &item.raw).await,
            Says::Template(_) | Says::Unreadable(_) | Says::Other => Ok(Disposition::Kept),
        }
    }

    /// The channel of an item, if the webhook's origin may concern it.
    pub(crate) async fn channel_of(
        &self,
        origin: &Origin,
        item: &Item,
    ) -> Result<Option<Channel>, StoreError> {
        let Some(inbound_address) = &item.inbound_address else { return Ok(None) };
        let channel = self
            .directory
            .channel_of_inbound_address(inbound_address)
            .await?
            .filter(|channel| channel.accepts_webhooks_of(origin));
        match (channel, &item.business) {
            (Some(channel), Some(number)) if channel.number != *number => {
                self.channel_meant(channel, number).await.map(Some)
            }
            (channel, _) => Ok(channel),
        }
    }

    /// A webhook on one channel's URL that names another number: the URL was configured for several. It goes
    /// to the tenant's channel with that number; where there is none, to the channel of the URL.
    async fn channel_meant(&self, reached: Channel, number: &Phone) -> Result<Channel, StoreError> {
        let named = self.directory.channel_with_number(&reached.tenant, number).await?;
        let named = named.filter(|named| named.shares_callbacks_with(&reached));
        if named.is_none() {
            tracing::warn!(metric = "unknown_number", tenant = %reached.tenant, channel = %reached.id,
                "a webhook names another number than that of its channel");
        }
        Ok(named.unwrap_or(reached))
    }
}

/// The keys of what must stay in order: the messages of one customer, under any of their addresses, and the
/// statuses of one message.
fn threads_of(item: &Item) -> Vec<String> {
    match &item.says {
        Says::Message(inbound) => {
            let later = inbound.moved_to.as_ref().map(of_customer).unwrap_or_default();
            of_customer(&inbound.customer).into_iter().chain(later).collect()
        }
        Says::Preference(preference) => of_customer(&preference.customer),
        Says::Handover(report) => of_customer(&report.customer),
        Says::Name(report) => of_customer(&report.customer),
        Says::Status(report) => vec![format!("s{}", report.wamid.as_str())],
        Says::Payment(report) => vec![format!("s{}", report.wamid.as_str())],
        Says::Template(update) => vec![format!("t{}", update.key.name)],
        Says::Unreadable(_) | Says::Other => vec![String::new()],
    }
}

fn of_customer(who: &Identity) -> Vec<String> {
    let thread = |address: Address| match address {
        Address::Number(number) => format!("n{}", number.canonical().digits()),
        Address::Bsuid(id) => format!("u{}", id.as_str()),
        Address::Parent(id) => format!("p{}", id.as_str()),
    };
    who.addresses().into_iter().map(thread).collect()
}
