//! An open socket, from its handshake to its close.

use std::{error::Error, ops::ControlFlow, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use super::{ConnectionCommand, Gateway, Invoker, event::ConnectionInfo, ordering::FrameDispatcher};

/// The close code of a normal closure.
pub(super) const NORMAL: u16 = 1000;
/// The close code of a socket that reached a time limit.
pub(super) const AWAY: u16 = 1001;
/// The close code for a protocol error.
const PROTOCOL: u16 = 1002;
/// The close code for binary frames, which API Gateway does not support.
const UNSUPPORTED: u16 = 1003;
/// The code in `$disconnect` when the client sent none.
const UNNAMED: u16 = 1005;
/// The code in `$disconnect` when the connection broke.
const BROKEN: u16 = 1006;
/// The close code for text that is not UTF-8.
const INVALID: u16 = 1007;
/// The close code for a frame or message that is too long.
const TOO_LONG: u16 = 1009;

/// How long a client may take to receive a frame before it counts as gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take to answer a close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a socket stays open after an unreadable frame. Closed with unread data it would be reset, and the client
/// might never see the code.
const LINGER: Duration = Duration::from_secs(1);

/// Why a socket closed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CloseReason {
    /// The client closed it, with this code and reason.
    Client(u16, String),
    /// The gateway closes it, with this code and reason.
    Gateway(u16, &'static str),
    /// The gateway closes it after a frame that cannot be read.
    Unreadable(u16, &'static str),
    /// The connection broke without a close frame.
    Broken,
    /// A test dropped the connection.
    Cut,
}

/// A socket that the gateway has accepted.
#[derive(Clone)]
pub(super) struct Connection {
    gateway: Gateway,
    invoker: Invoker,
    info: ConnectionInfo,
}

impl Connection {
    pub(super) fn new(gateway: Gateway, invoker: Invoker, info: ConnectionInfo) -> Self {
        Self { gateway, invoker, info }
    }

    /// The function accepted the connection, and then the handshake failed.
    pub(super) fn fail_handshake(&self) {
        self.gateway.unregister(&self.info.id);
        self.notify_disconnect(&CloseReason::Broken);
    }

    /// Runs the connection from the handshake to its close.
    pub(super) async fn run(self, mut socket: WebSocket, mut commands: UnboundedReceiver<ConnectionCommand>) {
        let reason = self.relay_frames(&mut socket, &mut commands).await;
        self.gateway.unregister(&self.info.id);
        // Writers that still wait get an error.
        drop(commands);
        self.notify_disconnect(&reason);
        reason.close(socket).await;
    }

    /// Relays frames both ways until the connection closes.
    async fn relay_frames(
        &self,
        socket: &mut WebSocket,
        commands: &mut UnboundedReceiver<ConnectionCommand>,
    ) -> CloseReason {
        let mut dispatcher = FrameDispatcher::new(self.invoker.clone());
        let limits = self.gateway.limits;
        let max_duration = Instant::now() + limits.max_duration;
        loop {
            let idle = Instant::now() + limits.idle;
            let step = tokio::select! {
                () = sleep_until(max_duration.min(idle)) => return CloseReason::Gateway(AWAY, "Going away"),
                command = commands.recv() => execute(command, socket).await,
                came = socket.recv() => self.on_frame(came, &mut dispatcher),
            };
            if let ControlFlow::Break(reason) = step {
                return reason;
            }
            let now = self.invoker.clock.now();
            // A test may have dropped the connection meanwhile; the next iteration ends it.
            let _ = self.gateway.with_socket(&self.info.id, |live| live.active_at = now);
        }
    }

    fn on_frame(
        &self,
        came: Option<Result<Message, axum::Error>>,
        dispatcher: &mut FrameDispatcher,
    ) -> ControlFlow<CloseReason> {
        match came {
            Some(Ok(Message::Text(text))) => {
                dispatcher
                    .dispatch(self.gateway.frame_order(), self.info.message(self.invoker.clock.now(), &text));
                ControlFlow::Continue(())
            }
            // The next read answers a ping.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => ControlFlow::Continue(()),
            Some(Ok(Message::Binary(_))) => {
                ControlFlow::Break(CloseReason::Gateway(UNSUPPORTED, "Binary frames are not supported"))
            }
            Some(Ok(Message::Close(frame))) => ControlFlow::Break(CloseReason::by_client(frame)),
            Some(Err(error)) => ControlFlow::Break(CloseReason::of(&error)),
            None => ControlFlow::Break(CloseReason::Broken),
        }
    }

    fn notify_disconnect(&self, reason: &CloseReason) {
        if let Some((code, reason)) = reason.code_and_text() {
            self.invoker.invoke(self.info.disconnect(self.invoker.clock.now(), code, reason));
        }
    }
}

async fn execute(order: Option<ConnectionCommand>, socket: &mut WebSocket) -> ControlFlow<CloseReason> {
    match order {
        Some(ConnectionCommand::Write(text, written)) => {
            match timeout(WRITE_TIMEOUT, socket.send(Message::Text(text))).await {
                Ok(Ok(())) => {
                    // The caller may be gone.
                    let _ = written.send(());
                    ControlFlow::Continue(())
                }
                _ => ControlFlow::Break(CloseReason::Broken),
            }
        }
        Some(ConnectionCommand::Close(code)) => {
            ControlFlow::Break(CloseReason::Gateway(code, "Closed by the server"))
        }
        None => ControlFlow::Break(CloseReason::Cut),
    }
}

impl CloseReason {
    fn by_client(frame: Option<CloseFrame>) -> Self {
        match frame {
            Some(frame) => Self::Client(frame.code, frame.reason.as_str().to_owned()),
            None => Self::Client(UNNAMED, "Client-side close frame status not set".to_owned()),
        }
    }

    /// Maps a read error to a reason.
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

    /// The code and text that `$disconnect` gets; `None` if it is not called.
    fn code_and_text(&self) -> Option<(u16, &str)> {
        match self {
            Self::Client(code, reason) => Some((*code, reason.as_str())),
            Self::Gateway(code, reason) | Self::Unreadable(code, reason) => Some((*code, *reason)),
            Self::Broken => Some((BROKEN, "Connection closed abnormally")),
            Self::Cut => None,
        }
    }

    /// Completes the closing handshake.
    async fn close(self, mut socket: WebSocket) {
        let closing = async {
            match self {
                Self::Client(..) => drain(&mut socket).await,
                Self::Gateway(code, reason) => {
                    send_close(&mut socket, code, reason).await;
                    drain(&mut socket).await;
                }
                Self::Unreadable(code, reason) => {
                    send_close(&mut socket, code, reason).await;
                    sleep(LINGER).await;
                }
                Self::Broken | Self::Cut => {}
            }
        };
        // A client that does not answer is dropped.
        let _ = timeout(CLOSE_TIMEOUT, closing).await;
    }
}

async fn send_close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    // The client may be gone already.
    let _ = socket.send(Message::Close(Some(frame))).await;
}

/// Reads until the client closes, which also answers its close frame.
async fn drain(socket: &mut WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::error::CapacityError;

    use super::*;

    fn end(error: tungstenite::Error) -> CloseReason {
        CloseReason::of(&axum::Error::new(error))
    }

    #[test]
    fn what_cannot_be_read_has_its_own_code() {
        let too_long = CapacityError::MessageTooLong { size: 2, max_size: 1 };
        assert_eq!(end(too_long.into()).code_and_text().unwrap().0, TOO_LONG);
        assert_eq!(end(tungstenite::Error::Utf8("no".to_owned())).code_and_text().unwrap().0, INVALID);
        assert_eq!(end(ProtocolError::NonZeroReservedBits.into()).code_and_text().unwrap().0, PROTOCOL);
    }

    #[test]
    fn a_lost_connection_is_reported_as_broken() {
        assert_eq!(end(ProtocolError::ResetWithoutClosingHandshake.into()), CloseReason::Broken);
        assert_eq!(CloseReason::Broken.code_and_text().unwrap().0, BROKEN);
    }

    #[test]
    fn a_dropped_connection_is_not_reported() {
        assert_eq!(CloseReason::Cut.code_and_text(), None);
    }
}
