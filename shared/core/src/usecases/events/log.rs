//! The log: events get their numbers, and are read by them.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    domain::{
        event::{Event, EventId},
        id::TenantId,
        log::{Cursor, LogHead, Numbered},
        message::Message,
        socket::Socket,
        waiting::Waiting,
    },
    ports::{
        log::{Known, Log},
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{Context, Ports, backoff::Rounds},
};

/// Events numbered in one transaction: each writes three rows at most, and the head is one more.
const GROUP: usize = 33;

/// What is new in a log, and how the log stood once it was numbered.
#[derive(Debug)]
pub struct News {
    /// What is still to be delivered to sockets.
    pub entries: Vec<Numbered>,
    /// The head of the log. Whatever was written to it since then has another revision.
    pub head: LogHead,
}

/// What a reader finds after a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The entries that follow, without a gap, and how far the log goes.
    Entries(Vec<Numbered>, Cursor),
    /// What follows is not kept any more, or the place is none of this log. The log goes as far as told.
    Gap(Cursor),
}

/// Numbers events into a log without gaps, and reads it.
#[derive(Clone)]
pub struct EventLog {
    pub(crate) ctx: Arc<Context>,
    pub(crate) log: Arc<dyn Log>,
}

impl EventLog {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { ctx: Arc::clone(&ports.ctx), log: Arc::clone(&ports.log) }
    }
}

impl EventLog {
    /// Gives numbers to events of a tenant that have none yet, in their order; none where all was done before. Doing it
    /// again changes nothing, and gives again what was numbered and not delivered. While there is no socket, customers'
    /// messages go into the offline queue in the same transaction, and nothing is left to deliver: two calls to the store.
    ///
    /// # Errors
    /// When the store fails: some may have their numbers by then.
    pub async fn number(&self, tenant: &TenantId, events: &[Event]) -> Result<Option<News>, StoreError> {
        let mut all: Option<News> = None;
        for group in events.chunks(GROUP) {
            let mut news = self.number_group(tenant, group).await?;
            if let Some(before) = all {
                news.entries.splice(0..0, before.entries);
            }
            all = Some(news);
        }
        Ok(all.filter(|news| !news.entries.is_empty()))
    }

    async fn number_group(&self, tenant: &TenantId, events: &[Event]) -> Result<News, StoreError> {
        let mut rounds = Rounds::default();
        loop {
            let known = self.log.known(tenant, events).await?;
            let mut head = known.head.clone().unwrap_or_else(|| LogHead::empty(tenant.clone()));
            let numbers: BTreeSet<EventId> =
                known.numbered.iter().map(|known| known.event.id.clone()).collect();
            // What was numbered before and not delivered may have been delivered in part.
            let unlistened = !head.listened && head.delivered == head.cursor;
            let fresh = events.iter().filter(|event| !numbers.contains(&event.id));
            let fresh: Vec<Numbered> = fresh.map(|event| head.number(event.clone())).collect();
            let mut changes = Vec::with_capacity(3 * fresh.len() + 1);
            for numbered in &fresh {
                changes.extend([
                    Write::Put(Record::Numbered(numbered.clone())),
                    Write::Put(Record::LogEntry(numbered.clone())),
                ]);
                if unlistened {
                    changes.extend(self.queued(&known, numbered).await?.map(Record::Waiting).map(Write::Put));
                }
            }
            if unlistened {
                head.delivered = head.cursor;
            }
            if !fresh.is_empty() {
                changes.push(Write::Put(Record::LogHead(head.clone())));
                if self.ctx.store.commit(changes).await? == Commit::Conflict {
                    rounds.again(&self.ctx).await?;
                    continue;
                }
                head.rev += 1;
            }
            let mut entries = known.numbered;
            entries.extend(fresh);
            entries.retain(|entry| entry.cursor > head.delivered);
            entries.sort_by_key(|entry| entry.cursor);
            return Ok(News { entries, head });
        }
    }

    /// The place in the offline queue of an entry that brings a customer's message; none for all others.
    async fn queued(&self, known: &Known, entry: &Numbered) -> Result<Option<Waiting>, StoreError> {
        let (Some(place), Some(address)) = entry.event.kind.subject() else { return Ok(None) };
        let message = known.messages.iter().find(|message| message.address == address);
        if !entry.event.kind.brings_message() || !message.is_some_and(Message::is_for_us) {
            return Ok(None);
        }
        let Some(row) = known.conversations.iter().find(|row| row.as_written().id == place) else {
            return Ok(None);
        };
        let conversation = self.ctx.store.current(row.clone()).await?;
        Ok(Some(Waiting::of(&conversation, entry.clone())))
    }

    /// Notes that everything up to a place was delivered or is in the offline queue, and whether any socket was there.
    ///
    /// # Errors
    /// When the store fails: what was delivered may be delivered once more.
    pub(crate) async fn note_delivered(
        &self,
        mut head: LogHead,
        delivered: Cursor,
        sockets: &[Socket],
    ) -> Result<(), StoreError> {
        // Opening a socket changes the head, so this is only noted if it still holds.
        head.listened = !sockets.is_empty();
        let mut rounds = Rounds::default();
        loop {
            head.delivered = head.delivered.max(delivered);
            let tenant = head.tenant.clone();
            if self.ctx.store.commit(vec![Write::Put(Record::LogHead(head))]).await? == Commit::Committed {
                return Ok(());
            }
            rounds.again(&self.ctx).await?;
            head = self.log.head(&tenant).await?.unwrap_or_else(|| LogHead::empty(tenant));
            if head.delivered >= delivered {
                return Ok(());
            }
        }
    }

    /// How far a tenant's log goes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn log_end(&self, tenant: &TenantId) -> Result<Cursor, StoreError> {
        Ok(self.log.head(tenant).await?.map_or_else(Cursor::default, |head| head.cursor))
    }

    /// An event of a tenant's log, as long as it can be read.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn logged_event(
        &self,
        tenant: &TenantId,
        id: &EventId,
    ) -> Result<Option<Numbered>, StoreError> {
        let found = self.log.entry(tenant, id).await?;
        Ok(found.filter(|entry| entry.is_kept(self.ctx.ids.now())))
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
        let now = self.ctx.ids.now();
        let first_is_next =
            entries.first().is_some_and(|first| first.cursor == after.next() && first.is_kept(now));
        let without_gap =
            entries.windows(2).all(|pair| matches!(pair, [one, two] if two.cursor == one.cursor.next()));
        Ok(if first_is_next && without_gap { Found::Entries(entries, end) } else { Found::Gap(end) })
    }
}
