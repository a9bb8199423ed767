//! Our own records of a channel: the last customer's message, and webhooks that belong to no channel.

use std::time::Duration;

use ventanilla::{
    domain::{
        channel::{Channel, Origin},
        listing::Filter,
        raw::RawOwner,
        time::Timestamp,
    },
    ports::{
        archive::Archive,
        inbox::{InboxRecords, SortOrder},
        store::StoreError,
    },
};

use super::{HealthChecks, LastHeard};

const PAGE: u16 = 100;

/// Most pages that are searched: the tenant's latest thousand conversations.
const MOST_PAGES: usize = 10;

impl HealthChecks {
    /// When a customer's last message arrived on a channel.
    pub(crate) async fn last_heard(
        &self,
        channel: &Channel,
        inbox: &dyn InboxRecords,
    ) -> Result<LastHeard, StoreError> {
        let (mut latest, mut after) = (None, None);
        let filter = Filter { channel: Some(channel.id), ..Filter::default() };
        for _ in 0..MOST_PAGES {
            let page =
                inbox.conversations(&channel.tenant, &filter, after, SortOrder::NewestFirst, PAGE).await?;
            for it in &page.items {
                latest = latest.max(it.last_inbound_at);
            }
            // The following conversations are older than the last one of this page.
            let settled = page.items.last().is_some_and(|last| latest >= Some(last.latest.at));
            after = page.next;
            if after.is_none() || settled {
                return Ok(latest.map_or(LastHeard::Never, LastHeard::At));
            }
        }
        Ok(latest.map_or(LastHeard::NotLately, LastHeard::At))
    }

    /// Webhooks of this hour and the last that came from the channel's app and belong to no channel.
    pub(crate) async fn stray_callbacks(
        &self,
        channel: &Channel,
        archive: &dyn Archive,
    ) -> Result<usize, StoreError> {
        let Some(app) = channel.access.app() else { return Ok(0) };
        let owner = RawOwner::Sender(Origin::App(app.clone()));
        let now = self.ctx.ids.now();
        let hour_ago =
            now.hour_start().millis() - i64::try_from(Duration::from_hours(1).as_millis()).unwrap_or(0);
        let mut count = 0;
        for hour in [now.hour_start(), Timestamp::from_millis(hour_ago)] {
            let mut mark = None;
            loop {
                let page = archive.hour(&owner, hour, mark).await?;
                count += page.items.len();
                mark = page.next;
                if mark.is_none() {
                    break;
                }
            }
        }
        Ok(count)
    }
}
