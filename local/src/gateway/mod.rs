//! What stands in for API Gateway's WebSocket API on one machine: sockets at `/ws`, whose events the function
//! gets in the very form that Lambda gives it, and the management API at `/@connections`, over which it speaks
//! to them. A test can make it behave as badly as the real one may.

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
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    task::JoinHandle,
};
use ventanilla::{assembly::App, domain::time::Timestamp, port::clock::Deadline};

use self::event::ConnectionInfo;

/// Bytes of one frame from a client; a longer one closes the socket. (Messages are made of frames.)
const MAX_FRAME_BYTES: usize = 32 * 1024;

/// Bytes of one message, in either direction.
const MAX_MESSAGE_BYTES: usize = 128 * 1024;

/// How long the function may take for an event.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(26);

/// How long a socket may live.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Without a frame in either direction.
    pub idle: Duration,
    /// In all.
    pub max_duration: Duration,
}

impl Default for Limits {
    /// API Gateway's, which nobody can raise.
    fn default() -> Self {
        Self { idle: Duration::from_mins(10), max_duration: Duration::from_hours(2) }
    }
}

/// In which order frames get to the function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FrameOrder {
    /// Each as soon as it is here, beside those that are still under way.
    #[default]
    Arrival,
    /// Of two frames of a socket that come close together the second one first: nothing in API Gateway keeps
    /// calls in the order of their frames.
    Reversed,
}

/// Whether the management API answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Availability {
    /// It does.
    #[default]
    Up,
    /// It turns every call away for now.
    Down,
}

/// The stand-in. Its clones are the same one.
#[derive(Clone, Default)]
pub struct Gateway {
    limits: Limits,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Oldest first.
    live: Vec<OpenSocket>,
    frame_order: FrameOrder,
    availability: Availability,
}

/// A socket that can be spoken to.
struct OpenSocket {
    connection: ConnectionInfo,
    active_at: Timestamp,
    write_delay: Duration,
    /// The only way to the socket's task, which breaks off when this is gone.
    commands: UnboundedSender<ConnectionCommand>,
}

/// What the task of a socket is told to do.
enum ConnectionCommand {
    /// To write a frame, and to say when it is written.
    Write(Utf8Bytes, oneshot::Sender<()>),
    /// To close the socket with this code.
    Close(u16),
}

/// There is no such socket, or no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gone;

/// What the routes work with.
#[derive(Clone)]
struct RouteState {
    gateway: Gateway,
    app: App,
}

impl Gateway {
    /// A gateway with API Gateway's limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A gateway whose sockets live no longer than this.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { limits, state: Arc::default() }
    }

    /// The routes, in front of the function of this application.
    pub fn router(&self, app: App) -> Router {
        let one = post(management::post).get(management::get).delete(management::delete);
        Router::new()
            .route("/ws", get(upgrade::connect))
            .route("/@connections/{connection}", one)
            .with_state(RouteState { gateway: self.clone(), app })
    }

    /// The ids of all open sockets, the oldest first.
    #[must_use]
    pub fn connections(&self) -> Vec<String> {
        self.state().live.iter().map(|live| live.connection.id.clone()).collect()
    }

    /// In which order frames get to the function from now on.
    pub fn set_frame_order(&self, frame_order: FrameOrder) {
        self.state().frame_order = frame_order;
    }

    /// Whether the management API answers from now on.
    pub fn set_availability(&self, availability: Availability) {
        self.state().availability = availability;
    }

    /// From now on a post to this socket takes so long: its client is slow to take what it gets.
    pub fn set_write_delay(&self, connection: &str, write_delay: Duration) {
        let _ = self.with_socket(connection, |live| live.write_delay = write_delay);
    }

    /// Breaks a socket off, and never tells the function: API Gateway promises only to try.
    pub fn drop_connection(&self, connection: &str) {
        self.unregister(connection);
    }

    /// Closes all sockets, because the server is about to end.
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

    fn frame_order(&self) -> FrameOrder {
        self.state().frame_order
    }

    /// Does something with an open socket.
    fn with_socket<T>(&self, connection: &str, work: impl FnOnce(&mut OpenSocket) -> T) -> Result<T, Gone> {
        let mut state = self.state();
        state.live.iter_mut().find(|live| live.connection.id == connection).map(work).ok_or(Gone)
    }

    /// From now on this socket can be spoken to; what it is to do comes out here.
    fn register(&self, connection: &ConnectionInfo) -> UnboundedReceiver<ConnectionCommand> {
        let (commands, to_do) = unbounded_channel();
        let (connection, active_at) = (connection.clone(), connection.connected_at);
        self.state().live.push(OpenSocket { connection, active_at, write_delay: Duration::ZERO, commands });
        to_do
    }

    /// From now on it cannot.
    fn unregister(&self, connection: &str) {
        self.state().live.retain(|live| live.connection.id != connection);
    }

    /// Writes to a socket, and waits until it is written.
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

    /// Closes a socket; from now on it cannot be spoken to.
    fn close(&self, connection: &str, code: u16) -> Result<(), Gone> {
        let result =
            self.with_socket(connection, |live| live.commands.send(ConnectionCommand::Close(code)))?;
        self.unregister(connection);
        result.map_err(|_| Gone)
    }
}

/// Gives an event to the function in a task of its own, as Lambda would: should it panic, or whoever asked be
/// gone, everything else goes on.
fn invoke(app: &App, event: ApiGatewayWebsocketProxyRequest) -> JoinHandle<ApiGatewayProxyResponse> {
    let app = app.clone();
    let deadline = Deadline(app.clock.now().plus(FUNCTION_TIMEOUT));
    tokio::spawn(async move { socket::handle(&app, event, deadline).await })
}
