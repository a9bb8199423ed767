//! The life of an open socket, from its hand-shake to its end.

use std::{error::Error, ops::ControlFlow, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};
use ventanilla::assembly::App;

use super::{Gateway, Order, call, event::Connection, ordering::Turns};

/// The close code of a socket that is closed on purpose.
pub(super) const NORMAL: u16 = 1000;
/// That of one whose time is over.
pub(super) const AWAY: u16 = 1001;
/// What came is against the protocol.
const PROTOCOL: u16 = 1002;
/// API Gateway takes no binary frames.
const UNSUPPORTED: u16 = 1003;
/// What `$disconnect` says when the client named no code.
const UNNAMED: u16 = 1005;
/// What `$disconnect` says when nobody closed it.
const BROKEN: u16 = 1006;
/// A text is no UTF-8.
const INVALID: u16 = 1007;
/// A frame or message is too long.
const TOO_LONG: u16 = 1009;

/// How long a client may take for a frame before it counts as gone.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// How long a client may take to say goodbye as well.
const PARTING: Duration = Duration::from_secs(2);

/// How long a socket stays open of which no more is read: closed with something unread in it, it would be reset,
/// and its client might never see the code.
const LINGER: Duration = Duration::from_secs(1);

/// How a socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// The client closed it.
    Client(u16, String),
    /// The gateway closes it.
    Gateway(u16, &'static str),
    /// The gateway closes it, because what came cannot be read on.
    Unreadable(u16, &'static str),
    /// Nobody closed it.
    Broken,
    /// A test broke it off.
    Cut,
}

/// A socket's way through the gateway.
#[derive(Clone)]
pub(super) struct Life {
    gateway: Gateway,
    app: App,
    connection: Connection,
}

impl Life {
    pub(super) fn new(gateway: Gateway, app: App, connection: Connection) -> Self {
        Self { gateway, app, connection }
    }

    /// The function said yes, and then there was no hand-shake.
    pub(super) fn end_unopened(&self) {
        self.gateway.leave(&self.connection.id);
        self.tell_end(&End::Broken);
    }

    /// From the hand-shake to the end.
    pub(super) async fn live(self, mut socket: WebSocket, mut orders: UnboundedReceiver<Order>) {
        let end = self.talk(&mut socket, &mut orders).await;
        self.gateway.leave(&self.connection.id);
        // Whoever still waits for a frame to be written hears that it will not be.
        drop(orders);
        self.tell_end(&end);
        end.part(socket).await;
    }

    /// Carries frames both ways until the end.
    async fn talk(&self, socket: &mut WebSocket, orders: &mut UnboundedReceiver<Order>) -> End {
        let mut turns = Turns::new(self.app.clone());
        let limits = self.gateway.limits;
        let longest = Instant::now() + limits.longest;
        loop {
            let idle = Instant::now() + limits.idle;
            let step = tokio::select! {
                () = sleep_until(longest.min(idle)) => return End::Gateway(AWAY, "Going away"),
                order = orders.recv() => obey(order, socket).await,
                came = socket.recv() => self.hear(came, &mut turns),
            };
            if let ControlFlow::Break(end) = step {
                return end;
            }
            let now = self.app.clock.now();
            // It may have been cut off meanwhile; the next turn ends it.
            let _ = self.gateway.with(&self.connection.id, |live| live.active_at = now);
        }
    }

    fn hear(&self, came: Option<Result<Message, axum::Error>>, turns: &mut Turns) -> ControlFlow<End> {
        match came {
            Some(Ok(Message::Text(text))) => {
                turns.give(self.gateway.manner(), self.connection.message(self.app.clock.now(), &text));
                ControlFlow::Continue(())
            }
            // A ping is answered by the next read.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => ControlFlow::Continue(()),
            Some(Ok(Message::Binary(_))) => {
                ControlFlow::Break(End::Gateway(UNSUPPORTED, "Binary frames are not supported"))
            }
            Some(Ok(Message::Close(frame))) => ControlFlow::Break(End::by_client(frame)),
            Some(Err(error)) => ControlFlow::Break(End::of(&error)),
            None => ControlFlow::Break(End::Broken),
        }
    }

    fn tell_end(&self, end: &End) {
        if let Some((code, reason)) = end.told() {
            call(&self.app, self.connection.disconnect(self.app.clock.now(), code, reason));
        }
    }
}

async fn obey(order: Option<Order>, socket: &mut WebSocket) -> ControlFlow<End> {
    match order {
        Some(Order::Write(text, say)) => {
            match timeout(WRITE_PATIENCE, socket.send(Message::Text(text))).await {
                Ok(Ok(())) => {
                    // Whoever asked may have given up.
                    let _ = say.send(());
                    ControlFlow::Continue(())
                }
                _ => ControlFlow::Break(End::Broken),
            }
        }
        Some(Order::Close(code)) => ControlFlow::Break(End::Gateway(code, "Closed by the server")),
        None => ControlFlow::Break(End::Cut),
    }
}

impl End {
    fn by_client(frame: Option<CloseFrame>) -> Self {
        match frame {
            Some(frame) => Self::Client(frame.code, frame.reason.as_str().to_owned()),
            None => Self::Client(UNNAMED, "Client-side close frame status not set".to_owned()),
        }
    }

    /// What a failed read means.
    fn of(error: &axum::Error) -> Self {
        match error.source().and_then(|inner| inner.downcast_ref::<tungstenite::Error>()) {
            Some(tungstenite::Error::Capacity(_)) => Self::Unreadable(TOO_LONG, "Message too long"),
            Some(tungstenite::Error::Utf8(_)) => Self::Unreadable(INVALID, "Not UTF-8"),
            Some(tungstenite::Error::Protocol(fault))
                if *fault != ProtocolError::ResetWithoutClosingHandshake =>
            {
                Self::Unreadable(PROTOCOL, "Protocol error")
            }
            _ => Self::Broken,
        }
    }

    /// What the function hears of it.
    fn told(&self) -> Option<(u16, &str)> {
        match self {
            Self::Client(code, reason) => Some((*code, reason.as_str())),
            Self::Gateway(code, reason) | Self::Unreadable(code, reason) => Some((*code, *reason)),
            Self::Broken => Some((BROKEN, "Connection closed abnormally")),
            Self::Cut => None,
        }
    }

    /// What is still to be said and heard before the socket is let go.
    async fn part(self, mut socket: WebSocket) {
        let parted = async {
            match self {
                Self::Client(..) => silence(&mut socket).await,
                Self::Gateway(code, reason) => {
                    say_goodbye(&mut socket, code, reason).await;
                    silence(&mut socket).await;
                }
                Self::Unreadable(code, reason) => {
                    say_goodbye(&mut socket, code, reason).await;
                    sleep(LINGER).await;
                }
                Self::Broken | Self::Cut => {}
            }
        };
        // A client that says nothing is left behind.
        let _ = timeout(PARTING, parted).await;
    }
}

async fn say_goodbye(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    // The client may be gone already.
    let _ = socket.send(Message::Close(Some(frame))).await;
}

/// Reads on, which also writes the answer to a goodbye, until the client has nothing more to say.
async fn silence(socket: &mut WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::error::CapacityError;

    use super::*;

    fn end(error: tungstenite::Error) -> End {
        End::of(&axum::Error::new(error))
    }

    #[test]
    fn what_cannot_be_read_has_its_own_code() {
        let too_long = CapacityError::MessageTooLong { size: 2, max_size: 1 };
        assert_eq!(end(too_long.into()).told().unwrap().0, TOO_LONG);
        assert_eq!(end(tungstenite::Error::Utf8("no".to_owned())).told().unwrap().0, INVALID);
        assert_eq!(end(ProtocolError::NonZeroReservedBits.into()).told().unwrap().0, PROTOCOL);
    }

    #[test]
    fn a_lost_connection_is_told_as_broken() {
        assert_eq!(end(ProtocolError::ResetWithoutClosingHandshake.into()), End::Broken);
        assert_eq!(End::Broken.told().unwrap().0, BROKEN);
    }

    #[test]
    fn a_cut_connection_is_told_to_nobody() {
        assert_eq!(End::Cut.told(), None);
    }
}
