//! The way to the store: forwards every call, counts it, and disturbs those that a test names.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use ventanilla::provider::http::client;
use ventanilla_sandbox::serve::{CutConnection, serve};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails without having been applied.
    ErrorBefore,
    /// It is applied, and then fails.
    ErrorAfter,
    /// It is applied, and the connection breaks before the answer.
    ReplyLost,
    /// It is applied, and the answer comes too late for the attempt's time-out.
    Stalled,
    /// It is turned away: too much at once.
    Throttled,
    /// A transaction is turned away: another one is under way on the same row.
    Conflict,
}

/// What one kind of call has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) calls: u32,
    pub(crate) units: f64,
}

#[derive(Default)]
struct Plan {
    faults: Vec<(String, Fault)>,
    costs: BTreeMap<String, Cost>,
}

/// A proxy in front of the store.
pub(crate) struct Tap {
    pub(crate) url: String,
    plan: Arc<Mutex<Plan>>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Clone)]
struct Way {
    http: reqwest::Client,
    upstream: String,
    plan: Arc<Mutex<Plan>>,
}

impl Tap {
    /// A proxy in front of `upstream`.
    pub(crate) async fn start(upstream: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let plan = Arc::new(Mutex::new(Plan::default()));
        let way = Way { http: client().unwrap(), upstream, plan: Arc::clone(&plan) };
        let router = Router::new().fallback(pass).with_state(way);
        let serving = tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        Self { url, plan, serving }
    }

    /// The next call of this operation meets a fault; several wait in line.
    pub(crate) fn next(&self, operation: &str, fault: Fault) {
        self.plan.lock().unwrap().faults.push((operation.to_owned(), fault));
    }

    /// Faults that no call has met yet.
    pub(crate) fn faults_left(&self) -> usize {
        self.plan.lock().unwrap().faults.len()
    }

    /// What was called since the last time this was asked, by operation.
    pub(crate) fn costs(&self) -> BTreeMap<String, Cost> {
        std::mem::take(&mut self.plan.lock().unwrap().costs)
    }
}

impl Way {
    fn fault_of(&self, operation: &str) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        let place = plan.faults.iter().position(|(named, _)| named == operation)?;
        Some(plan.faults.remove(place).1)
    }

    async fn forward(&self, headers: &HeaderMap, body: Bytes) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = self.http.post(&self.upstream).body(body);
        for (name, value) in headers {
            if name != http::header::HOST {
                request = request.header(name, value);
            }
        }
        let answer = self.http.execute(request.build().unwrap()).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap())
    }

    fn count(&self, operation: &str, answer: &Bytes) {
        let mut plan = self.plan.lock().unwrap();
        let cost = plan.costs.entry(operation.to_owned()).or_default();
        cost.calls += 1;
        let read: Value = serde_json::from_slice(answer).unwrap_or_default();
        cost.units += match &read["ConsumedCapacity"] {
            Value::Array(all) => all.iter().filter_map(|one| one["CapacityUnits"].as_f64()).sum(),
            one => one["CapacityUnits"].as_f64().unwrap_or_default(),
        };
    }
}

async fn pass(State(way): State<Way>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let target = parts.headers.get("x-amz-target").map(|value| value.to_str().unwrap()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let fault = way.fault_of(&operation);
    match fault {
        Some(Fault::ErrorBefore) => return error(500, "InternalServerError"),
        Some(Fault::Throttled) => return error(400, "ProvisionedThroughputExceededException"),
        Some(Fault::Conflict) => return conflict(&body),
        _ => {}
    }
    let (status, headers, answer) = way.forward(&parts.headers, body).await;
    way.count(&operation, &answer);
    match fault {
        Some(Fault::ErrorAfter) => error(500, "InternalServerError"),
        Some(Fault::ReplyLost) => {
            let mut lost = StatusCode::OK.into_response();
            lost.extensions_mut().insert(CutConnection);
            lost
        }
        Some(Fault::Stalled) => {
            // Longer than the 1.5 s that the client waits for one attempt.
            tokio::time::sleep(Duration::from_secs(3)).await;
            error(500, "InternalServerError")
        }
        _ => {
            let mut response = Response::new(Body::from(answer));
            *response.status_mut() = status;
            for (name, value) in &headers {
                if name != http::header::TRANSFER_ENCODING && name != http::header::CONTENT_LENGTH {
                    response.headers_mut().append(name, value.clone());
                }
            }
            response
        }
    }
}

fn error(status: u16, kind: &str) -> Response {
    let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "injected" });
    let json = [(http::header::CONTENT_TYPE, "application/x-amz-json-1.0")];
    (StatusCode::from_u16(status).unwrap(), json, body.to_string()).into_response()
}

fn conflict(body: &Bytes) -> Response {
    let asked: Value = serde_json::from_slice(body).unwrap();
    let count = asked["TransactItems"].as_array().map_or(1, Vec::len);
    let mut reasons = vec![json!({ "Code": "None" }); count];
    reasons[0] = json!({ "Code": "TransactionConflict", "Message": "injected" });
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "injected",
        "CancellationReasons": reasons,
    });
    let json = [(http::header::CONTENT_TYPE, "application/x-amz-json-1.0")];
    (StatusCode::BAD_REQUEST, json, body.to_string()).into_response()
}
