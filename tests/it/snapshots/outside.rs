//! Everything that the functions call besides their table, in one server that answers the same in each run: WhatsApp's
//! Graph API, SQS, S3 and API Gateway.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use ventanilla::domain::caller::hex;
use ventanilla_sandbox::serve::serve;

/// Whom WhatsApp cannot reach.
pub(super) const UNREACHABLE: &str = "+50255500001";
/// The recipient for whom WhatsApp's response is lost.
pub(super) const DOUBTFUL: &str = "+50255500002";
/// The recipient for whom WhatsApp never responds.
pub(super) const SLOW: &str = "+50255500003";

/// The file that cannot be had for a while.
pub(super) const LATE_FILE: &str = "4711";

/// The queue of jobs.
pub(super) const JOBS: &str = "/123456789012/jobs.fifo";
/// The queue of files to fetch.
pub(super) const FETCHES: &str = "/123456789012/fetches";

/// What the functions said to the outside.
#[derive(Default)]
pub(super) struct Heard {
    /// The messages that were put into a queue: which one, and the entry.
    pub(super) queued: Vec<(String, Value)>,
    /// What was sent to a socket, and that it was closed.
    pub(super) frames: Vec<(String, String)>,
    /// How many messages WhatsApp took.
    taken: usize,
    /// Whether the file that is late can be had.
    pub(super) late_file_came: bool,
}

/// The server that stands in for everything outside, with what it got.
pub(super) struct Outside {
    pub(super) heard: Arc<Mutex<Heard>>,
}

#[derive(Clone)]
struct Known {
    url: String,
    heard: Arc<Mutex<Heard>>,
}

impl Outside {
    /// Where it will be.
    pub(super) async fn bind() -> (TcpListener, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        (listener, url)
    }

    /// Starts it, with what has routes of its own.
    pub(super) fn start(listener: TcpListener, url: String, more: Router) -> Self {
        let heard = Arc::<Mutex<Heard>>::default();
        let known = Known { url, heard: Arc::clone(&heard) };
        let router = Router::new().fallback(answer).with_state(known).merge(more);
        tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        Self { heard }
    }
}

async fn answer(State(known): State<Known>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    let path = parts.uri.path().to_owned();
    if parts.headers.contains_key("x-amz-target") {
        return queue(&known, &serde_json::from_slice(&body).unwrap());
    }
    if let Some(socket) = path.strip_prefix("/@connections/") {
        let frame = match parts.method {
            Method::DELETE => "<closed>".to_owned(),
            _ => String::from_utf8(body.to_vec()).unwrap(),
        };
        known.heard.lock().unwrap().frames.push((socket.to_owned(), frame));
        return StatusCode::OK.into_response();
    }
    match (&parts.method, path.rsplit('/').next().unwrap()) {
        (&Method::POST, "messages") => message(&known, &serde_json::from_slice(&body).unwrap()).await,
        (&Method::POST, _) => json(&json!({ "success": true })),
        (_, "message_templates") => json(&json!({ "data": templates() })),
        (_, id) if path.starts_with("/files/") => bytes(id).into_response(),
        (_, LATE_FILE) if !known.heard.lock().unwrap().late_file_came => {
            StatusCode::NOT_FOUND.into_response()
        }
        (_, id) => {
            let digest = hex(&Sha256::digest(bytes(id)));
            let url = format!("{}/files/{id}", known.url);
            json(&json!({ "id": id, "url": url, "sha256": digest, "file_size": bytes(id).len() }))
        }
    }
}

fn json(body: &Value) -> Response {
    ([("content-type", "application/json")], body.to_string()).into_response()
}

fn bytes(id: &str) -> Vec<u8> {
    format!("bytes of file {id}\n").into_bytes()
}

/// `SendMessageBatch`, the one call to SQS that functions make.
fn queue(known: &Known, call: &Value) -> Response {
    let queue = call["QueueUrl"].as_str().unwrap();
    let queue = [JOBS, FETCHES].into_iter().find(|name| queue.ends_with(name)).unwrap();
    let entries = call["Entries"].as_array().unwrap();
    let taken =
        entries.iter().map(|entry| json!({ "Id": entry["Id"], "MessageId": "x", "MD5OfMessageBody": "" }));
    let answer = json!({ "Successful": taken.collect::<Vec<_>>(), "Failed": [] });
    known.heard.lock().unwrap().queued.extend(entries.iter().map(|entry| (queue.to_owned(), entry.clone())));
    ([("content-type", "application/x-amz-json-1.0")], answer.to_string()).into_response()
}

async fn message(known: &Known, body: &Value) -> Response {
    let to = body["to"].as_str().or_else(|| body["recipient"].as_str()).unwrap_or_default().to_owned();
    let is = |number: &str| to.trim_start_matches('+') == &number[1..];
    if body["status"] == "read" {
        return json(&json!({ "success": true }));
    }
    if is(UNREACHABLE) {
        let error = json!({ "message": "(#131026) Message undeliverable", "type": "OAuthException", "code": 131_026,
            "error_data": { "messaging_product": "whatsapp", "details": "Message Undeliverable." } });
        return (StatusCode::BAD_REQUEST, json!({ "error": error }).to_string()).into_response();
    }
    if is(DOUBTFUL) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if is(SLOW) {
        std::future::pending::<()>().await;
    }
    let number = {
        let mut heard = known.heard.lock().unwrap();
        heard.taken += 1;
        heard.taken
    };
    let contact = json!({ "input": to, "wa_id": to.trim_start_matches('+') });
    json(&json!({ "messaging_product": "whatsapp", "contacts": [contact],
        "messages": [{ "id": format!("wamid.OUT-{number}") }] }))
}

fn templates() -> Value {
    let text = |kind: &str, text: &str| json!({ "type": kind, "text": text });
    let quick = json!({ "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Me interesa" }] });
    json!([
        { "id": "1", "name": "hello_world", "language": "en_US", "status": "APPROVED", "category": "UTILITY",
            "components": [text("BODY", "Hello World")] },
        { "id": "2", "name": "promo", "language": "es", "status": "APPROVED", "category": "MARKETING",
            "parameter_format": "NAMED", "quality_score": { "score": "GREEN" },
            "components": [{ "type": "HEADER", "format": "TEXT", "text": "Para {{who}}" },
                text("BODY", "Hola {{who}}, un 20 % menos"), text("FOOTER", "Responda STOP"), quick] },
        { "id": "3", "name": "reminder", "language": "es", "status": "REJECTED", "category": "MARKETING",
            "components": [text("BODY", "Hola {{1}}")] },
    ])
}
