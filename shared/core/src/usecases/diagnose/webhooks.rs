//! What is on record of a channel: when a customer was last heard, and callbacks that lead nowhere.

use std::time::Duration;

use crate::{
    domain::{
        channel::{Channel, Origin},
        listing::Filter,
        raw::RawOwner,
    },
    ports::{
        archive::Archive,
        inbox::{Inbox, Order},
        store::StoreError,
    },
    usecases::{HealthChecks, diagnose::Heard},
};

/// Conversations on a page.
const PAGE: u16 = 100;

/// Pages looked through at most: the tenant's latest thousand conversations.
const MOST_PAGES: usize = 10;

impl HealthChecks {
    /// When a customer was last heard on a channel.
    pub(crate) async fn last_heard(&self, channel: &Channel, inbox: &dyn Inbox) -> Result<Heard, StoreError> {
        let (mut latest, mut after) = (None, None);
        let filter = Filter { channel: Some(channel.id), ..Filter::default() };
        for _ in 0..MOST_PAGES {
            let page = inbox.conversations(&channel.tenant, &filter, after, Order::NewestFirst, PAGE).await?;
            for it in &page.items {
                latest = latest.max(it.last_inbound_at);
            }
            // Those that follow had their last message before this page's last one had.
            let settled = page.items.last().is_some_and(|last| latest >= Some(last.last_message_at));
            after = page.next;
            if after.is_none() || settled {
                return Ok(latest.map_or(Heard::Never, Heard::At));
            }
        }
        Ok(latest.map_or(Heard::NotLately, Heard::At))
    }

    /// Callbacks of this hour and the last that came from the channel's app and lead to no channel.
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
        for hour in [now.hour_start(), crate::domain::time::Timestamp::from_millis(hour_ago)] {
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
