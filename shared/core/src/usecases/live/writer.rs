//! Handing frames over to sockets.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::{
    domain::socket::{Audience, Socket},
    ports::{
        sockets::{PostError, Posts, Sockets},
        store::{Record, StoreError, Write},
    },
    usecases::{Context, Ports, until_committed::Decision},
};

/// How long one frame may take: a socket that is slower is closed, and its client comes again.
pub(crate) const FRAME_TIME: Duration = Duration::from_secs(5);

/// How long the gateway may take to have a socket that it asked about: until then it says that there is none.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// First wait before a socket that the gateway does not have yet is greeted again; it doubles each time.
const GREETING_BACKOFF: Duration = Duration::from_millis(40);

/// First wait before a frame that the gateway turned away is sent again; it doubles each time.
const FRAME_BACKOFF: Duration = Duration::from_millis(100);

/// Hands frames over to a socket, with retries while the gateway turns them away.
#[derive(Clone)]
pub struct SocketWriter {
    pub(crate) ctx: Arc<Context>,
    pub(crate) posts: Arc<dyn Posts>,
    pub(crate) sockets: Arc<dyn Sockets>,
}

impl SocketWriter {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Posts>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            posts: Arc::clone(connections),
            sockets: Arc::clone(&ports.sockets),
        }
    }

    /// Hands a frame over to a socket that catches up.
    pub(crate) async fn post(&self, socket: &Socket, frame: &str) -> Result<(), PostError> {
        self.post_until(socket, frame, Instant::now() + FRAME_TIME).await
    }

    /// Hands the first frame over as soon as the gateway has the socket.
    pub(crate) async fn post_first(&self, socket: &Socket, frame: &str) -> Result<(), PostError> {
        let (until, mut wait) = (Instant::now() + HANDSHAKE, GREETING_BACKOFF);
        loop {
            match self.post_until(socket, frame, until).await {
                Err(PostError::Gone) if Instant::now() + wait < until && self.is_open(socket).await => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                ended => return ended,
            }
        }
    }

    /// Whether a socket is known to be open: its row goes when the gateway tells of its end.
    async fn is_open(&self, socket: &Socket) -> bool {
        // A store that does not answer says nothing.
        !matches!(self.sockets.current(socket).await, Ok(None))
    }

    /// Hands a frame over, and again while the gateway turns it away, until then.
    pub(crate) async fn post_until(
        &self,
        socket: &Socket,
        frame: &str,
        until: Instant,
    ) -> Result<(), PostError> {
        let mut wait = FRAME_BACKOFF;
        loop {
            match timeout_at(until, self.posts.post(&socket.id, frame)).await.unwrap_or(Err(PostError::Slow))
            {
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
    pub(crate) async fn follow_merge(&self, socket: &mut Socket) -> Result<(), StoreError> {
        let known = &socket.clone();
        let followed = self.ctx.until_committed_from(known.clone(), |held| async move {
            let found = match held {
                Some(socket) => Some(socket),
                None => self.sockets.current(known).await?,
            };
            // One that has ended stays as it is known.
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
