//! The way to the store: forwards every call, counts it, and disturbs those that a test names.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
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
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
    task::JoinHandle,
};
use ventanilla::whatsapp::http::client;
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
    /// Neither it nor any repeat of it is applied or answered well: the caller gives up.
    Outage,
    /// It is applied, and neither it nor any repeat of it is answered: the caller gives up.
    Blackout,
    /// It waits before it takes effect, until the test releases it.
    Held,
    /// It is answered as it would have been a while ago: an index that lags. Lists only.
    Stale,
}

/// What kind of call it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It read rows by their keys.
    Read,
    /// It read a list, and found this many entries.
    List(usize),
    /// It wrote one row.
    Write,
    /// It wrote several rows, all or none.
    Transaction,
}

/// What one kind of call has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) calls: u32,
    pub(crate) units: f64,
}

/// A call, and what was done with it so far.
#[derive(Clone, Copy)]
struct Call {
    number: usize,
    fault: Option<Fault>,
    applied: bool,
}

#[derive(Default)]
struct Plan {
    faults: Vec<(String, Fault)>,
    /// Faults by the number of the call, counted from when they were set. Repeats of a call by the SDK
    /// have its number.
    by_number: BTreeMap<usize, Fault>,
    seen: Vec<Kind>,
    /// Calls by the SDK's own name for them.
    named: HashMap<String, Call>,
    /// Repeats that met what the call itself had written.
    phantoms: usize,
    /// What lists said before.
    lists: HashMap<Bytes, Bytes>,
    touched: BTreeSet<String>,
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
    crashes: watch::Sender<usize>,
    gate: Arc<Gate>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Where a call waits that is held.
#[derive(Default)]
struct Gate {
    reached: Notify,
    opened: Notify,
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
    crashes: watch::Sender<usize>,
    gate: Arc<Gate>,
}

impl Tap {
    /// A proxy in front of `upstream`.
    pub(crate) async fn start(upstream: String) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let plan = Arc::new(Mutex::new(Plan::default()));
        let crashes = watch::Sender::new(0);
        let http = client().unwrap();
        let gate = Arc::new(Gate::default());
        let way = Way {
            http,
            upstream,
            plan: Arc::clone(&plan),
            crashes: crashes.clone(),
            gate: Arc::clone(&gate),
        };
        let router = Router::new().fallback(pass).with_state(way);
        let serving = tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        Self { url, plan, crashes, gate, serving }
    }

    /// The next call of this operation meets a fault; several wait in line.
    pub(crate) fn next(&self, operation: &str, fault: Fault) {
        self.plan.lock().unwrap().faults.push((operation.to_owned(), fault));
    }

    /// Counts calls from now on; those with these numbers, from 0, meet a fault.
    pub(crate) fn by_number(&self, faults: &[(usize, Fault)]) {
        let mut plan = self.plan.lock().unwrap();
        plan.seen.clear();
        plan.named.clear();
        plan.lists.clear();
        plan.phantoms = 0;
        plan.by_number = faults.iter().copied().collect();
    }

    /// The calls there were since counting began.
    pub(crate) fn seen(&self) -> Vec<Kind> {
        self.plan.lock().unwrap().seen.clone()
    }

    /// How often since then the repeat of a call met what the call itself had written.
    pub(crate) fn phantoms(&self) -> usize {
        self.plan.lock().unwrap().phantoms
    }

