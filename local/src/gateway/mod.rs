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

use self::event::Connection;

/// Bytes of one frame from a client; a longer one closes the socket. (Messages are made of frames.)
const LONGEST_FRAME: usize = 32 * 1024;

/// Bytes of one message, in either direction.
const LONGEST_MESSAGE: usize = 128 * 1024;

/// How long the function may take for an event.
const PATIENCE: Duration = Duration::from_secs(26);

/// How long a socket may live.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Without a frame in either direction.
    pub idle: Duration,
    /// In all.
    pub longest: Duration,
}

impl Default for Limits {
    /// API Gateway's, which nobody can raise.
    fn default() -> Self {
        Self { idle: Duration::from_mins(10), longest: Duration::from_hours(2) }
    }
}

/// In which order frames get to the function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    /// Each as soon as it is here, beside those that are still under way.
    #[default]
    AsTheyCome,
    /// Of two frames of a socket that come close together the second one first: nothing in API Gateway keeps
    /// calls in the order of their frames.
    Reversed,
}

/// Whether the management API answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Health {
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
    live: Vec<Live>,
    manner: Manner,
    health: Health,
}

/// A socket that can be spoken to.
struct Live {
    connection: Connection,
    active_at: Timestamp,
    slowness: Duration,
    /// The only way to the socket's task, which breaks off when this is gone.
    orders: UnboundedSender<Order>,
}

/// What the task of a socket is told to do.
enum Order {
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
struct Door {
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
            .route("/ws", get(upgrade::open))
            .route("/@connections/{connection}", one)
            .with_state(Door { gateway: self.clone(), app })
    }

    /// The ids of all open sockets, the oldest first.
    #[must_use]
    pub fn connections(&self) -> Vec<String> {
        self.state().live.iter().map(|live| live.connection.id.clone()).collect()
    }

    /// In which order frames get to the function from now on.
    pub fn set_manner(&self, manner: Manner) {
        self.state().manner = manner;
    }

    /// Whether the management API answers from now on.
    pub fn set_health(&self, health: Health) {
        self.state().health = health;
    }

    /// From now on a post to this socket takes so long: its client is slow to take what it gets.
    pub fn slow(&self, connection: &str, slowness: Duration) {
        let _ = self.with(connection, |live| live.slowness = slowness);
    }

    /// Breaks a socket off, and never tells the function: API Gateway promises only to try.
    pub fn cut(&self, connection: &str) {
        self.leave(connection);
    }

    /// Closes all sockets, because the server is about to end.
    pub fn close_all(&self) {
        for live in self.state().live.drain(..) {
            // Its task is gone only when it has closed already.
            let _ = live.orders.send(Order::Close(connection::AWAY));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn health(&self) -> Health {
        self.state().health
    }

    fn manner(&self) -> Manner {
        self.state().manner
    }

    /// Does something with an open socket.
    fn with<T>(&self, connection: &str, work: impl FnOnce(&mut Live) -> T) -> Result<T, Gone> {
        let mut state = self.state();
        state.live.iter_mut().find(|live| live.connection.id == connection).map(work).ok_or(Gone)
    }

    /// From now on this socket can be spoken to; what it is to do comes out here.
    fn enter(&self, connection: &Connection) -> UnboundedReceiver<Order> {
        let (orders, to_do) = unbounded_channel();
        let (connection, active_at) = (connection.clone(), connection.connected_at);
        self.state().live.push(Live { connection, active_at, slowness: Duration::ZERO, orders });
        to_do
    }

    /// From now on it cannot.
    fn leave(&self, connection: &str) {
        self.state().live.retain(|live| live.connection.id != connection);
    }

    /// Writes to a socket, and waits until it is written.
    async fn write(&self, connection: &str, text: Utf8Bytes) -> Result<(), Gone> {
        let slowness = self.with(connection, |live| live.slowness)?;
        if !slowness.is_zero() {
            tokio::time::sleep(slowness).await;
        }
        let (say, written) = oneshot::channel();
        self.with(connection, |live| live.orders.send(Order::Write(text, say)))?.map_err(|_| Gone)?;
        written.await.map_err(|_| Gone)
    }

    /// Closes a socket; from now on it cannot be spoken to.
    fn close(&self, connection: &str, code: u16) -> Result<(), Gone> {
        let told = self.with(connection, |live| live.orders.send(Order::Close(code)))?;
        self.leave(connection);
        told.map_err(|_| Gone)
    }
}

/// Gives an event to the function in a task of its own, as Lambda would: should it panic, or whoever asked be
/// gone, everything else goes on.
fn call(app: &App, event: ApiGatewayWebsocketProxyRequest) -> JoinHandle<ApiGatewayProxyResponse> {
    let app = app.clone();
    let deadline = Deadline(app.clock.now().plus(PATIENCE));
    tokio::spawn(async move { socket::handle(&app, event, deadline).await })
}
