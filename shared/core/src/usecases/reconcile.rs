//! The sweep: what is due becomes visible, and a doubt whose policy allows it is tried again.

use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::Instrument;

use crate::{
    domain::{
        attempt::{Attempt, Ended, State},
        broadcast::Piece,
        channel::Channel,
        conversation::Watch,
        delivery::Handover,
        event::EventKind,
        file::{MediaFile, Presence},
        message::Message,
        rejection::{Reason, Rejection},
        window::{WARNED_AFTER, WINDOW, WindowWatch},
    },
    ports::{
        attempts::{Attempts, Due},
        clock::Deadline,
        conversations::ConversationRow,
        directory::Directory,
        files::Files as FileStore,
        queue::{FetchQueue, Queue},
        sockets::Posts,
        store::{Commit, Record, Removal, StoreError, Write},
    },
    usecases::{
        Broadcasts, Context, Disconnect, FrameOrder, MediaRequests, Outcomes, Ports, Sending,
        live::{Deals, Left, Overdue, Tongue},
        sending::{
            REPEAT_PATIENCE,
            outcome::{Case, silent},
        },
    },
};

/// Entries looked at in one read, of each part of the list.
const BATCH: u16 = 50;

/// How many of them are dealt with at a time.
const LANES: usize = 16;

/// What a sweep did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Attempts whose sender never came back: now in doubt, or settled by a status that had come.
    pub abandoned: usize,
    /// Attempts in doubt for longer than the grace time, left to a person.
    pub unresolved: usize,
    /// Attempts in doubt for longer than the grace time that were sent again.
    pub repeated: usize,
    /// Messages that the provider took and then never spoke of.
    pub silent: usize,
    /// Pieces of broadcasts that nobody was done with: in the queue again.
    pub queued: usize,
    /// Files that nobody was known to be fetching: in the queue again.
    pub fetching: usize,
    /// Files that could not be fetched while their provider had them.
    pub lost: usize,
    /// Windows of which it was told that they will close within the hour.
    pub expiring: usize,
    /// Windows that are looked at again later, because the customer wrote once more.
    pub put_off: usize,
    /// Sockets that were told to come again, because the gateway ends them soon.
    pub sent_away: usize,
    /// Sockets that could not be closed before.
    pub closed: usize,
    /// Frames that nobody was done with, and of which the client was told so.
    pub unanswered: usize,
    /// Frames that nobody was done with, of sockets that ended: carried out, for nobody is there to be told.
    pub carried_out: usize,
    /// Entries that could not be dealt with; the next sweep tries again.
    pub failed: usize,
}

/// What became of one entry.
enum Dealt {
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
    /// Somebody else was quicker, or the list lagged.
    Nothing,
    Failed,
}

