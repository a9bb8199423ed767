//! Telling everybody who listens what happened.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};
use tracing::Instrument;

use super::{Scene, Tongue};
use crate::{
    domain::{
        conversation::Conversation,
        event::EventKind,
        id::TenantId,
        log::{Cursor, Numbered},
        message::Message,
        socket::{Audience, Phase, Socket},
    },
    port::{
        book::{Applied, Change, StoreError},
        inbox::Inbox,
        sockets::PostError,
    },
    service::{Core, backoff::Rounds},
};

/// How long one socket may take for all that there is to tell it at a time. Who is slower is closed, and comes
/// again with the place where they were.
const PATIENCE: Duration = Duration::from_secs(10);

/// How soon the gateway is asked again that turned a frame away; each time twice as late.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// A frame for everybody whom it is for.
struct Frame {
    scene: Scene,
    text: String,
}

impl Core {
    /// Tells of numbered entries of a tenant, in their order, everybody who listens and is up to date. Nobody
    /// waits for another: a socket that takes nothing is closed, and comes again for what it missed. What nobody
    /// heard waits for somebody to come.
    ///
    /// # Errors
    /// When the store fails: some may have been told by then.
    pub async fn tell(
        &self,
        tenant: &TenantId,
        news: &[Numbered],
        inbox: &dyn Inbox,
        tongue: &dyn Tongue,
    ) -> Result<(), StoreError> {
        let mut sockets = self.sockets.sockets(tenant).await?;
        if news.iter().any(|told| matches!(told.event.kind, EventKind::ContactMerged { .. })) {
            for socket in &mut sockets {
                self.follow_merge(socket).await?;
            }
        }
        // What somebody may want, or may have to wait.
        let wanted = |told: &&Numbered| !sockets.is_empty() || told.event.kind.brings_message();
        let wanted = news.iter().filter(wanted).cloned().collect();
        let scenes = self.scenes(inbox, tenant, wanted).await?;
        let frame = |scene: Scene| tongue.frame(&scene).map(|text| Frame { scene, text });
        let frames: Vec<Frame> = scenes.into_iter().filter_map(frame).collect();
        if frames.is_empty() {
            return Ok(());
        }
        let frames = Arc::new(frames);
        let mut telling = JoinSet::new();
        for socket in sockets.iter().filter(|socket| matches!(socket.phase, Phase::Live { .. })).cloned() {
            let (core, frames) = (self.clone(), Arc::clone(&frames));
            telling.spawn(async move { core.tell_socket(socket, &frames).await }.in_current_span());
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
            let cursor = frame.scene.told.cursor;
            if !heard.contains(&cursor) && !sockets.iter().any(|socket| will_hear(socket, &frame.scene)) {
                self.let_wait(&frame.scene, tongue).await?;
            }
        }
        Ok(())
    }

    /// Tells one socket. Gives what it was told.
    async fn tell_socket(&self, socket: Socket, frames: &[Frame]) -> Result<Vec<Cursor>, StoreError> {
        let until = Instant::now() + PATIENCE;
        let mut told = Vec::new();
        for Frame { scene, text } in frames {
            let place = &scene.conversation;
            if !socket.is_told(scene.told.cursor) || !socket.audience.hears(place.channel, place.id) {
                continue;
            }
            match self.post_until(&socket, text, until).await {
                Ok(()) => told.push(scene.told.cursor),
                Err(PostError::Gone) => {
                    self.forget_socket(&socket.id).await?;
                    break;
                }
                Err(problem) => {
                    tracing::info!(tenant = %socket.tenant, %problem, "a socket is closed: it could not be told");
                    self.drop_socket(&socket.id).await?;
                    break;
                }
            }
        }
        Ok(told)
    }

    /// Hands a frame over, and again while the gateway turns it away, until then. Nothing is begun later.
    async fn post_until(&self, socket: &Socket, frame: &str, until: Instant) -> Result<(), PostError> {
        let mut wait = AGAIN_AFTER;
        loop {
            if Instant::now() >= until {
                return Err(PostError::Slow);
            }
            match self.posts.post(&socket.id, frame).await {
                Err(PostError::Failed(problem)) if Instant::now() + wait < until => {
                    tracing::debug!(problem, "the gateway is asked again");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                ended => return ended,
            }
        }
    }

    /// Lets a socket that listens to one conversation listen to the one that goes on in its place.
    pub(super) async fn follow_merge(&self, socket: &mut Socket) -> Result<(), StoreError> {
        let mut rounds = Rounds::default();
        while let Audience::Conversation { of_conversation } = socket.audience {
            let place = self.conversation(&socket.tenant, of_conversation).await?;
            let Some(place) = place.filter(|place| place.id != of_conversation) else { break };
            socket.audience = Audience::Conversation { of_conversation: place.id };
            if self.book.apply(vec![Change::Socket(socket.clone())]).await? == Applied::Done {
                socket.rev += 1;
                break;
            }
            rounds.again(self).await?;
            match self.sockets.socket(&socket.id).await? {
                Some(found) => *socket = found,
                None => break,
            }
        }
        Ok(())
    }

    /// Whether what was opened for this may speak in a conversation as things are now: the one it is for may go on
    /// as another.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reaches(&self, audience: Audience, place: &Conversation) -> Result<bool, StoreError> {
        match audience {
            Audience::Conversation { of_conversation } if of_conversation != place.id => {
                let known = self.conversation(&place.tenant, of_conversation).await?;
                Ok(known.is_some_and(|known| known.id == place.id))
            }
            audience => Ok(audience.hears(place.channel, place.id)),
        }
    }
}

/// Whether it is a message that a customer wrote.
pub(super) fn is_a_customer_s(scene: &Scene) -> bool {
    scene.told.event.kind.brings_message() && scene.message.as_ref().is_some_and(Message::is_for_us)
}

/// Whether a socket that is being opened, and that others may count on, will be told of something when it is brought up
/// to date.
pub(super) fn will_hear(socket: &Socket, scene: &Scene) -> bool {
    matches!(socket.phase, Phase::Opening { from, .. } if scene.told.cursor > from)
        && socket.audience.takes_what_waited()
        && socket.audience.hears(scene.conversation.channel, scene.conversation.id)
}
