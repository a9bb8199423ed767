//! Sends frames to sockets, with retries.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::{
    domain::socket::{Audience, Socket},
    ports::{
        sockets::{Connections, PushError, SocketRecords},
        store::{Record, StoreError, Write},
    },
    usecases::{Context, Ports, until_committed::Decision},
};

/// The time limit for one frame: a slower socket is closed, and its client reconnects.
pub(crate) const FRAME_TIME: Duration = Duration::from_secs(5);

/// How long the gateway may take to know a socket whose opening it asked about: until then it reports that
/// there is none.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// The first wait before the first frame of an unknown socket is sent again; it doubles each time.
const GREETING_BACKOFF: Duration = Duration::from_millis(40);

/// The first wait before a frame that the gateway throttled is sent again; it doubles each time.
const FRAME_BACKOFF: Duration = Duration::from_millis(100);

/// Sends frames to a socket, with retries while the gateway throttles them.
#[derive(Clone)]
pub struct SocketWriter {
    pub(crate) ctx: Arc<Context>,
    pub(crate) connections: Arc<dyn Connections>,
    pub(crate) sockets: Arc<dyn SocketRecords>,
}

impl SocketWriter {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Connections>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            connections: Arc::clone(connections),
            sockets: Arc::clone(&ports.sockets),
        }
    }

    /// Sends a frame to a socket that catches up.
    pub(crate) async fn push_frame(&self, socket: &Socket, frame: &str) -> Result<(), PushError> {
        self.push_until(socket, frame, Instant::now() + FRAME_TIME).await
    }

    /// Sends the first frame as soon as the gateway knows the socket.
    pub(crate) async fn post_first(&self, socket: &Socket, frame: &str) -> Result<(), PushError> {
        let (until, mut wait) = (Instant::now() + HANDSHAKE, GREETING_BACKOFF);
        loop {
            match self.push_until(socket, frame, until).await {
                Err(PushError::Gone) if Instant::now() + wait < until && self.is_open(socket).await => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                ended => return ended,
            }
        }
    }

    /// Whether a socket is known to be open: its row is deleted when the gateway reports its end.
    async fn is_open(&self, socket: &Socket) -> bool {
        // A store that does not respond says nothing.
        !matches!(self.sockets.current(socket).await, Ok(None))
    }

    /// Sends a frame, with retries while the gateway throttles it, until `until`.
    pub(crate) async fn push_until(
        &self,
        socket: &Socket,
        frame: &str,
        until: Instant,
    ) -> Result<(), PushError> {
        let mut wait = FRAME_BACKOFF;
        loop {
            match timeout_at(until, self.connections.send_frame(&socket.id, frame))
                .await
                .unwrap_or(Err(PushError::Slow))
            {
                Err(PushError::Failed(problem)) if Instant::now() + wait < until => {
                    tracing::debug!(problem, "a frame is sent again");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                ended => return ended,
            }
        }
    }

    /// Points a socket of a merged conversation to the one that it was merged into.
    pub(crate) async fn follow_merge(&self, socket: &mut Socket) -> Result<(), StoreError> {
        let known = &socket.clone();
        let followed = self.ctx.until_committed_from(known.clone(), |held| async move {
            let found = match held {
                Some(socket) => Some(socket),
                None => self.sockets.current(known).await?,
            };
            // A socket that has ended stays as the caller knows it.
            let Some(mut socket) = found else { return Ok(Decision::Done(known.clone())) };
            let Audience::Conversation { of_conversation } = socket.audience else {
                return Ok(Decision::Done(socket));
            };
            let place = self.ctx.conversation(&socket.tenant, of_conversation).await?;
            let Some(place) = place.filter(|place| place.id != of_conversation) else {
                return Ok(Decision::Done(socket));
            };
            socket.audience = Audience::Conversation { of_conversation: place.id };
            let write = Write::Put(Record::Socket(socket.clone()));
            socket.rev += 1;
            Ok::<_, StoreError>(Decision::Commit(vec![write], socket))
        });
        *socket = followed.await?;
        Ok(())
    }
}
