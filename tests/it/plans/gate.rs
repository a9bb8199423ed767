//! The path of the webhooks: from the sandbox to the webhook function, which may die on one.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use http_body_util::BodyExt;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower::ServiceExt;
use ventanilla_sandbox::serve::{CutConnection, serve};

use crate::harness::Actor;

/// How webhooks are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// They are delivered at once.
    AsTheyCome,
    /// Only after all sweeps.
    Late,
    /// Each one is delivered twice.
    Twice,
    /// The first one is turned away at first, so that it comes after the second.
    Reordered,
    /// Not at all, though the provider believes that they did.
    Never,
}

struct Inside {
    manner: Manner,
    turned_away: bool,
}

#[derive(Clone)]
struct Way {
    hook: Arc<Actor>,
    inside: Arc<Mutex<Inside>>,
    open: watch::Receiver<bool>,
}

/// The gate in front of the webhook function.
pub(super) struct Gate {
    pub(super) url: String,
    inside: Arc<Mutex<Inside>>,
    open: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Gate {
    /// Opens one. Its address is that of the function: paths go through as they are.
    pub(super) async fn start(hook: Arc<Actor>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inside = Arc::new(Mutex::new(Inside { manner: Manner::AsTheyCome, turned_away: false }));
        let open = watch::Sender::new(true);
        let way = Way { hook, inside: Arc::clone(&inside), open: open.subscribe() };
        let router = Router::new().fallback(pass).with_state(way);
        let serving = tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        Self { url, inside, open, serving }
    }

    /// Sets how webhooks are delivered from now on.
    pub(super) fn set(&self, manner: Manner) {
        *self.inside.lock().unwrap() = Inside { manner, turned_away: false };
        self.open.send_replace(manner != Manner::Late);
    }

    /// Lets those through that wait.
    pub(super) fn release(&self) {
        self.open.send_replace(true);
    }
}

impl Way {
    /// Whether this webhook is the one to be rejected.
    fn turns_away(&self) -> bool {
        let mut inside = self.inside.lock().unwrap();
        let first = inside.manner == Manner::Reordered && !inside.turned_away;
        inside.turned_away |= first;
        first
    }

    fn manner(&self) -> Manner {
        self.inside.lock().unwrap().manner
    }
}

async fn pass(State(mut way): State<Way>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    if way.manner() == Manner::Never {
        return StatusCode::OK.into_response();
    }
    if way.turns_away() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let _ = way.open.wait_for(|open| *open).await;
    let times = if way.manner() == Manner::Twice { 2 } else { 1 };
    let mut answer = StatusCode::OK.into_response();
    for _ in 0..times {
        let mut again = Request::new(Body::from(body.clone()));
        again.headers_mut().clone_from(&parts.headers);
        (*again.method_mut(), *again.uri_mut()) = (parts.method.clone(), parts.uri.clone());
        let function = way.hook.functions.webhook().oneshot(again);
        answer = tokio::select! {
            answered = function => answered.unwrap(),
            () = way.hook.tap.crash() => {
                let mut lost = StatusCode::OK.into_response();
                lost.extensions_mut().insert(CutConnection);
                return lost;
            }
        };
    }
    answer
}
