//! Telling everybody who listens what happened.

use std::{collections::BTreeSet, sync::Arc};

use tokio::task::JoinSet;
use tracing::Instrument;

use super::{Scene, Tongue};
use crate::{
    domain::{
        event::EventKind,
        id::TenantId,
        log::{Cursor, Numbered},
        message::Direction,
        socket::{Audience, Phase, Socket},
    },
    port::{book::StoreError, sockets::PostError},
    service::Core,
};

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
        tongue: &dyn Tongue,
    ) -> Result<(), StoreError> {
        let sockets = self.sockets.sockets(tenant).await?;
        let frames = self.frames(news, &sockets, tongue).await?;
        if frames.is_empty() {
            return Ok(());
        }
        let frames = Arc::new(frames);
        let mut telling = JoinSet::new();
        for socket in sockets.iter().filter(|socket| matches!(socket.phase, Phase::Live { .. })).cloned() {
            let (core, frames) = (self.clone(), Arc::clone(&frames));
            telling.spawn(async move { core.tell_socket(socket, &frames).await }.in_current_span());
        }
        let mut heard: BTreeSet<Cursor> = BTreeSet::new();
        while let Some(ended) = telling.join_next().await {
            heard.extend(ended.unwrap_or_else(|_| Ok(Vec::new()))?);
        }
        for frame in frames.iter().filter(|frame| is_a_customer_s(&frame.scene)) {
            let cursor = frame.scene.told.cursor;
            if !heard.contains(&cursor) && !sockets.iter().any(|socket| will_hear(socket, cursor)) {
                self.let_wait(&frame.scene, tongue).await?;
            }
        }
        Ok(())
    }

    /// The frames that somebody may want, or that may have to wait.
    async fn frames(
        &self,
        news: &[Numbered],
        sockets: &[Socket],
        tongue: &dyn Tongue,
    ) -> Result<Vec<Frame>, StoreError> {
        let mut frames = Vec::new();
        for told in news {
            if sockets.is_empty() && !matches!(told.event.kind, EventKind::MessageReceived { .. }) {
                continue;
            }
            let Some(scene) = self.scene(told).await? else { continue };
            if let Some(text) = tongue.frame(&scene) {
                frames.push(Frame { scene, text });
            }
        }
        Ok(frames)
    }

    /// Tells one socket. Gives what it was told.
    async fn tell_socket(&self, socket: Socket, frames: &[Frame]) -> Result<Vec<Cursor>, StoreError> {
        let mut told = Vec::new();
        for Frame { scene, text } in frames {
            let place = &scene.conversation;
            if !socket.is_told(scene.told.cursor) || !socket.audience.hears(place.channel, place.id) {
                continue;
            }
            match self.posts.post(&socket.id, text).await {
                Ok(()) => told.push(scene.told.cursor),
                Err(PostError::Gone) => {
                    self.forget_socket(&socket.id).await?;
                    break;
                }
                Err(PostError::Failed(problem)) => {
                    tracing::info!(tenant = %socket.tenant, problem, "a socket takes nothing and is closed");
                    self.drop_socket(&socket).await?;
                    break;
                }
            }
        }
        Ok(told)
    }
}

/// Whether it is a message that a customer wrote.
pub(super) fn is_a_customer_s(scene: &Scene) -> bool {
    matches!(scene.told.event.kind, EventKind::MessageReceived { .. })
        && scene.message.as_ref().is_some_and(|message| message.direction == Direction::Inbound)
}

/// Whether a socket that is being opened will be told of an entry when it is brought up to date.
pub(super) fn will_hear(socket: &Socket, cursor: Cursor) -> bool {
    matches!(socket.phase, Phase::Opening { from, .. } if cursor > from)
        && socket.audience == Audience::Tenant
}