    /// The partition keys that calls have named since the last time this was asked.
    pub(crate) fn touched(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.plan.lock().unwrap().touched)
    }

    /// Waits until a call meets a crash, from now on.
    pub(crate) async fn crash(&self) {
        // The sender lives as long as this tap.
        let _ = self.crashes.subscribe().changed().await;
    }

    /// Waits until a call is held.
    pub(crate) async fn held(&self) {
        self.gate.reached.notified().await;
    }

    /// Releases the call that is held, or that will be.
    pub(crate) fn go_on(&self) {
        self.gate.opened.notify_one();
    }

    /// Faults that no call has met yet.
    pub(crate) fn faults_left(&self) -> usize {
        let plan = self.plan.lock().unwrap();
        plan.faults.len() + plan.by_number.len()
    }

    /// Calls meet no more faults.
    pub(crate) fn forget_faults(&self) {
        let mut plan = self.plan.lock().unwrap();
        plan.faults.clear();
        plan.by_number.clear();
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
    /// The call that a request belongs to, with the fault that it meets.
    fn call_of(&self, operation: &str, headers: &HeaderMap) -> (String, Call) {
        let mut plan = self.plan.lock().unwrap();
        if plan.trips == 0 || plan.answered {
            plan.trips += 1;
            plan.answered = false;
        }
        let named = headers.get("amz-sdk-invocation-id").and_then(|name| name.to_str().ok());
        let name = named.unwrap_or_default().to_owned();
        // A fault set for the next request of an operation strikes a repeat as well.
        let next = plan.faults.iter().position(|(named, _)| named == operation);
        let next = next.map(|place| plan.faults.remove(place).1);
        if let Some(known) = plan.named.get(&name).copied() {
            let lasting = known.fault.filter(|fault| matches!(fault, Fault::Outage | Fault::Blackout));
            return (name, Call { fault: next.or(lasting), ..known });
        }
        let number = plan.seen.len();
        plan.seen.push(match operation {
            "Query" => Kind::List(0),
            "PutItem" => Kind::Write,
            "TransactWriteItems" => Kind::Transaction,
            _ => Kind::Read,
        });
        let fault = plan.by_number.remove(&number).or(next);
        let call = Call { number, fault, applied: false };
        plan.named.insert(name.clone(), call);
        (name, call)
    }

    /// Notes what the store made of a request.
    fn note(&self, name: &str, call: Call, status: StatusCode, answer: &Bytes) {
        let mut plan = self.plan.lock().unwrap();
        let refused = status == StatusCode::BAD_REQUEST
            && String::from_utf8_lossy(answer).contains("ConditionalCheckFailed");
        if call.applied && refused {
            plan.phantoms += 1;
        }
        if let Some(known) = plan.named.get_mut(name) {
            known.applied = known.applied || status.is_success();
        }
        if let Some(Kind::List(found)) = plan.seen.get_mut(call.number) {
            let read: Value = serde_json::from_slice(answer).unwrap_or_default();
            *found = read["Items"].as_array().map_or(0, Vec::len);
        }
    }

    fn touch(&self, body: &Bytes) {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut found = BTreeSet::new();
        partitions(&asked, &mut found);
        self.plan.lock().unwrap().touched.append(&mut found);
    }

    /// The answer that a list gave before, or that of an empty one.
    fn earlier(&self, asked: &Bytes, now: Bytes) -> Bytes {
        let known = self.plan.lock().unwrap().lists.insert(asked.clone(), now);
        known.unwrap_or_else(|| Bytes::from_static(br#"{"Items":[],"Count":0,"ScannedCount":0}"#))
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
        self.crashes.send_modify(|count| *count += 1);
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
    way.touch(&body);
    let (name, call) = way.call_of(&operation, &parts.headers);
    match call.fault {
        Some(Fault::ErrorBefore | Fault::Outage) => return error(500, "InternalServerError"),
        Some(Fault::Throttled) => return error(400, "ProvisionedThroughputExceededException"),
        // Only transactions meet conflicts; a read that should is left alone.
        Some(Fault::Conflict) if operation == "TransactWriteItems" => return conflict(&body),
        Some(Fault::CrashBefore) => return way.dead().await,
        Some(Fault::Blackout) if call.applied => return lost(),
        Some(Fault::Held) => {
            way.gate.reached.notify_one();
            way.gate.opened.notified().await;
        }
        _ => {}
    }
    let (status, headers, mut answer) = way.forward(&parts.headers, body.clone()).await;
    way.count(&operation, &answer);
    way.note(&name, call, status, &answer);
    let held = way.plan.lock().unwrap().held;
    if !held.is_zero() {
        tokio::time::sleep(held).await;
    }
    way.plan.lock().unwrap().answered = true;
    if operation == "Query" {
        let earlier = way.earlier(&list_of(&body), answer.clone());
        if call.fault == Some(Fault::Stale) {
            answer = earlier;
        }
    }
    match call.fault {
        Some(Fault::CrashAfter) => way.dead().await,
        Some(Fault::ErrorAfter) => error(500, "InternalServerError"),
        Some(Fault::ReplyLost | Fault::Blackout) => lost(),
        Some(Fault::Stalled) => {
            // Longer than the 1.5 s that the client waits for one attempt.
            tokio::time::sleep(Duration::from_secs(3)).await;
            error(500, "InternalServerError")
        }
        _ => {
            let stale = call.fault == Some(Fault::Stale);
            let mut response = Response::new(Body::from(answer));
            *response.status_mut() = status;
            for (name, value) in &headers {
                let of_the_body = name == http::header::TRANSFER_ENCODING
                    || name == http::header::CONTENT_LENGTH
                    || (stale && name == "x-amz-crc32");
                if !of_the_body {
                    response.headers_mut().append(name, value.clone());
                }
            }
            response
        }
    }
}

/// Which list a query reads, whatever place in it.
fn list_of(asked: &Bytes) -> Bytes {
    let asked: Value = serde_json::from_slice(asked).unwrap_or_default();
    Bytes::from(asked["ExpressionAttributeValues"][":list"].to_string())
}

/// Every partition key that a request names, of the table or of the index.
fn partitions(asked: &Value, found: &mut BTreeSet<String>) {
    match asked {
        Value::Object(fields) => {
            for (name, value) in fields {
                let keys = ["pk", "g1pk", ":list", ":thread", ":part"];
                match value["S"].as_str().filter(|_| keys.contains(&name.as_str())) {
                    Some(key) => drop(found.insert(key.to_owned())),
                    None => partitions(value, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| partitions(one, found)),
        _ => {}
    }
}

/// No answer at all.
fn lost() -> Response {
    let mut lost = StatusCode::OK.into_response();
    lost.extensions_mut().insert(CutConnection);
    lost
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
