//! Bringing a new socket up to date: the first frame, what was missed, and then what happens.
//!
//! A socket goes live in one transaction with the end of the log as it is: so every entry is either before
//! that, and was told here, or after it, and whoever numbered it finds the socket live.

use std::time::Duration;

use super::{Tongue, wait::takes_what_waits};
use crate::{
    domain::{
        event::EventKind,
        log::{Cursor, LogHead, Numbered},
        socket::{Phase, Socket, Start},
    },
    port::{
        book::{Applied, Change, StoreError},
        sockets::PostError,
    },
    service::{Core, backoff::Rounds, log::Found},
};

/// Entries read at a time.
const PAGE: usize = 100;

/// How long the gateway may take to have a socket that it asked about: until then it says that there is none.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// Time between two tries to reach a socket that the gateway does not have yet.
const AGAIN_AFTER: Duration = Duration::from_millis(40);

/// A socket that was lost on the way, and the last that it was told.
struct Lost(Cursor);

impl Core {
    /// Brings a socket that was opened up to date and lets it go live. Doing so again, after it was broken off,
    /// tells again what may have been told.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn bring_up_to_date(&self, opened: &Socket, tongue: &dyn Tongue) -> Result<(), StoreError> {
        let Some(mut socket) = self.sockets.socket(&opened.id).await? else {
            // It went before anything was told.
            return match opened.phase {
                Phase::Opening { from, .. } => self.take_over(opened, from, tongue).await,
                Phase::Live { .. } | Phase::Lost => Ok(()),
            };
        };
        let (from, start) = match socket.phase {
            Phase::Opening { from, start } => (from, start),
            // Broken off right after it went live.
            Phase::Live { start, .. } => return self.look_again(&socket, start, tongue).await.map(drop),
            // It is closed when the sweep looks at it.
            Phase::Lost => return Ok(()),
        };
        self.follow_merge(&mut socket).await?;
        let told = self.tell_all(&mut socket, from, start, tongue).await?;
        let Err(Lost(told)) = told else { return Ok(()) };
        self.take_over(&socket, told, tongue).await?;
        self.drop_socket(&socket.id).await
    }

    /// Sees to what a socket that was lost on the way was to be told after a place: whoever counted on it to hear
    /// that did not let it wait, nor did those who found it in the room.
    async fn take_over(&self, lost: &Socket, told: Cursor, tongue: &dyn Tongue) -> Result<(), StoreError> {
        if !lost.audience.takes_what_waited() {
            return Ok(());
        }
        self.let_wait_after(lost, told, tongue).await?;
        for other in self.sockets.sockets(&lost.tenant).await? {
            if other.id != lost.id
                && takes_what_waits(&other)
                && self.empty_waiting_room(&other, tongue).await?.is_ok()
            {
                break;
            }
        }
        Ok(())
    }

    async fn tell_all(
        &self,
        socket: &mut Socket,
        from: Cursor,
        start: Start,
        tongue: &dyn Tongue,
    ) -> Result<Result<(), Lost>, StoreError> {
        let hello = tongue.hello(socket, self.log_end(&socket.tenant).await?);
        if self.post_first(socket, &hello).await.is_err() {
            return Ok(Err(Lost(from)));
        }
        if start == Start::Queue
            && socket.audience.takes_what_waited()
            && self.empty_waiting_room(socket, tongue).await?.is_err()
        {
            return Ok(Err(Lost(from)));
        }
        let (mut told, mut rounds) = (from, Rounds::default());
        loop {
            match self.log_after(&socket.tenant, told, PAGE).await? {
                Found::Gap(end) => {
                    if self.posts.post(&socket.id, &tongue.resync(end)).await.is_err() {
                        return Ok(Err(Lost(end)));
                    }
                    told = end;
                }
                Found::Entries(entries, end) => {
                    for entry in &entries {
                        if self.tell_one(socket, entry, tongue).await?.is_err() {
                            return Ok(Err(Lost(told)));
                        }
                        if matches!(entry.event.kind, EventKind::ContactMerged { .. }) {
                            self.follow_merge(socket).await?;
                        }
                        told = entry.cursor;
                    }
                    if told >= end && self.go_live(socket, told, start).await? == Applied::Done {
                        return self.look_again(socket, start, tongue).await;
                    }
                    if entries.len() == PAGE {
                        self.note_progress(socket, told, start).await?;
                    }
                    if entries.is_empty() {
                        rounds.again(self).await?;
                    }
                }
            }
        }
    }

    /// What began to wait while the socket was not live yet.
    async fn look_again(
        &self,
        socket: &Socket,
        start: Start,
        tongue: &dyn Tongue,
    ) -> Result<Result<(), Lost>, StoreError> {
        if start == Start::Queue && socket.audience.takes_what_waited() {
            // What is not taken goes on waiting; a socket that is lost now is found out by the next frame to it.
            self.empty_waiting_room(socket, tongue).await?.ok();
        }
        Ok(Ok(()))
    }

    /// Notes how far a socket was told: should this be broken off, it goes on from there.
    async fn note_progress(&self, socket: &Socket, told: Cursor, start: Start) -> Result<(), StoreError> {
        if let Some(socket) = self.sockets.socket(&socket.id).await? {
            let phase = Phase::Opening { from: told, start };
            self.book.apply(vec![Change::Socket(Socket { phase, ..socket })]).await?;
        }
        Ok(())
    }

    /// Lets a socket go live at a place, if the log still ends there.
    async fn go_live(&self, socket: &Socket, told: Cursor, start: Start) -> Result<Applied, StoreError> {
        let head = self.log.head(&socket.tenant).await?;
        let head = head.unwrap_or_else(|| LogHead::empty(socket.tenant.clone()));
        if head.cursor != told {
            return Ok(Applied::Conflict);
        }
        // It may have been closed meanwhile: then there is nobody to go live.
        let Some(socket) = self.sockets.socket(&socket.id).await? else { return Ok(Applied::Done) };
        let live = Socket { phase: Phase::Live { since: told, start }, ..socket };
        self.book.apply(vec![Change::Socket(live), Change::SameLogHead(head)]).await
    }

    /// Tells a socket of an entry, if it is for it.
    pub(super) async fn tell_one(
        &self,
        socket: &Socket,
        entry: &Numbered,
        tongue: &dyn Tongue,
    ) -> Result<Result<(), PostError>, StoreError> {
        let Some(scene) = self.scene(entry).await? else { return Ok(Ok(())) };
        if !socket.audience.hears(scene.conversation.channel, scene.conversation.id) {
            return Ok(Ok(()));
        }
        let Some(frame) = tongue.frame(&scene) else { return Ok(Ok(())) };
        Ok(self.posts.post(&socket.id, &frame).await)
    }

    /// Hands the first frame over as soon as the gateway has the socket.
    async fn post_first(&self, socket: &Socket, frame: &str) -> Result<(), PostError> {
        let until = tokio::time::Instant::now() + HANDSHAKE;
        loop {
            match self.posts.post(&socket.id, frame).await {
                Err(PostError::Gone) if tokio::time::Instant::now() < until => {
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                ended => return ended,
            }
        }
    }
}
