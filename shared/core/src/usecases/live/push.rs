//! Telling everybody who listens what happened.

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
        sockets::{PostError, Posts, Sockets},
        store::{Record, StoreError, Write},
    },
    usecases::{
        Context, Disconnect, EventContexts, EventLog, OfflineQueue, Ports, SocketWriter,
        events::log::News,
        live::{Scene, Tongue},
        until_committed::Decision,
    },
};

/// How long one socket may take for a batch. The others wait no longer for it: it catches up by itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// A frame for everybody whom it is for.
struct Frame {
    scene: Scene,
    text: String,
}

/// Pushes numbered log entries, in order, to live sockets.
#[derive(Clone)]
pub struct Push {
    pub(crate) ctx: Arc<Context>,
    pub(crate) sockets: Arc<dyn Sockets>,
    pub(crate) disconnect: Disconnect,
    pub(crate) event_contexts: EventContexts,
    pub(crate) events: EventLog,
    pub(crate) offline_queue: OfflineQueue,
    pub(crate) writer: SocketWriter,
}

impl Push {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Posts>) -> Self {
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
    /// Delivers numbered entries, in their order, to every socket that is up to date. No socket waits for another: one
    /// that takes too long goes back to catching up. What no socket took goes into the offline queue.
    ///
    /// # Errors
    /// When the store fails: some may have been delivered by then, and come again.
    pub async fn tell(&self, news: News, tongue: &dyn Tongue) -> Result<(), StoreError> {
        let News { entries, head } = news;
        let Some(last) = entries.last().map(|entry| entry.cursor) else { return Ok(()) };
        let mut sockets = self.sockets.sockets(&head.tenant).await?;
        if entries.iter().any(|told| matches!(told.event.kind, EventKind::ContactMerged { .. })) {
            for socket in &mut sockets {
                self.writer.follow_merge(socket).await?;
            }
        }
        let frames = Arc::new(self.frames(&entries, &sockets, tongue).await?);
        let mut telling = JoinSet::new();
        let live = sockets.iter().filter(|socket| matches!(socket.phase, Phase::Live { .. }));
        for socket in live.filter(|_| !frames.is_empty()).cloned() {
            let (this, frames) = (self.clone(), Arc::clone(&frames));
            telling.spawn(async move { this.tell_socket(socket, &frames).await }.in_current_span());
        }
        let (mut heard, mut all) = (BTreeSet::new(), Ok(()));
        // Each is seen through, whatever becomes of the others.
        while let Some(ended) = telling.join_next().await {
            match ended.unwrap_or_else(|_| Ok(Vec::new())) {
                Ok(told) => heard.extend(told),
                Err(error) => all = all.and(Err(error)),
            }
        }
        all?;
        for frame in frames.iter().filter(|frame| is_a_customer_s(&frame.scene)) {
            if !heard.contains(&frame.scene.told.cursor) {
                self.offline_queue.queue_unless_taken(&frame.scene, &sockets).await?;
            }
        }
        self.events.note_delivered(head, last, &sockets).await
    }

    /// The frames that somebody may want, or that may have to wait.
    async fn frames(
        &self,
        news: &[Numbered],
        sockets: &[Socket],
        tongue: &dyn Tongue,
    ) -> Result<Vec<Frame>, StoreError> {
        let wanted = news.iter().filter(|told| !sockets.is_empty() || told.event.kind.brings_message());
        let scenes = self.event_contexts.scenes(&wanted.cloned().collect::<Vec<_>>()).await?;
        let frame = |scene: Scene| tongue.frame(&scene).map(|text| Frame { scene, text });
        Ok(scenes.into_iter().flatten().filter_map(frame).collect())
    }

    /// Delivers to one socket. Gives what it took.
    async fn tell_socket(&self, socket: Socket, frames: &[Frame]) -> Result<Vec<Cursor>, StoreError> {
        let until = Instant::now() + PATIENCE;
        let mut told = Vec::new();
        for Frame { scene, text } in frames {
            let place = &scene.conversation;
            if !socket.is_told(scene.told.cursor) || !socket.audience.hears(place.channel, place.id) {
                continue;
            }
            match self.writer.post_until(&socket, text, until).await {
                Ok(()) => told.push(scene.told.cursor),
                Err(PostError::Gone) => {
                    self.disconnect.forget_socket(&socket.id).await?;
                    break;
                }
                Err(problem) => {
                    tracing::info!(tenant = %socket.tenant, %problem, "a socket falls behind and catches up");
                    self.fall_behind(socket, scene.told.cursor.previous()).await?;
                    break;
                }
            }
        }
        Ok(told)
    }

    /// Lets a live socket catch up again, from a place on: that goes on outside the batch.
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
    /// Whether what was opened for this may speak in a conversation as things are now: the one it is for may go on
    /// as another.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reaches(&self, audience: Audience, place: &Conversation) -> Result<bool, StoreError> {
        match audience {
            Audience::Conversation { of_conversation } if of_conversation != place.id => {
                let known = self.ctx.conversation(&place.tenant, of_conversation).await?;
                Ok(known.is_some_and(|known| known.id == place.id))
            }
            audience => Ok(audience.hears(place.channel, place.id)),
        }
    }
}

/// Whether it is a message that a customer wrote.
pub(crate) fn is_a_customer_s(scene: &Scene) -> bool {
    scene.told.event.kind.brings_message() && scene.message.as_ref().is_some_and(Message::is_for_us)
}
