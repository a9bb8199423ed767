//! The sweep: processes due work, and retries unknown outcomes whose policy allows it.

use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::Instrument;

use crate::{
    domain::{
        attempt::{Attempt, Ended, State},
        broadcast::Batch,
        channel::Channel,
        conversation::Watch,
        delivery::AttemptOutcome,
        event::EventKind,
        file::{MediaFile, Presence},
        message::Message,
        rejection::{Reason, Rejection},
        window::{WARNED_AFTER, WINDOW, WindowWatch},
    },
    ports::{
        attempts::{AttemptRecords, Due},
        clock::Deadline,
        conversations::ConversationRow,
        directory::Directory,
        files::FileStore,
        queue::{FetchQueue, Queue},
        sockets::Connections,
        store::{Commit, Record, Removal, StoreError, Write},
    },
    usecases::{
        Broadcasts, Context, Disconnect, FrameOrder, MediaRequests, Outcomes, Ports, Sending,
        live::{DisconnectOutcome, FrameHandler, OrderError, Overdue, SocketEncoder},
        requeue::RequeueError,
        sending::{
            REPEAT_PATIENCE,
            outcome::{Case, silent},
        },
    },
};

/// Due entries per read, of each shard of the list.
const BATCH: u16 = 50;

/// How many of them are processed concurrently.
const LANES: usize = 16;

/// The result of a sweep, in numbers of entries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Attempts whose sender died: now unknown, or resolved by a status that had arrived.
    pub abandoned: usize,
    /// Attempts that were unknown for longer than the grace time, left to a person.
    pub unresolved: usize,
    /// Attempts that were unknown for longer than the grace time and were retried.
    pub repeated: usize,
    /// Messages without any status since the provider accepted them.
    pub silent: usize,
    /// Batches of broadcasts that no worker finished: queued again.
    pub queued: usize,
    /// Files that no worker was known to fetch: queued again.
    pub fetching: usize,
    /// Files that could not be fetched before the provider deleted them.
    pub lost: usize,
    /// Windows that close within the hour, with their event.
    pub expiring: usize,
    /// Windows whose reminder was moved, because the customer wrote again.
    pub put_off: usize,
    /// Sockets that were asked to reconnect, because the gateway closes them soon.
    pub sent_away: usize,
    /// Sockets that could not be closed before, and are now.
    pub closed: usize,
    /// Unprocessed frames whose client was informed.
    pub unanswered: usize,
    /// Unprocessed frames of closed sockets, which were processed.
    pub carried_out: usize,
    /// Entries whose processing failed; the next sweep retries.
    pub failed: usize,
}

/// The result of one entry.
enum SweepOutcome {
    Abandoned,
    Unresolved,
    Repeated,
    Silent,
    Queued,
    Fetching,
    Lost,
    Expiring,
    PutOff,
    SentAway,
    Closed,
    Unanswered,
    CarriedOut,
    /// A conflict, or the list lagged.
    Nothing,
    Failed,
}

impl Swept {
    fn count(&mut self, outcome: &SweepOutcome) {
        match outcome {
            SweepOutcome::Abandoned => self.abandoned += 1,
            SweepOutcome::Unresolved => self.unresolved += 1,
            SweepOutcome::Repeated => self.repeated += 1,
            SweepOutcome::Silent => self.silent += 1,
            SweepOutcome::Queued => self.queued += 1,
            SweepOutcome::Fetching => self.fetching += 1,
            SweepOutcome::Lost => self.lost += 1,
            SweepOutcome::Expiring => self.expiring += 1,
            SweepOutcome::PutOff => self.put_off += 1,
            SweepOutcome::SentAway => self.sent_away += 1,
            SweepOutcome::Closed => self.closed += 1,
            SweepOutcome::Unanswered => self.unanswered += 1,
            SweepOutcome::CarriedOut => self.carried_out += 1,
            SweepOutcome::Failed => self.failed += 1,
            SweepOutcome::Nothing => {}
        }
    }

    fn progress(&self) -> usize {
        self.abandoned
            + self.unresolved
            + self.repeated
            + self.silent
            + self.queued
            + self.fetching
            + self.lost
            + self.expiring
            + self.put_off
            + self.sent_away
            + self.closed
            + self.unanswered
            + self.carried_out
    }
}

