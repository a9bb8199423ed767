//! Replaces API Gateway's WebSocket API on one machine: sockets at `/ws`, with the events that Lambda gets, and the
//! management API at `/@connections`. Tests can make it fail as the real one may.

mod connection;
mod event;
mod management;
mod ordering;
mod upgrade;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use axum::{
    Router,
    extract::ws::Utf8Bytes,
    routing::{get, post},
};
use socket::SocketFunction;
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    task::JoinHandle,
};
use ventanilla::{
    domain::time::Timestamp,
    ports::clock::{Clock, Deadline},
};

use self::event::ConnectionInfo;

/// The most bytes in one frame of a client; a longer frame closes the socket.
const MAX_FRAME_BYTES: usize = 32 * 1024;

/// The most bytes in one message, in either direction.
const MAX_MESSAGE_BYTES: usize = 128 * 1024;

/// The function's timeout for one event.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(26);

/// The time limits of a socket.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// The longest time without a frame in either direction.
    pub idle: Duration,
    /// The longest time from the handshake.
    pub max_duration: Duration,
}

impl Default for SocketLimits {
    /// The limits of API Gateway, which cannot be raised.
    fn default() -> Self {
        Self { idle: Duration::from_mins(10), max_duration: Duration::from_hours(2) }
    }
}

/// The order in which frames reach the function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ArrivalOrder {
    /// In order of arrival, each while earlier ones may still be running.
    #[default]
    Arrival,
    /// Swaps two frames of a socket that arrive close together: API Gateway does not guarantee the order of calls.
    Reversed,
}

/// Whether the management API is available.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Availability {
    /// Calls are answered as usual.
    #[default]
    Up,
    /// Calls fail with `ServiceUnavailableException`.
    Down,
}

/// The local replacement for API Gateway. Clones share one state.
#[derive(Clone, Default)]
pub struct Gateway {
    limits: SocketLimits,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Open sockets, oldest first.
    live: Vec<OpenSocket>,
    frame_order: ArrivalOrder,
    availability: Availability,
}

/// A socket that accepts commands.
struct OpenSocket {
    connection: ConnectionInfo,
    active_at: Timestamp,
    write_delay: Duration,
    /// The sender to the socket's task, which drops the connection when this is gone.
    commands: UnboundedSender<ConnectionCommand>,
}

/// A command for the task of a socket.
enum ConnectionCommand {
    /// Write a text message, and confirm it.
    Write(Utf8Bytes, oneshot::Sender<()>),
    /// Close the socket with this code.
    Close(u16),
}

/// The socket does not exist, or not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gone;

/// The state of the routes.
#[derive(Clone)]
struct RouteState {
    gateway: Gateway,
    invoker: Invoker,
}

impl Gateway {
    /// A gateway with API Gateway's limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A gateway with these limits.
    #[must_use]
    pub fn with_limits(limits: SocketLimits) -> Self {
        Self { limits, state: Arc::default() }
    }

    /// The routes, in front of this function.
    pub fn router(&self, function: Arc<SocketFunction>, clock: Arc<dyn Clock>) -> Router {
        let invoker = Invoker { function, clock };
        let one = post(management::post).get(management::get).delete(management::delete);
        Router::new()
            .route("/ws", get(upgrade::connect))
            .route("/@connections/{connection}", one)
            .with_state(RouteState { gateway: self.clone(), invoker })
    }

    /// The ids of all open sockets, the oldest first.
    #[must_use]
    pub fn connections(&self) -> Vec<String> {
        self.state().live.iter().map(|live| live.connection.id.clone()).collect()
    }

    /// Sets the order in which frames reach the function.
    pub fn set_frame_order(&self, frame_order: ArrivalOrder) {
        self.state().frame_order = frame_order;
    }

    /// Sets whether the management API is available.
    pub fn set_availability(&self, availability: Availability) {
        self.state().availability = availability;
    }

    /// Delays every write to this socket, as for a slow client.
    pub fn set_write_delay(&self, connection: &str, write_delay: Duration) {
        let _ = self.with_socket(connection, |live| live.write_delay = write_delay);
    }

    /// Drops a connection without a `$disconnect`, which API Gateway delivers on a best-effort basis.
    pub fn drop_connection(&self, connection: &str) {
        self.unregister(connection);
    }

    /// Closes all sockets, because the server shuts down.
    pub fn close_all(&self) {
        for live in self.state().live.drain(..) {
            // Its task is gone only when it has closed already.
            let _ = live.commands.send(ConnectionCommand::Close(connection::AWAY));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn availability(&self) -> Availability {
        self.state().availability
    }

    fn frame_order(&self) -> ArrivalOrder {
        self.state().frame_order
    }

    /// Runs `work` on an open socket.
    fn with_socket<T>(&self, connection: &str, work: impl FnOnce(&mut OpenSocket) -> T) -> Result<T, Gone> {
        let mut state = self.state();
        state.live.iter_mut().find(|live| live.connection.id == connection).map(work).ok_or(Gone)
    }

    /// Registers a socket; returns the receiver of its commands.
    fn register(&self, connection: &ConnectionInfo) -> UnboundedReceiver<ConnectionCommand> {
        let (commands, to_do) = unbounded_channel();
        let (connection, active_at) = (connection.clone(), connection.connected_at);
        self.state().live.push(OpenSocket { connection, active_at, write_delay: Duration::ZERO, commands });
        to_do
    }

    /// Removes a socket; commands to it fail from now on.
    fn unregister(&self, connection: &str) {
        self.state().live.retain(|live| live.connection.id != connection);
    }

    /// Writes to a socket, and waits until the write is confirmed.
    async fn write(&self, connection: &str, text: Utf8Bytes) -> Result<(), Gone> {
        let write_delay = self.with_socket(connection, |live| live.write_delay)?;
        if !write_delay.is_zero() {
            tokio::time::sleep(write_delay).await;
        }
        let (say, written) = oneshot::channel();
        self.with_socket(connection, |live| live.commands.send(ConnectionCommand::Write(text, say)))?
            .map_err(|_| Gone)?;
        written.await.map_err(|_| Gone)
    }

    /// Closes a socket; commands to it fail from now on.
    fn close(&self, connection: &str, code: u16) -> Result<(), Gone> {
        let result =
            self.with_socket(connection, |live| live.commands.send(ConnectionCommand::Close(code)))?;
        self.unregister(connection);
        result.map_err(|_| Gone)
    }
}

/// Invokes the function `socket`, as API Gateway does.
#[derive(Clone)]
struct Invoker {
    function: Arc<SocketFunction>,
    clock: Arc<dyn Clock>,
}

impl Invoker {
    /// Invokes it in a task of its own, as Lambda would, so that neither a panic nor a caller that disconnects affects
    /// anything else.
    fn invoke(&self, event: ApiGatewayWebsocketProxyRequest) -> JoinHandle<ApiGatewayProxyResponse> {
        let function = Arc::clone(&self.function);
        let deadline = Deadline(self.clock.now().plus(FUNCTION_TIMEOUT));
        tokio::spawn(async move { socket::handle(&function, event, deadline).await })
    }
}
