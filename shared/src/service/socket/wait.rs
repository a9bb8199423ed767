//! Messages that wait for somebody to come, for clients who know no cursor: per sender, the latest hundred, for
//! a day (facts: seed-apis.md 3.5). Who listens to one number is told what came there; the rest goes on waiting.

use super::{
    Scene, Tongue,
    tell::{is_a_customer_s, will_hear},
};
use crate::{
    domain::{
        id::TenantId,
        log::Cursor,
        socket::{Audience, Phase, Socket, SocketId, Start},
        waiting::{LEASE, MOST, Waiting, WaitingRoom},
    },
    port::{
        book::{Applied, Change, StoreError},
        sockets::PostError,
    },
    service::{Core, backoff::Rounds, log::Found},
};

/// Whether a socket is told what waits, as far as it is for it. Who is still being brought up to date looks for it when
/// they are.
pub(super) fn takes_what_waits(socket: &Socket) -> bool {
    matches!(socket.phase, Phase::Live { start: Start::Queue, .. }) && socket.audience.takes_what_waited()
}

/// How an attempt to tell a socket what waits ended.
enum Drained {
    /// All of it was told that is for it.
    All,
    /// Somebody else has the room, and was told to look again.
    Busy,
    /// The socket took no more.
    Lost(PostError),
}

impl Core {
    /// Lets a message wait. Should somebody have come meanwhile, they are told at once.
    pub(super) async fn let_wait(&self, scene: &Scene, tongue: &dyn Tongue) -> Result<(), StoreError> {
        let tenant = &scene.conversation.tenant;
        let place = &scene.conversation;
        let waiting =
            Waiting { sender: place.contact, channel: Some(place.channel), told: scene.told.clone() };
        if self.book.apply(vec![Change::Waiting(waiting)]).await? == Applied::Done {
            self.drop_oldest(scene).await?;
        }
        let sockets = self.sockets.sockets(tenant).await?;
        let hears = |socket: &&Socket| socket.audience.hears(place.channel, place.id);
        let come = sockets.iter().filter(hears).find(|socket| takes_what_waits(socket));
        if let Some(socket) = come {
            // Whether they take it or not, it is told or waits.
            self.empty_waiting_room(socket, tongue).await?.ok();
        }
        Ok(())
    }

    /// Of more messages of one sender than may wait, the oldest are dropped and counted: each once, whoever is
    /// at it, and none while somebody is being told what waits.
    async fn drop_oldest(&self, scene: &Scene) -> Result<(), StoreError> {
        let (tenant, sender) = (&scene.conversation.tenant, scene.conversation.contact);
        let mut rounds = Rounds::default();
        loop {
            let mut room = self.room(tenant).await?;
            let waiting = self.sockets.waiting_of(tenant, sender).await?;
            if waiting.len() <= MOST || room.is_being_emptied(self.mint.now()) {
                return Ok(());
            }
            let Some(oldest) = waiting.into_iter().min_by_key(|waiting| waiting.told.cursor) else {
                return Ok(());
            };
            room.drop_one(oldest.channel);
            let changes = vec![Change::WaitingGone(oldest), Change::WaitingRoom(room)];
            if self.book.apply(changes).await? == Applied::Done {
                tracing::warn!(metric = "offline_dropped", %tenant, "a message that waited too long was dropped");
                rounds = Rounds::default();
            } else {
                rounds.again(self).await?;
            }
        }
    }

    /// Tells a socket everything that waits for it, the oldest first. Two that come together are told each message
    /// once, one of them. What is not taken goes on waiting.
    pub(super) async fn empty_waiting_room(
        &self,
        socket: &Socket,
        tongue: &dyn Tongue,
    ) -> Result<Result<(), PostError>, StoreError> {
        match self.drain(socket, tongue).await? {
            Drained::Lost(lost) => return Ok(Err(lost)),
            // Who listens to everything leaves nothing to others.
            Drained::All if socket.audience != Audience::Tenant => self.hand_on(socket, tongue).await?,
            Drained::All | Drained::Busy => {}
        }
        Ok(Ok(()))
    }

    async fn drain(&self, socket: &Socket, tongue: &dyn Tongue) -> Result<Drained, StoreError> {
        loop {
            if !self.take_room(socket).await? {
                return Ok(Drained::Busy);
            }
            let emptied = self.tell_waiting(socket, tongue).await;
            let left = self.leave_room(socket).await?;
            match emptied? {
                Err(lost) => return Ok(Drained::Lost(lost)),
                Ok(()) if left == Applied::Done => return Ok(Drained::All),
                Ok(()) => {}
            }
        }
    }

    /// What is not for the socket that had the room may be for others, whom the room was closed to meanwhile: they
    /// are told.
    async fn hand_on(&self, had: &Socket, tongue: &dyn Tongue) -> Result<(), StoreError> {
        let mut lost: Vec<SocketId> = Vec::new();
        loop {
            if self.sockets.waiting(&had.tenant).await?.is_empty() {
                return Ok(());
            }
            let mut next = None;
            for other in self.sockets.sockets(&had.tenant).await? {
                if takes_what_waits(&other)
                    && !lost.contains(&other.id)
                    && !self.waiting_for(&other).await?.is_empty()
                {
                    next = Some(other);
                    break;
                }
            }
            let Some(next) = next else { return Ok(()) };
            match self.drain(&next, tongue).await? {
                Drained::All => {}
                // Whoever has it hands on as well.
                Drained::Busy => return Ok(()),
                Drained::Lost(_) => lost.push(next.id),
            }
        }
    }

