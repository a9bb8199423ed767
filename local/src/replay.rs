//! Taking kept callbacks in again: after a mistake in how they were read has been mended.

use std::{collections::BTreeSet, time::Duration};

use ventanilla::{
    api::app::App,
    domain::{
        caller::Tenant,
        channel::Channel,
        raw::{RawItem, RawOwner},
        time::Timestamp,
    },
    ports::book::StoreError,
    usecases::ingest::Tally,
};

const HOUR: Duration = Duration::from_hours(1);

/// What was taken in again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Kept texts, each of one callback or of a part of it.
    pub callbacks: usize,
    /// Their items, by what was done with each.
    pub items: Tally,
    /// Callbacks of which the store failed for at least one item.
    pub failed: usize,
}

/// Which callbacks are taken in again.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Arrived at this time or later.
    pub from: Timestamp,
    /// Arrived before this time.
    pub until: Timestamp,
}

impl Span {
    /// How many hours it touches.
    #[must_use]
    pub fn hours(&self) -> usize {
        let span = self.from.hour_start().until(self.until).as_millis();
        usize::try_from(span.div_ceil(HOUR.as_millis())).unwrap_or(usize::MAX)
    }
}

/// Whose callbacks there may be: each tenant's and, of each sender, those that belong to no tenant.
#[must_use]
pub fn owners(tenants: &[Tenant], channels: &[Channel]) -> BTreeSet<RawOwner> {
    let tenants = tenants.iter().map(|tenant| RawOwner::Tenant(tenant.id.clone()));
    tenants.chain(channels.iter().map(Channel::origin).map(RawOwner::Sender)).collect()
}

/// Takes everything in again that came for an owner in a span of time. What was taken in rightly
/// changes nothing, so this can be repeated. `progress` hears of every hour that is done.
///
/// # Errors
/// When the archive cannot be read. Items that the store failed for are counted.
pub async fn replay(
    app: &App,
    owner: &RawOwner,
    span: Span,
    mut progress: impl FnMut(Timestamp, &Replayed),
) -> Result<Replayed, StoreError> {
    let channels = app.core.catalogues.channels().await?;
    let mut replayed = Replayed::default();
    let mut hour = span.from.hour_start();
    while hour < span.until {
        let mut mark = None;
        loop {
            let page = app.archive.hour(owner, hour, mark).await?;
            // A row may outlive its time: the store takes up to two days to remove it.
            let now = app.clock.now();
            let wanted =
                |kept: &&RawItem| (span.from..span.until).contains(&kept.at) && kept.expires_at > now;
            for kept in page.items.iter().filter(wanted) {
                take_in(app, &channels, kept, &mut replayed).await;
            }
            mark = page.next;
            if mark.is_none() {
                break;
            }
        }
        progress(hour, &replayed);
        hour = hour.plus(HOUR);
    }
    Ok(replayed)
}

async fn take_in(app: &App, channels: &[Channel], kept: &RawItem, replayed: &mut Replayed) {
    let items = app.providers.read_again(kept, channels);
    replayed.callbacks += 1;
    match app.core.take_in_again(&kept.origin, &kept.owner, items).await {
        Ok(tally) => {
            for (disposition, count) in tally {
                *replayed.items.entry(disposition).or_default() += count;
            }
        }
        Err(error) => {
            tracing::error!(%error, origin = %kept.origin, "a kept callback could not be taken in again");
            replayed.failed += 1;
        }
    }
}
