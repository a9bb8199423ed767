//! Pushes new events to the live sockets.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};
use tracing::Instrument;

use crate::{
    domain::{
        conversation::Conversation,
        event::EventKind,
        log::{Cursor, Numbered},
        message::Message,
        socket::{Audience, Phase, Socket},
    },
    ports::{
        sockets::{Connections, PushError, SocketRecords},
        store::{Record, StoreError, Write},
    },
    usecases::{
        Context, Disconnect, EventContexts, EventLog, OfflineQueue, Ports, SocketWriter,
        events::log::NewEntries,
        live::{ConversationEvent, SocketEncoder},
        until_committed::Decision,
    },
};

/// The time limit for one socket per batch. The others do not wait longer for it: it catches up by itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// An encoded frame with its context.
struct Frame {
    scene: ConversationEvent,
    text: String,
}

/// Pushes numbered log entries, in order, to live sockets.
#[derive(Clone)]
pub struct Push {
    pub(crate) ctx: Arc<Context>,
    pub(crate) sockets: Arc<dyn SocketRecords>,
    pub(crate) disconnect: Disconnect,
    pub(crate) event_contexts: EventContexts,
    pub(crate) events: EventLog,
    pub(crate) offline_queue: OfflineQueue,
    pub(crate) writer: SocketWriter,
}

impl Push {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Connections>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            sockets: Arc::clone(&ports.sockets),
            disconnect: Disconnect::new(ports, connections),
            event_contexts: EventContexts::new(ports),
            events: EventLog::new(ports),
            offline_queue: OfflineQueue::new(ports, connections),
            writer: SocketWriter::new(ports, connections),
        }
    }
}

impl Push {
    /// Pushes numbered entries, in order, to every live socket. No socket waits for another: one that takes
    /// too long goes back to catching up. Messages that no socket got go into the offline queue.
    ///
    /// # Errors
    /// When the store fails: some entries may have been delivered, and are delivered again.
    pub async fn push_entries(
        &self,
        news: NewEntries,
        encoder: &dyn SocketEncoder,
    ) -> Result<(), StoreError> {
        let NewEntries { entries, head } = news;
        let Some(last) = entries.last().map(|entry| entry.cursor) else { return Ok(()) };
        let mut sockets = self.sockets.sockets(&head.tenant).await?;
        if entries.iter().any(|numbered| matches!(numbered.event.kind, EventKind::ContactMerged { .. })) {
            for socket in &mut sockets {
                self.writer.follow_merge(socket).await?;
            }
        }
        let frames = Arc::new(self.frames(&entries, &sockets, encoder).await?);
        let mut telling = JoinSet::new();
        let live = sockets.iter().filter(|socket| matches!(socket.phase, Phase::Live { .. }));
        for socket in live.filter(|_| !frames.is_empty()).cloned() {
            let (this, frames) = (self.clone(), Arc::clone(&frames));
            telling.spawn(async move { this.tell_socket(socket, &frames).await }.in_current_span());
        }
        let (mut heard, mut all) = (BTreeSet::new(), Ok(()));
        // Each runs to its end, whatever happens to the others.
        while let Some(ended) = telling.join_next().await {
            match ended.unwrap_or_else(|_| Ok(Vec::new())) {
                Ok(delivered) => heard.extend(delivered),
                Err(error) => all = all.and(Err(error)),
            }
        }
        all?;
        for frame in frames.iter().filter(|frame| is_a_customer_s(&frame.scene)) {
            if !heard.contains(&frame.scene.entry.cursor) {
                self.offline_queue.queue_unless_taken(&frame.scene, &sockets).await?;
            }
        }
        self.events.note_delivered(head, last, &sockets).await
    }

    /// The frames that some socket gets, or that may have to be queued.
    async fn frames(
        &self,
        news: &[Numbered],
        sockets: &[Socket],
        encoder: &dyn SocketEncoder,
    ) -> Result<Vec<Frame>, StoreError> {
        let wanted = news.iter().filter(|entry| !sockets.is_empty() || entry.event.kind.brings_message());
        let events = self.event_contexts.conversation_events(&wanted.cloned().collect::<Vec<_>>()).await?;
        let frame = |event: ConversationEvent| encoder.frame(&event).map(|text| Frame { scene: event, text });
        Ok(events.into_iter().flatten().filter_map(frame).collect())
    }

    /// Pushes to one socket; returns the entries that it got.
    async fn tell_socket(&self, socket: Socket, frames: &[Frame]) -> Result<Vec<Cursor>, StoreError> {
        let until = Instant::now() + PATIENCE;
        let mut delivered = Vec::new();
        for Frame { scene: event, text } in frames {
            let place = &event.conversation;
            if !socket.receives(event.entry.cursor) || !socket.audience.includes(place.channel, place.id) {
                continue;
            }
            match self.writer.push_until(&socket, text, until).await {
                Ok(()) => delivered.push(event.entry.cursor),
                Err(PushError::Gone) => {
                    self.disconnect.forget_socket(&socket.id).await?;
                    break;
                }
                Err(problem) => {
                    tracing::info!(tenant = %socket.tenant, %problem, "a socket fell behind and goes back to catching up");
                    self.fall_behind(socket, event.entry.cursor.previous()).await?;
                    break;
                }
            }
        }
        Ok(delivered)
    }

    /// Sends a live socket back to catching up, from a position on: that runs outside the batch.
    async fn fall_behind(&self, socket: Socket, from: Cursor) -> Result<(), StoreError> {
        let known = &socket.clone();
        self.ctx
            .until_committed_from(socket, |held| async move {
                let found = match held {
                    Some(socket) => Some(socket),
                    None => self.sockets.current(known).await?,
                };
                let Some(socket) = found else { return Ok(Decision::Done(())) };
                let Phase::Live { start, .. } = socket.phase else { return Ok(Decision::Done(())) };
                let phase = Phase::Opening { from, start, greeted: true };
                Ok(Decision::Commit(vec![Write::Put(Record::Socket(Socket { phase, ..socket }))], ()))
            })
            .await
    }
}

impl Push {
    /// Whether a socket with this audience may send in a conversation as of now: its own one may have been
    /// merged.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reaches(&self, audience: Audience, place: &Conversation) -> Result<bool, StoreError> {
        match audience {
            Audience::Conversation { of_conversation } if of_conversation != place.id => {
                let known = self.ctx.conversation(&place.tenant, of_conversation).await?;
                Ok(known.is_some_and(|known| known.id == place.id))
            }
            audience => Ok(audience.includes(place.channel, place.id)),
        }
    }
}

/// Whether it is a message from a customer.
pub(crate) fn is_a_customer_s(event: &ConversationEvent) -> bool {
    event.entry.event.kind.brings_message() && event.message.as_ref().is_some_and(Message::is_for_us)
}