    /// What waits that is for a socket, the oldest first.
    async fn waiting_for(&self, socket: &Socket) -> Result<Vec<Waiting>, StoreError> {
        let mut found = Vec::new();
        for waiting in self.sockets.waiting(&socket.tenant).await? {
            let is_for_it = match (socket.audience, waiting.channel) {
                (Audience::Tenant, _) => true,
                (Audience::Channel { of_channel }, Some(channel)) => of_channel == channel,
                (Audience::Channel { of_channel }, None) => {
                    let scene = self.scene(&waiting.told).await?;
                    scene.is_some_and(|scene| scene.conversation.channel == of_channel)
                }
                (Audience::Conversation { .. }, _) => false,
            };
            if is_for_it {
                found.push(waiting);
            }
        }
        found.sort_by_key(|waiting| waiting.told.cursor);
        Ok(found)
    }

    async fn tell_waiting(
        &self,
        socket: &Socket,
        tongue: &dyn Tongue,
    ) -> Result<Result<(), PostError>, StoreError> {
        let mut renew_at = self.mint.now().plus(LEASE / 2);
        for waiting in self.waiting_for(socket).await? {
            // A slow one goes on having the room to itself.
            if self.mint.now() >= renew_at {
                if !self.take_room(socket).await? {
                    return Ok(Ok(()));
                }
                renew_at = self.mint.now().plus(LEASE / 2);
            }
            if waiting.is_kept(self.mint.now())
                && let Err(lost) = self.tell_one(socket, &waiting.told, tongue).await?
            {
                return Ok(Err(lost));
            }
            self.book.apply(vec![Change::WaitingGone(waiting)]).await?;
        }
        let room = self.room(&socket.tenant).await?;
        let dropped = room.dropped_for(socket.audience);
        if dropped > 0 {
            if let Err(lost) = self.posts.post(&socket.id, &tongue.dropped(dropped)).await {
                return Ok(Err(lost));
            }
            // Should somebody be quicker, the next one is told once more.
            self.book.apply(vec![Change::WaitingRoom(room.told_dropped(socket.audience))]).await?;
        }
        Ok(Ok(()))
    }

    /// Takes the room for a socket. Where somebody else has it they are told to look again, and it is not.
    async fn take_room(&self, socket: &Socket) -> Result<bool, StoreError> {
        let mut rounds = Rounds::default();
        loop {
            let mut room = self.room(&socket.tenant).await?;
            let ours = room.take(&socket.id, self.mint.now());
            // Written in either case: whoever has it finds on leaving that it is not as it was.
            if self.book.apply(vec![Change::WaitingRoom(room)]).await? == Applied::Done {
                return Ok(ours);
            }
            rounds.again(self).await?;
        }
    }

    /// Leaves the room, unless something was put there, or somebody asked for it, meanwhile.
    async fn leave_room(&self, socket: &Socket) -> Result<Applied, StoreError> {
        let room = self.room(&socket.tenant).await?;
        if room.emptied_by.as_ref().is_some_and(|(by, _)| *by != socket.id) {
            // It took too long, and somebody else has it now.
            return Ok(Applied::Done);
        }
        let empty = self.waiting_for(socket).await?.is_empty();
        let left = WaitingRoom { emptied_by: None, ..room };
        let applied = self.book.apply(vec![Change::WaitingRoom(left)]).await?;
        Ok(if empty { applied } else { Applied::Conflict })
    }

    async fn room(&self, tenant: &TenantId) -> Result<WaitingRoom, StoreError> {
        let known = self.sockets.waiting_room(tenant).await?;
        Ok(known.unwrap_or_else(|| WaitingRoom::empty(tenant.clone())))
    }

    /// Lets wait what a socket that was lost was to be told after a place.
    pub(super) async fn let_wait_after(
        &self,
        socket: &Socket,
        after: Cursor,
        tongue: &dyn Tongue,
    ) -> Result<(), StoreError> {
        let mut told = after;
        loop {
            let Found::Entries(entries, _) = self.log_after(&socket.tenant, told, 100).await? else {
                return Ok(());
            };
            let Some(last) = entries.last() else { return Ok(()) };
            told = last.cursor;
            for entry in &entries {
                let Some(scene) = self.scene(entry).await? else { continue };
                let sockets = self.sockets.sockets(&socket.tenant).await?;
                let place = &scene.conversation;
                let heard = sockets.iter().filter(|other| other.id != socket.id).any(|other| {
                    let told = other.is_told(entry.cursor) && other.audience.hears(place.channel, place.id);
                    told || will_hear(other, &scene)
                });
                let was_for_it = socket.audience.hears(place.channel, place.id);
                if is_a_customer_s(&scene) && was_for_it && !heard {
                    self.let_wait(&scene, tongue).await?;
                }
            }
        }
    }
}
