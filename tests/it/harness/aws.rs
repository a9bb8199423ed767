//! One URL for all of AWS, as `AWS_ENDPOINT_URL` names it: DynamoDB behind it, and an emulated Secrets
//! Manager.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use tokio::net::TcpListener;
use ventanilla::whatsapp::http::client;
use ventanilla_sandbox::serve::serve;

use super::Vault;

/// The front of AWS, with its URL and the calls that came.
pub(crate) struct AwsFront {
    pub(crate) url: String,
    calls: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Behind {
    http: reqwest::Client,
    vault: Vault,
    dynamodb: Option<String>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl AwsFront {
    /// Opens it before a Secrets Manager and, where there is one, the address of a DynamoDB.
    pub(crate) async fn start(vault: Vault, dynamodb: Option<String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::<Mutex<Vec<String>>>::default();
        let behind = Behind { http: client().unwrap(), vault, dynamodb, calls: Arc::clone(&calls) };
        let router = Router::new().fallback(pass).with_state(behind);
        tokio::spawn(serve(listener, router, std::future::pending::<()>()));
        Self { url, calls }
    }

    /// The calls so far, like `DynamoDB_20120810.GetItem`.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

async fn pass(State(behind): State<Behind>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    let target = parts.headers["x-amz-target"].to_str().unwrap().to_owned();
    behind.calls.lock().unwrap().push(target.clone());
    let dynamodb = match (target.split_once('.'), behind.dynamodb) {
        (Some(("secretsmanager", _)), _) => {
            return behind.vault.answer(&target, &serde_json::from_slice(&body).unwrap());
        }
        (Some(("DynamoDB_20120810", _)), Some(url)) => url,
        _ => return (StatusCode::NOT_FOUND, target).into_response(),
    };
    let call = behind.http.post(dynamodb).headers(parts.headers).body(body).build().unwrap();
    let answer = behind.http.execute(call).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap()).into_response()
}
