//! The log: events get their numbers, and are read by them.

use std::collections::BTreeMap;

use crate::{
    domain::{
        event::{Event, EventId},
        id::TenantId,
        log::{Cursor, LogHead, Numbered},
    },
    port::book::{Applied, Change, StoreError},
    service::{Core, backoff::Rounds},
};

/// Events numbered in one transaction: each writes two rows, and the head is one more.
const GROUP: usize = 49;

/// What a reader finds after a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The entries that follow, without a gap, and how far the log goes.
    Entries(Vec<Numbered>, Cursor),
    /// What follows is not kept any more, or the place is none of this log. The log goes as far as told.
    Gap(Cursor),
}

impl Core {
    /// Gives numbers to events of a tenant that have none yet, in their order. Gives all of them with their
    /// numbers: doing it again changes nothing and tells the same.
    ///
    /// # Errors
    /// When the store fails: some may have their numbers by then.
    pub async fn number(&self, tenant: &TenantId, events: &[Event]) -> Result<Vec<Numbered>, StoreError> {
        let mut all = Vec::with_capacity(events.len());
        for group in events.chunks(GROUP) {
            all.extend(self.number_group(tenant, group).await?);
        }
        Ok(all)
    }

    async fn number_group(&self, tenant: &TenantId, events: &[Event]) -> Result<Vec<Numbered>, StoreError> {
        let mut rounds = Rounds::default();
        loop {
            let (known, head) = tokio::join!(self.log.numbered(events), self.log.head(tenant));
            let mut numbers: BTreeMap<EventId, Numbered> =
                known?.into_iter().map(|known| (known.event.id.clone(), known)).collect();
            let mut head = head?.unwrap_or_else(|| LogHead::empty(tenant.clone()));
            let mut changes = Vec::new();
            for event in events {
                if numbers.contains_key(&event.id) {
                    continue;
                }
                let numbered = head.number(event.clone());
                changes.extend([Change::Numbered(numbered.clone()), Change::LogEntry(numbered.clone())]);
                numbers.insert(event.id.clone(), numbered);
            }
            let new = !changes.is_empty();
            changes.push(Change::LogHead(head));
            if !new || self.book.apply(changes).await? == Applied::Done {
                let mut all: Vec<Numbered> = numbers.into_values().collect();
                all.sort_by_key(|numbered| numbered.cursor);
                return Ok(all);
            }
            rounds.again(self).await?;
        }
    }

    /// How far a tenant's log goes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn log_end(&self, tenant: &TenantId) -> Result<Cursor, StoreError> {
        Ok(self.log.head(tenant).await?.map_or_else(Cursor::default, |head| head.cursor))
    }

    /// What follows a place in a tenant's log, at most so many entries.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn log_after(
        &self,
        tenant: &TenantId,
        after: Cursor,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let end = self.log_end(tenant).await?;
        if after >= end {
            let nothing = Found::Entries(Vec::new(), end);
            return Ok(if after == end { nothing } else { Found::Gap(end) });
        }
        let mut entries = self.log.entries(tenant, after, end, limit).await?;
        entries.retain(|entry| entry.cursor <= end);
        let now = self.mint.now();
        let first_is_next =
            entries.first().is_some_and(|first| first.cursor == after.next() && first.is_kept(now));
        let without_gap =
            entries.windows(2).all(|pair| matches!(pair, [one, two] if two.cursor == one.cursor.next()));
        Ok(if first_is_next && without_gap { Found::Entries(entries, end) } else { Found::Gap(end) })
    }
}