impl Swept {
    fn count(&mut self, dealt: &Dealt) {
        match dealt {
            Dealt::Abandoned => self.abandoned += 1,
            Dealt::Unresolved => self.unresolved += 1,
            Dealt::Repeated => self.repeated += 1,
            Dealt::Silent => self.silent += 1,
            Dealt::Queued => self.queued += 1,
            Dealt::Fetching => self.fetching += 1,
            Dealt::Lost => self.lost += 1,
            Dealt::Expiring => self.expiring += 1,
            Dealt::PutOff => self.put_off += 1,
            Dealt::SentAway => self.sent_away += 1,
            Dealt::Closed => self.closed += 1,
            Dealt::Unanswered => self.unanswered += 1,
            Dealt::CarriedOut => self.carried_out += 1,
            Dealt::Failed => self.failed += 1,
            Dealt::Nothing => {}
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

/// The sweep: deals with everything that is due.
#[derive(Clone)]
pub struct Reconcile {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn Attempts>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) broadcasts: Broadcasts,
    pub(crate) disconnect: Disconnect,
    pub(crate) ordering: FrameOrder,
    pub(crate) media_requests: MediaRequests,
    pub(crate) outcomes: Outcomes,
    pub(crate) sending: Sending,
}

impl Reconcile {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(
        ports: &Ports,
        fetches: &Arc<dyn FetchQueue>,
        file_store: &Arc<dyn FileStore>,
        connections: &Arc<dyn Posts>,
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
    /// Deals with everything that is due, as far as the deadline lets it. What has to be said on sockets is said
    /// in this tongue, and what came over those that ended is left to `deals`.
    ///
    /// # Errors
    /// When the list of due work cannot be read.
    pub async fn sweep(
        &self,
        deadline: Deadline,
        tongue: &'static dyn Tongue,
        deals: &Arc<dyn Deals>,
    ) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        loop {
            let due = self.attempts.due(self.ctx.ids.now(), BATCH).await?;
            let (found, before) = (due.len(), swept.progress());
            let mut waiting = due.into_iter();
            let mut running = JoinSet::new();
            loop {
                // An entry once begun is seen through; nothing new is begun after the deadline.
                while running.len() < LANES && self.ctx.ids.now() < deadline.0 {
                    let Some(entry) = waiting.next() else { break };
                    let (this, deals) = (self.clone(), Arc::clone(deals));
                    let work = async move { this.deal_with(entry, deadline, tongue, &*deals).await };
                    running.spawn(work.in_current_span());
                }
                match running.join_next().await {
                    Some(ended) => swept.count(&ended.unwrap_or(Dealt::Failed)),
                    None => break,
                }
            }
            // The index lags: without progress the same entries would come again at once.
            if found == 0 || swept.progress() == before || self.ctx.ids.now() >= deadline.0 {
                return Ok(swept);
            }
        }
    }

    async fn deal_with(
        &self,
        entry: Due,
        deadline: Deadline,
        tongue: &dyn Tongue,
        deals: &dyn Deals,
    ) -> Dealt {
        let (tenant, id) = match &entry {
            Due::Attempt(attempt) => (attempt.tenant.clone(), attempt.address.id.get()),
            Due::Silent(message) => (message.tenant.clone(), message.address.id.get()),
            Due::Piece(piece) => (piece.id.tenant.clone(), piece.id.broadcast.get()),
            Due::Window(watch) => (watch.tenant.clone(), watch.conversation.get()),
            Due::Socket(socket) => (socket.tenant.clone(), 0),
            Due::Frame(frame) => (frame.tenant.clone(), 0),
            Due::File(file) => (file.address.tenant.clone(), file.address.id.get()),
        };
        let done = match entry {
            Due::Attempt(listed) => Box::pin(self.due_attempt(&listed, deadline)).await,
            Due::Silent(listed) => self.due_message(&listed).await,
            Due::Piece(listed) => self.due_piece(&listed).await,
            Due::Window(listed) => self.due_window(&listed).await,
            Due::Socket(listed) => self.disconnect.due_socket(&listed, tongue).await.map(|left| match left {
                Left::Told => Dealt::SentAway,
                Left::Closed => Dealt::Closed,
                Left::Nothing => Dealt::Nothing,
            }),
            Due::Frame(listed) => Box::pin(self.ordering.due_frame(&listed, deadline, tongue, deals))
                .await
                .map(|ended| match ended {
                    Overdue::Told => Dealt::Unanswered,
                    Overdue::CarriedOut => Dealt::CarriedOut,
                    Overdue::Nothing => Dealt::Nothing,
                }),
            Due::File(listed) => self.due_file(&listed).await,
        };
        done.unwrap_or_else(|error| {
            tracing::error!(%tenant, id, %error, "a due entry could not be dealt with");
            Dealt::Failed
        })
    }

    /// A window that would have closed soon, had the customer written no more: if so, it is told; if not, it is
    /// looked at again later.
    async fn due_window(&self, listed: &WindowWatch) -> Result<Dealt, StoreError> {
        let (tenant, id) = (&listed.tenant, listed.conversation);
        let (watch, place) = tokio::join!(
            self.ctx.store.window_watch(tenant, id),
            self.ctx.store.conversation_row(tenant, id)
        );
        let now = self.ctx.ids.now();
        let Some(mut watch) = watch?.filter(|watch| watch.due_at <= now) else { return Ok(Dealt::Nothing) };
        let mut place = match place? {
            Some(ConversationRow::Current(place)) => place,
            // The one that goes on in its place has a watch of its own.
            Some(ConversationRow::Merged(mut ended)) => {
                ended.conversation.watch = Watch::Off;
                let ended = Write::Put(Record::MergedConversation(ended));
                self.ctx.store.commit(vec![Write::Delete(Removal::WindowWatch(watch)), ended]).await?;
                return Ok(Dealt::Nothing);
            }
            None => return Ok(Dealt::Nothing),
        };
        let expires_at = place.last_inbound_at.map_or(now, |heard| heard.plus(WINDOW));
        let due_at = place.last_inbound_at.map_or(now, |heard| heard.plus(WARNED_AFTER));
        if due_at > now {
            watch.due_at = due_at;
            let applied = self.ctx.store.commit(vec![Write::Put(Record::WindowWatch(watch))]).await?;
            return Ok(if applied == Commit::Committed { Dealt::PutOff } else { Dealt::Nothing });
        }
        place.watch = Watch::Off;
        let still_open = expires_at > now;
        let mut changes =
            vec![Write::Delete(Removal::WindowWatch(watch)), Write::Put(Record::Conversation(place))];
        if still_open {
            let kind = EventKind::WindowExpiring { conversation: id, expires_at };
            changes.push(Write::Put(Record::Event(self.ctx.event(tenant, kind))));
        }
        let told = self.ctx.store.commit(changes).await? == Commit::Committed && still_open;
        Ok(if told { Dealt::Expiring } else { Dealt::Nothing })
    }

    async fn due_attempt(&self, listed: &Attempt, deadline: Deadline) -> Result<Dealt, StoreError> {
        let found = self.attempts.attempt(&listed.tenant, listed.address.id).await?;
        let now = self.ctx.ids.now();
        let Some(mut attempt) = found.filter(|found| found.due_at().is_some_and(|due| due <= now)) else {
            return Ok(Dealt::Nothing);
        };
        match attempt.state {
            State::Sending { .. } => Box::pin(self.abandoned(attempt)).await.map(|()| Dealt::Abandoned),
            State::Repeating { .. } => {
                if let Some(acceptance) = attempt.parked_acceptance.clone()
                    && let Some(channel) = self.channel_of_attempt(&attempt).await?
                {
                    let case = Case { attempt, conversation: None };
                    return Box::pin(self.outcomes.accept(&channel, case, &acceptance))
                        .await
                        .map(|_| Dealt::Abandoned);
                }
                attempt.end_try(Ended::Unknown);
                self.outcomes.doubt_again(attempt).await.map(|()| Dealt::Abandoned)
            }
            // Without the time for it, the next sweep does it.
            State::Unknown { .. } if attempt.may_repeat() && now.until(deadline.0) < REPEAT_PATIENCE => {
                Ok(Dealt::Nothing)
            }
            State::Unknown { .. } if attempt.may_repeat() => {
                Box::pin(self.sending.repeat(attempt, deadline)).await.map(|()| Dealt::Repeated)
            }
            State::Unknown { .. } => self.outcomes.give_up(attempt).await.map(|()| Dealt::Unresolved),
            State::Accepted { .. } | State::Rejected { .. } | State::Unresolved { .. } => Ok(Dealt::Nothing),
        }
    }

    /// An attempt whose sender never came back. It may not have lived to write the channel down.
    async fn abandoned(&self, attempt: Attempt) -> Result<(), StoreError> {
        let id = if let Some(id) = attempt.channel {
            id
        } else {
            let place = self.ctx.conversation(&attempt.tenant, attempt.address.conversation).await?;
            let Some(place) = place else {
                // Without a conversation there was nobody to send it to.
                let case = Case { attempt, conversation: None };
                return Box::pin(self.outcomes.refuse(None, case, &Rejection::of(Reason::NotFound)))
                    .await
                    .map(drop);
            };
            place.channel
        };
        match self.directory.channel(&attempt.tenant, id).await? {
            Some(channel) => {
                let settled =
                    Box::pin(self.outcomes.doubt(&channel, Case { attempt, conversation: None })).await?;
                let Some(accepted) = settled else { return Ok(()) };
                match self.ctx.conversation(&accepted.tenant, accepted.address.conversation).await? {
                    Some(place) => self.outcomes.learn_parked(&channel, &accepted, &place).await,
                    None => Ok(()),
                }
            }
            // No callback can settle it any more.
            None => self.outcomes.give_up(attempt).await,
        }
    }

    /// A piece of a broadcast that its worker left lying, or that waits for another try.
    async fn due_piece(&self, listed: &Piece) -> Result<Dealt, StoreError> {
        Ok(if self.broadcasts.go_on_with(listed).await? { Dealt::Queued } else { Dealt::Nothing })
    }

    /// A file whose fetch failed, was lost with whoever was at it, or never got into the queue.
    async fn due_file(&self, listed: &MediaFile) -> Result<Dealt, StoreError> {
        Ok(match self.media_requests.go_on_fetching(&listed.address).await? {
            Some(Presence::Lost) => Dealt::Lost,
            Some(_) => Dealt::Fetching,
            None => Dealt::Nothing,
        })
    }

    async fn channel_of_attempt(&self, attempt: &Attempt) -> Result<Option<Channel>, StoreError> {
        match attempt.channel {
            Some(id) => self.directory.channel(&attempt.tenant, id).await,
            None => Ok(None),
        }
    }

    /// A message that the provider took, and of which nothing was heard in the time set for it: callbacks
    /// do not come through, or the provider lost it.
    async fn due_message(&self, listed: &Message) -> Result<Dealt, StoreError> {
        let now = self.ctx.ids.now();
        let found = self.ctx.store.message(&listed.tenant, listed.address).await?;
        let due = |message: &Message| {
            message.handover == Handover::Accepted && message.status_due.is_some_and(|due| due <= now)
        };
        let Some(mut message) = found.filter(due) else { return Ok(Dealt::Nothing) };
        message.silent_since = message.status_due.take();
        let event = Write::Put(Record::Event(self.ctx.event(&message.tenant, silent(&message))));
        let (tenant, id) = (message.tenant.clone(), message.address.id);
        if self.ctx.store.commit(vec![Write::Put(Record::Message(message)), event]).await? == Commit::Conflict
        {
            // A status came this very moment.
            return Ok(Dealt::Nothing);
        }
        tracing::warn!(metric = "message_silent", %tenant, message_id = %id,
            "the provider took a message and then never spoke of it");
        Ok(Dealt::Silent)
    }
}
