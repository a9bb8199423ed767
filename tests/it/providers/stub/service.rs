//! The stub itself, simulated: it takes texts, says that they were delivered, and passes on what customers write.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::State, routing::post};
use http::HeaderMap;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Mutex};
use ventanilla::whatsapp::http::client;
use ventanilla_sandbox::serve::serve;

use crate::harness::Client;

#[derive(Default)]
struct Seen {
    got: Vec<Value>,
    refusal: Option<String>,
    hook: Option<String>,
}

#[derive(Clone)]
pub(super) struct Service {
    pub(super) url: String,
    seen: Arc<Mutex<Seen>>,
}

impl Service {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = Self { url, seen: Arc::default() };
        let router = Router::new().route("/messages", post(take)).with_state(service.clone());
        tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        service
    }

    /// Says where its webhooks go.
    pub(super) async fn calls_back(&self, url: String) {
        self.seen.lock().await.hook = Some(url);
    }

    pub(super) async fn refuses_the_next(&self, why: &str) {
        self.seen.lock().await.refusal = Some(why.to_owned());
    }

    /// The messages that customers got, in order.
    pub(super) async fn got(&self) -> Vec<Value> {
        self.seen.lock().await.got.clone()
    }

    /// A customer writes; gives what its webhook was answered.
    pub(super) async fn customer_writes(&self, from: &str, id: &str, text: &str) -> u16 {
        let from = from.trim_start_matches('+');
        self.tell(&json!({ "message": { "id": id, "from": from, "text": text } })).await
    }

    async fn tell(&self, body: &Value) -> u16 {
        let hook = self.seen.lock().await.hook.clone().unwrap();
        Client::new(client().unwrap(), hook, None).post("", body).await.status.as_u16()
    }
}

async fn take(State(service): State<Service>, headers: HeaderMap, body: Bytes) -> String {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let mut seen = service.seen.lock().await;
    if headers.get("key").is_none_or(|key| key != super::KEY) {
        return json!({ "error": "the key is wrong" }).to_string();
    }
    if let Some(why) = seen.refusal.take() {
        return json!({ "error": why }).to_string();
    }
    let id = format!("s-{}", seen.got.len() + 1);
    seen.got.push(json!({ "to": body["to"], "text": body["text"] }));
    let status = json!({ "status": { "id": id, "word": "delivered", "ref": body["ref"] } });
    let service = service.clone();
    tokio::spawn(async move { service.tell(&status).await });
    json!({ "id": id }).to_string()
}
