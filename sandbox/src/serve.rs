//! An HTTP/1 server that can also cut a connection instead of answering.

use std::{convert::Infallible, error::Error, fmt, future::Future, io, pin::pin, time::Duration};

use axum::{Router, body::Body, response::Response};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::ServiceExt as _;

/// How long open requests may take after the shutdown signal.
const GRACE: Duration = Duration::from_secs(10);

/// The wait after a failed accept: long enough for a process out of file handles to free some.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// As an extension of a response: close the connection instead of sending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutConnection;

impl fmt::Display for CutConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was cut on purpose")
    }
}

impl Error for CutConnection {}

/// Serves `router` until `shutdown` resolves, then lets open requests finish.
///
/// A failing accept or connection never ends the server.
///
/// # Errors
///
/// When the listener has no local address, so it cannot be listening.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::debug!(%address, "serving");
    let stop = watch::Sender::new(());
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => open(stream, router.clone(), stop.subscribe()),
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
    // Each connection listens until it ends.
    if tokio::time::timeout(GRACE, stop.closed()).await.is_err() {
        tracing::warn!(%address, "requests still open at the end of the grace period");
    }
    Ok(())
}

fn open(stream: TcpStream, router: Router, mut stop: watch::Receiver<()>) {
    // Small answers should leave at once; a socket that refuses the option works without it.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
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

// An error makes hyper drop the connection without a word. The work goes on in a task of its own, so
// that a client who hangs up does not stop it half-way; a panic in it cuts the connection.
async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, CutConnection> {
    let answered = tokio::spawn(router.oneshot(request.map(Body::new))).await;
    let Ok(Ok::<Response, Infallible>(response)) = answered else { return Err(CutConnection) };
    match response.extensions().get::<CutConnection>() {
        Some(cut) => Err(*cut),
        None => Ok(response),
    }
}
