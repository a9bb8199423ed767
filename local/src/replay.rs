//! Taking kept callbacks in again: after a mistake in how they were read has been mended.

use std::{path::PathBuf, sync::Arc, time::Duration};

use ventanilla::{
    assembly::{App, SystemEntropy},
    callback,
    config::file::ConfigFile,
    domain::{
        channel::Origin,
        raw::{RawItem, RawOwner},
        time::Timestamp,
    },
    port::book::StoreError,
    provider::http::client,
    service::ingest::Tally,
    store::Table,
};

use crate::{
    command,
    server::{StartError, TABLE},
    store::{self, Store},
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

/// Everybody a config file names: each tenant, and each sender of callbacks for what belongs to no tenant.
#[must_use]
pub fn owners(config: &ConfigFile) -> Vec<RawOwner> {
    let tenants = config.tenants.iter().map(|tenant| RawOwner::Tenant(tenant.id.clone()));
    let apps = config.apps.iter().map(|app| Origin::App(app.id.clone()));
    let channels = config.channels.iter().filter(|channel| channel.app().is_none());
    let channels = channels.map(|channel| Origin::Channel(channel.id));
    tenants.chain(apps.chain(channels).map(RawOwner::Sender)).collect()
}

/// An application on the data of a local server that does not run now.
///
/// # Errors
/// When the data cannot be opened.
pub async fn on_folder(folder: PathBuf, config: ConfigFile) -> Result<(App, Store), StartError> {
    let store = store::open_again(folder).await?;
    let http = client()?;
    let table = Table::new(store.client(&http), TABLE.to_owned(), Arc::new(SystemEntropy));
    let app = command::app(table, http, None, Some(config));
    Ok((app, store))
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
                take_in(app, kept, &mut replayed).await;
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

async fn take_in(app: &App, kept: &RawItem, replayed: &mut Replayed) {
    let items = callback::again(kept);
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