/// The sweep: processes all due work.
#[derive(Clone)]
pub struct Reconcile {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) broadcasts: Broadcasts,
    pub(crate) disconnect: Disconnect,
    pub(crate) ordering: FrameOrder,
    pub(crate) media_requests: MediaRequests,
    pub(crate) outcomes: Outcomes,
    pub(crate) sending: Sending,
}

/// Why a due entry could not be processed. It stays due.
#[derive(Debug, thiserror::Error)]
enum DueError {
    #[error(transparent)]
    Frame(#[from] OrderError),
    #[error(transparent)]
    Requeue(#[from] RequeueError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Reconcile {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(
        ports: &Ports,
        fetches: &Arc<dyn FetchQueue>,
        file_store: &Arc<dyn FileStore>,
        connections: &Arc<dyn Connections>,
        queue: &Arc<dyn Queue>,
    ) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            directory: Arc::clone(&ports.directory),
            broadcasts: Broadcasts::new(ports, file_store, queue),
            disconnect: Disconnect::new(ports, connections),
            ordering: FrameOrder::new(ports, connections),
            media_requests: MediaRequests::new(ports, fetches),
            outcomes: Outcomes::new(ports),
            sending: Sending::new(ports, file_store),
        }
    }
}

impl Reconcile {
    /// Processes all due work, as far as the deadline allows. Frames to sockets are encoded by `encoder`, and
    /// frames from closed sockets are processed by `handler`.
    ///
    /// # Errors
    /// When the list of due work cannot be read.
    pub async fn sweep(
        &self,
        deadline: Deadline,
        encoder: &'static dyn SocketEncoder,
        deals: &Arc<dyn FrameHandler>,
    ) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        loop {
            let due = self.attempts.due(self.ctx.ids.now(), BATCH).await?;
            let (found, before) = (due.len(), swept.progress());
            let mut waiting = due.into_iter();
            let mut running = JoinSet::new();
            loop {
                // An entry once started runs to its end; none is started after the deadline.
                while running.len() < LANES && self.ctx.ids.now() < deadline.0 {
                    let Some(entry) = waiting.next() else { break };
                    let (this, handler) = (self.clone(), Arc::clone(deals));
                    let work = async move { this.deal_with(entry, deadline, encoder, &*handler).await };
                    running.spawn(work.in_current_span());
                }
                match running.join_next().await {
                    Some(ended) => swept.count(&ended.unwrap_or(SweepOutcome::Failed)),
                    None => break,
                }
            }
            // The index lags: without progress the same entries would be listed again at once.
            if found == 0 || swept.progress() == before || self.ctx.ids.now() >= deadline.0 {
                return Ok(swept);
            }
        }
    }

    async fn deal_with(
        &self,
        entry: Due,
        deadline: Deadline,
        encoder: &dyn SocketEncoder,
        handler: &dyn FrameHandler,
    ) -> SweepOutcome {
        let (tenant, id) = match &entry {
            Due::Attempt(attempt) => (attempt.tenant.clone(), attempt.address.id.get()),
            Due::Silent(message) => (message.tenant.clone(), message.address.id.get()),
            Due::Piece(batch) => (batch.id.tenant.clone(), batch.id.broadcast.get()),
            Due::Window(watch) => (watch.tenant.clone(), watch.conversation.get()),
            Due::Socket(socket) => (socket.tenant.clone(), 0),
            Due::Frame(frame) => (frame.tenant.clone(), 0),
            Due::File(file) => (file.address.tenant.clone(), file.address.id.get()),
        };
        let done = match entry {
            Due::Attempt(listed) => {
                Box::pin(self.due_attempt(&listed, deadline)).await.map_err(DueError::from)
            }
            Due::Silent(listed) => self.due_message(&listed).await.map_err(DueError::from),
            Due::Piece(listed) => self.requeue_batch(&listed).await.map_err(DueError::from),
            Due::Window(listed) => self.due_window(&listed).await.map_err(DueError::from),
            Due::Socket(listed) => match self.disconnect.due_socket(&listed, encoder).await {
                Ok(DisconnectOutcome::Notified) => Ok(SweepOutcome::SentAway),
                Ok(DisconnectOutcome::Closed) => Ok(SweepOutcome::Closed),
                Ok(DisconnectOutcome::Nothing) => Ok(SweepOutcome::Nothing),
                Err(error) => Err(error.into()),
            },
            Due::Frame(listed) => {
                match Box::pin(self.ordering.due_frame(&listed, deadline, encoder, handler)).await {
                    Ok(Overdue::Answered) => Ok(SweepOutcome::Unanswered),
                    Ok(Overdue::CarriedOut) => Ok(SweepOutcome::CarriedOut),
                    Ok(Overdue::Nothing) => Ok(SweepOutcome::Nothing),
                    Err(error) => Err(error.into()),
                }
            }
            Due::File(listed) => self.due_file(&listed).await.map_err(DueError::from),
        };
        done.unwrap_or_else(|error| {
            tracing::error!(%tenant, id, %error, "a due entry could not be processed");
            SweepOutcome::Failed
        })
    }

    /// A reminder that is due: if the window closes soon, emits the event; if the customer wrote again,
    /// moves the reminder.
    async fn due_window(&self, listed: &WindowWatch) -> Result<SweepOutcome, StoreError> {
        let (tenant, id) = (&listed.tenant, listed.conversation);
        let (watch, place) = tokio::join!(
            self.ctx.store.window_watch(tenant, id),
            self.ctx.store.conversation_row(tenant, id)
        );
        let now = self.ctx.ids.now();
        let Some(mut watch) = watch?.filter(|watch| watch.due_at <= now) else {
            return Ok(SweepOutcome::Nothing);
        };
        let mut place = match place? {
            Some(ConversationRow::Current(place)) => place,
            // The one that goes on in its place has a watch of its own.
            Some(ConversationRow::Merged(mut ended)) => {
                ended.conversation.watch = Watch::Off;
                let ended = Write::Put(Record::MergedConversation(ended));
                self.ctx.store.commit(vec![Write::Delete(Removal::WindowWatch(watch)), ended]).await?;
                return Ok(SweepOutcome::Nothing);
            }
            None => return Ok(SweepOutcome::Nothing),
        };
        let expires_at = place.last_inbound_at.map_or(now, |heard| heard.plus(WINDOW));
        let due_at = place.last_inbound_at.map_or(now, |heard| heard.plus(WARNED_AFTER));
        if due_at > now {
            watch.due_at = due_at;
            let applied = self.ctx.store.commit(vec![Write::Put(Record::WindowWatch(watch))]).await?;
            return Ok(if applied == Commit::Committed {
                SweepOutcome::PutOff
            } else {
                SweepOutcome::Nothing
            });
        }
        place.watch = Watch::Off;
        let still_open = expires_at > now;
        let mut changes =
            vec![Write::Delete(Removal::WindowWatch(watch)), Write::Put(Record::Conversation(place))];
        if still_open {
            let kind = EventKind::WindowExpiring { conversation: id, expires_at };
            changes.push(Write::Put(Record::Event(self.ctx.event(tenant, kind))));
        }
        let announced = self.ctx.store.commit(changes).await? == Commit::Committed && still_open;
        Ok(if announced { SweepOutcome::Expiring } else { SweepOutcome::Nothing })
    }

    async fn due_attempt(&self, listed: &Attempt, deadline: Deadline) -> Result<SweepOutcome, StoreError> {
        let found = self.attempts.attempt(&listed.tenant, listed.address.id).await?;
        let now = self.ctx.ids.now();
        let Some(mut attempt) = found.filter(|found| found.due_at().is_some_and(|due| due <= now)) else {
            return Ok(SweepOutcome::Nothing);
        };
        match attempt.state {
            State::Sending { .. } => {
                Box::pin(self.abandoned(attempt)).await.map(|()| SweepOutcome::Abandoned)
            }
            State::Repeating { .. } => {
                if let Some(acceptance) = attempt.parked_acceptance.clone()
                    && let Some(channel) = self.channel_of_attempt(&attempt).await?
                {
                    let case = Case { attempt, conversation: None };
                    return Box::pin(self.outcomes.record_accepted(&channel, case, &acceptance))
                        .await
                        .map(|_| SweepOutcome::Abandoned);
                }
                attempt.end_try(Ended::Unknown);
                self.outcomes.record_unknown_again(attempt).await.map(|()| SweepOutcome::Abandoned)
            }
            // Without the time for it, the next sweep does it.
            State::Unknown { .. } if attempt.may_repeat() && now.until(deadline.0) < REPEAT_PATIENCE => {
                Ok(SweepOutcome::Nothing)
            }
            State::Unknown { .. } if attempt.may_repeat() => {
                Box::pin(self.sending.retry_attempt(attempt, deadline)).await.map(|()| SweepOutcome::Repeated)
            }
            State::Unknown { .. } => self.outcomes.give_up(attempt).await.map(|()| SweepOutcome::Unresolved),
            State::Accepted { .. } | State::Rejected { .. } | State::Unresolved { .. } => {
                Ok(SweepOutcome::Nothing)
            }
        }
    }

    /// An attempt whose sender died, maybe before it stored the channel.
    async fn abandoned(&self, attempt: Attempt) -> Result<(), StoreError> {
        let id = if let Some(id) = attempt.channel {
            id
        } else {
            let place = self.ctx.conversation(&attempt.tenant, attempt.address.conversation).await?;
            let Some(place) = place else {
                // Without a conversation there was no recipient.
                let case = Case { attempt, conversation: None };
                return Box::pin(self.outcomes.record_rejected(None, case, &Rejection::of(Reason::NotFound)))
                    .await
                    .map(drop);
            };
            place.channel
        };
        match self.directory.channel(&attempt.tenant, id).await? {
            Some(channel) => {
                let settled =
                    Box::pin(self.outcomes.record_unknown(&channel, Case { attempt, conversation: None }))
                        .await?;
                let Some(accepted) = settled else { return Ok(()) };
                match self.ctx.conversation(&accepted.tenant, accepted.address.conversation).await? {
                    Some(place) => self.outcomes.learn_parked(&channel, &accepted, &place).await,
                    None => Ok(()),
                }
            }
            // No webhook can change it any more.
            None => self.outcomes.give_up(attempt).await,
        }
    }

    /// A batch of a broadcast that its worker left, or that waits for a retry.
    async fn requeue_batch(&self, listed: &Batch) -> Result<SweepOutcome, RequeueError> {
        Ok(if self.broadcasts.requeue_broadcast(listed).await? {
            SweepOutcome::Queued
        } else {
            SweepOutcome::Nothing
        })
    }

    /// A file whose fetch failed, whose worker died, or that was never queued.
    async fn due_file(&self, listed: &MediaFile) -> Result<SweepOutcome, RequeueError> {
        Ok(match self.media_requests.requeue_fetch(&listed.address).await? {
            Some(Presence::Lost) => SweepOutcome::Lost,
            Some(_) => SweepOutcome::Fetching,
            None => SweepOutcome::Nothing,
        })
    }

    async fn channel_of_attempt(&self, attempt: &Attempt) -> Result<Option<Channel>, StoreError> {
        match attempt.channel {
            Some(id) => self.directory.channel(&attempt.tenant, id).await,
            None => Ok(None),
        }
    }

    /// A message without any status in the time set for it: webhooks do not arrive, or the provider lost it.
    async fn due_message(&self, listed: &Message) -> Result<SweepOutcome, StoreError> {
        let now = self.ctx.ids.now();
        let found = self.ctx.store.message(&listed.tenant, listed.address).await?;
        let due = |message: &Message| {
            message.handover == AttemptOutcome::Accepted && message.status_due.is_some_and(|due| due <= now)
        };
        let Some(mut message) = found.filter(due) else { return Ok(SweepOutcome::Nothing) };
        message.silent_since = message.status_due.take();
        let event = Write::Put(Record::Event(self.ctx.event(&message.tenant, silent(&message))));
        let (tenant, id) = (message.tenant.clone(), message.address.id);
        if self.ctx.store.commit(vec![Write::Put(Record::Message(message)), event]).await? == Commit::Conflict
        {
            // A status has just arrived.
            return Ok(SweepOutcome::Nothing);
        }
        tracing::warn!(metric = "message_silent", %tenant, message_id = %id,
            "no status arrived for a message that the provider accepted");
        Ok(SweepOutcome::Silent)
    }
}
