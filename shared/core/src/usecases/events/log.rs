//! The event log: numbers events, and reads them by number.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    domain::{
        event::{Event, EventId},
        id::TenantId,
        log::{Cursor, LogHead, Numbered},
        message::Message,
        offline_queue::QueuedMessage,
        socket::Socket,
    },
    ports::{
        log::{Known, LogRecords},
        store::{Record, StoreError, Write},
    },
    usecases::{Context, Ports, until_committed::Decision},
};

/// Events that are numbered in one transaction: each writes at most three rows, and the head is one more.
const GROUP: usize = 33;

/// New log entries, and the head of the log after them.
#[derive(Debug)]
pub struct NewEntries {
    /// The entries that sockets have not got yet.
    pub entries: Vec<Numbered>,
    /// The head of the log. A later write to it raises its revision.
    pub head: LogHead,
}

/// The result of reading after a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogRead {
    /// The following entries, without a gap, and the end of the log.
    Entries(Vec<Numbered>, Cursor),
    /// The following entries have expired, or the position is not in this log. With the end of the log.
    Gap(Cursor),
}

/// Numbers events into a log without gaps, and reads it.
#[derive(Clone)]
pub struct EventLog {
    pub(crate) ctx: Arc<Context>,
    pub(crate) log: Arc<dyn LogRecords>,
}

impl EventLog {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { ctx: Arc::clone(&ports.ctx), log: Arc::clone(&ports.log) }
    }
}

impl EventLog {
    /// Numbers those events of a tenant that have no number yet, in their order; `None` where nothing is
    /// left to do. Repeating it changes nothing, and returns again what was numbered but not delivered.
    /// While there is no socket, customers' messages go into the offline queue in the same transaction, and
    /// nothing is left to deliver: two calls to the store.
    ///
    /// # Errors
    /// When the store fails: some events may have their numbers by then.
    pub async fn number(
        &self,
        tenant: &TenantId,
        events: &[Event],
    ) -> Result<Option<NewEntries>, StoreError> {
        let mut all: Option<NewEntries> = None;
        for group in events.chunks(GROUP) {
            let mut news = self.number_group(tenant, group).await?;
            if let Some(before) = all {
                news.entries.splice(0..0, before.entries);
            }
            all = Some(news);
        }
        Ok(all.filter(|news| !news.entries.is_empty()))
    }

    async fn number_group(&self, tenant: &TenantId, events: &[Event]) -> Result<NewEntries, StoreError> {
        self.ctx
            .until_committed(|| async {
                let known = self.log.known(tenant, events).await?;
                let mut head = known.head.clone().unwrap_or_else(|| LogHead::empty(tenant.clone()));
                let numbers: BTreeSet<EventId> =
                    known.numbered.iter().map(|known| known.event.id.clone()).collect();
                // Entries that were numbered before and not delivered may have been delivered in part.
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
                        changes.extend(
                            self.queued(&known, numbered).await?.map(Record::QueuedMessage).map(Write::Put),
                        );
                    }
                }
                if unlistened {
                    head.delivered = head.cursor;
                }
                if !fresh.is_empty() {
                    changes.push(Write::Put(Record::LogHead(head.clone())));
                    head.rev += 1;
                }
                let mut entries = known.numbered;
                entries.extend(fresh);
                entries.retain(|entry| entry.cursor > head.delivered);
                entries.sort_by_key(|entry| entry.cursor);
                let news = NewEntries { entries, head };
                Ok(if changes.is_empty() { Decision::Done(news) } else { Decision::Commit(changes, news) })
            })
            .await
    }

    /// The offline queue's row for an entry that brings a customer's message; `None` for all others.
    async fn queued(&self, known: &Known, entry: &Numbered) -> Result<Option<QueuedMessage>, StoreError> {
        let (Some(place), Some(address)) = entry.event.kind.subject() else { return Ok(None) };
        let message = known.messages.iter().find(|message| message.address == address);
        if !entry.event.kind.brings_message() || !message.is_some_and(Message::is_for_us) {
            return Ok(None);
        }
        let Some(row) = known.conversations.iter().find(|row| row.as_written().id == place) else {
            return Ok(None);
        };
        let conversation = self.ctx.store.current(row.clone()).await?;
        Ok(Some(QueuedMessage::of(&conversation, entry.clone())))
    }

    /// Records that everything up to a position was delivered or is in the offline queue, and whether any
    /// socket was open.
    ///
    /// # Errors
    /// When the store fails: what was delivered may be delivered once more.
    pub(crate) async fn note_delivered(
        &self,
        head: LogHead,
        delivered: Cursor,
        sockets: &[Socket],
    ) -> Result<(), StoreError> {
        let tenant = &head.tenant.clone();
        // Opening a socket changes the head, so this is only recorded if it still holds.
        let told = LogHead { listened: !sockets.is_empty(), ..head };
        self.ctx
            .until_committed_from(told, |head| async move {
                let mut head = match head {
                    Some(head) => head,
                    None => match self.head(tenant).await? {
                        head if head.delivered >= delivered => return Ok(Decision::Done(())),
                        head => head,
                    },
                };
                head.delivered = head.delivered.max(delivered);
                Ok(Decision::Commit(vec![Write::Put(Record::LogHead(head))], ()))
            })
            .await
    }

    /// The end of a tenant's log.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn log_end(&self, tenant: &TenantId) -> Result<Cursor, StoreError> {
        Ok(self.head(tenant).await?.cursor)
    }

    async fn head(&self, tenant: &TenantId) -> Result<LogHead, StoreError> {
        Ok(self.log.head(tenant).await?.unwrap_or_else(|| LogHead::empty(tenant.clone())))
    }

    /// The log entry of an event, until it expires.
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

    /// The entries after a position in a tenant's log, at most `limit`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn log_after(
        &self,
        tenant: &TenantId,
        after: Cursor,
        limit: usize,
    ) -> Result<LogRead, StoreError> {
        let end = self.log_end(tenant).await?;
        if after >= end {
            let nothing = LogRead::Entries(Vec::new(), end);
            return Ok(if after == end { nothing } else { LogRead::Gap(end) });
        }
        let mut entries = self.log.entries(tenant, after, end, limit).await?;
        entries.retain(|entry| entry.cursor <= end);
        let now = self.ctx.ids.now();
        let first_is_next =
            entries.first().is_some_and(|first| first.cursor == after.next() && first.is_kept(now));
        let without_gap =
            entries.windows(2).all(|pair| matches!(pair, [one, two] if two.cursor == one.cursor.next()));
        Ok(if first_is_next && without_gap { LogRead::Entries(entries, end) } else { LogRead::Gap(end) })
    }
}
