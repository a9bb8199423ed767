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
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
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
    /// The caller dies before the call takes place.
    CrashBefore,
    /// The call is applied, and the caller dies before the answer.
    CrashAfter,
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
    /// Faults by the number of the call, counted from when they were set.
    by_number: BTreeMap<usize, Fault>,
    calls: usize,
    /// How long every answer is held back while trips are counted.
    held: Duration,
    trips: u32,
    /// Whether a call of the current trip was answered: the next one begins another trip.
    answered: bool,
    costs: BTreeMap<String, Cost>,
}

/// A proxy in front of the store.
pub(crate) struct Tap {
    pub(crate) url: String,
    plan: Arc<Mutex<Plan>>,
    crashed: Arc<Notify>,
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
    crashed: Arc<Notify>,
}

impl Tap {
    /// A proxy in front of `upstream`.
    pub(crate) async fn start(upstream: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let plan = Arc::new(Mutex::new(Plan::default()));
        let crashed = Arc::new(Notify::new());
        let http = client().unwrap();
        let way = Way { http, upstream, plan: Arc::clone(&plan), crashed: Arc::clone(&crashed) };
        let router = Router::new().fallback(pass).with_state(way);
        let serving = tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        Self { url, plan, crashed, serving }
    }

    /// The next call of this operation meets a fault; several wait in line.
    pub(crate) fn next(&self, operation: &str, fault: Fault) {
        self.plan.lock().unwrap().faults.push((operation.to_owned(), fault));
    }

    /// Counts calls from now on; those with these numbers, from 0, meet a fault.
    pub(crate) fn by_number(&self, faults: &[(usize, Fault)]) {
        let mut plan = self.plan.lock().unwrap();
        plan.calls = 0;
        plan.by_number = faults.iter().copied().collect();
    }

    /// How many calls there were since counting began.
    pub(crate) fn calls(&self) -> usize {
        self.plan.lock().unwrap().calls
    }

    /// Waits until a call met a crash.
    pub(crate) async fn crash(&self) {
        self.crashed.notified().await;
    }

    /// Faults that no call has met yet.
    pub(crate) fn faults_left(&self) -> usize {
        let plan = self.plan.lock().unwrap();
        plan.faults.len() + plan.by_number.len()
    }

    /// What was called since the last time this was asked, by operation.
    pub(crate) fn costs(&self) -> BTreeMap<String, Cost> {
        std::mem::take(&mut self.plan.lock().unwrap().costs)
    }

    /// Holds every answer back for a moment, so that calls made together meet each other on the way.
    pub(crate) fn hold_answers(&self, moment: Duration) {
        self.plan.lock().unwrap().held = moment;
    }

    /// How often, since the last time this was asked, a call waited for the answer of another.
    pub(crate) fn trips(&self) -> u32 {
        let mut plan = self.plan.lock().unwrap();
        plan.answered = false;
        std::mem::take(&mut plan.trips)
    }
}

impl Way {
    fn fault_of(&self, operation: &str) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        let number = plan.calls;
        plan.calls += 1;
        if plan.trips == 0 || plan.answered {
            plan.trips += 1;
            plan.answered = false;
        }
        if let Some(fault) = plan.by_number.remove(&number) {
            return Some(fault);
        }
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

    /// Tells the test that the caller is dead, and never answers.
    async fn dead(&self) -> Response {
        self.crashed.notify_one();
        std::future::pending().await
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
        // Only transactions meet conflicts; a read that should is left alone.
        Some(Fault::Conflict) if operation == "TransactWriteItems" => return conflict(&body),
        Some(Fault::CrashBefore) => return way.dead().await,
        _ => {}
    }
    let (status, headers, answer) = way.forward(&parts.headers, body).await;
    way.count(&operation, &answer);
    let held = way.plan.lock().unwrap().held;
    if !held.is_zero() {
        tokio::time::sleep(held).await;
    }
    way.plan.lock().unwrap().answered = true;
    match fault {
        Some(Fault::CrashAfter) => way.dead().await,
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
