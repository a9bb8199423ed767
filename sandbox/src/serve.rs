//! An HTTP/1 server that can close a connection instead of responding.

use std::{convert::Infallible, error::Error, fmt, future::Future, io, pin::pin, time::Duration};

use axum::{Router, body::Body, response::Response};
use futures_util::{StreamExt, stream};
use http::Request;
use hyper::{
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::ServiceExt as _;

/// How long open requests may take after the shutdown signal.
const GRACE: Duration = Duration::from_secs(10);

/// The delay after a failed accept: long enough for a process without free file handles to release some.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a client may take to send the headers of a request, also on an idle connection, and each chunk of a body.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until all headers have arrived.
    pub headers: Duration,
    /// Until the next chunk of a body has arrived.
    pub body: Duration,
}

impl Default for Timeouts {
    /// Longer than our own clients keep idle connections.
    fn default() -> Self {
        Self { headers: Duration::from_mins(1), body: Duration::from_secs(30) }
    }
}

/// The next chunk of a body did not arrive in time.
#[derive(Debug, Clone, Copy)]
struct BodyTimeout;

impl fmt::Display for BodyTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body did not arrive in time")
    }
}

impl Error for BodyTimeout {}

/// As an extension of a response: close the connection instead of sending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutConnection;

impl fmt::Display for CutConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was closed on purpose")
    }
}

impl Error for CutConnection {}

/// Serves `router` with default timeouts; see [`serve_with_timeouts`].
///
/// # Errors
///
/// When the listener has no local address, so it cannot be listening.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future) -> io::Result<()> {
    serve_with_timeouts(listener, router, Timeouts::default(), shutdown).await
}

/// Serves `router` until `shutdown` resolves, then lets open requests finish.
///
/// A failing accept or connection never ends the server.
///
/// # Errors
///
/// When the listener has no local address, so it cannot be listening.
pub async fn serve_with_timeouts(
    listener: TcpListener,
    router: Router,
    timeouts: Timeouts,
    shutdown: impl Future,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::debug!(%address, "serving");
    let stop = watch::Sender::new(());
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => open(stream, router.clone(), timeouts, stop.subscribe()),
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            _ = &mut shutdown => break,
        }
    }
    drop(listener);
    stop.send_replace(());
    // Each connection holds a receiver until it ends.
    if tokio::time::timeout(GRACE, stop.closed()).await.is_err() {
        tracing::warn!(%address, "requests still open at the end of the grace period");
    }
    Ok(())
}

fn open(stream: TcpStream, router: Router, timeouts: Timeouts, mut stop: watch::Receiver<()>) {
    // Small responses should leave at once; a socket that rejects the option works without it.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), timeouts, request));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(timeouts.headers);
    let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::spawn(async move {
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            _ = stop.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection ended early");
        }
    });
}

// An error makes hyper drop the connection silently. The work runs in a task of its own, so that a client who
// disconnects does not stop it half-way; a panic in it closes the connection.
async fn answer(
    router: Router,
    timeouts: Timeouts,
    request: Request<Incoming>,
) -> Result<Response, CutConnection> {
    let request = request.map(|body| in_time(body, timeouts.body));
    let answered = tokio::spawn(router.oneshot(request)).await;
    let Ok(Ok::<Response, Infallible>(response)) = answered else { return Err(CutConnection) };
    match response.extensions().get::<CutConnection>() {
        Some(cut) => Err(*cut),
        None => Ok(response),
    }
}

/// A body that fails when its next chunk does not arrive in time.
fn in_time(body: Incoming, timeouts: Duration) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    let chunks = Body::new(body).into_data_stream();
    Body::from_stream(stream::unfold(Some(chunks), move |chunks| async move {
        let mut chunks = chunks?;
        match tokio::time::timeout(timeouts, chunks.next()).await {
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(chunks))),
            Ok(Some(Err(error))) => Some((Err(axum::BoxError::from(error)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(BodyTimeout.into()), None)),
        }
    }))
}
