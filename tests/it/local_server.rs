//! The local server on a machine with browsers and other users: who may call it, what it serves, and what it does when
//! there is too much to do.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use http::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use ventanilla::config::file::ConfigFile;
use ventanilla_local::store::{self, Data};

use crate::harness::{CONFIG, DEMO_KEY, Fault, Socket, Stand, eventually};

/// How long a test waits until the server closes a connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("ventanilla-{}-{name}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the server answers to a request as it is written.
async fn raw(stand: &Stand, request: &str) -> String {
    let mut stream = TcpStream::connect(stand.running.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    read.unwrap_or_else(|_| panic!("the connection stays open after {request:?}")).unwrap();
    answer
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[tokio::test]
async fn only_pages_and_names_of_this_machine_and_of_the_config_file_are_let_in() {
    let origins = "[local]\norigins = [\"https://inbox.example.com\"]";
    let file = ConfigFile::parse(&CONFIG.replace("[local]", origins)).unwrap();
    let stand = Stand::start_with(file).await;
    let ask = async |headers: &str| {
        let request = format!("GET /sandbox/phones HTTP/1.1\r\nconnection: close\r\n{headers}\r\n\r\n");
        raw(&stand, &request).await
    };
    for good in [
        "host: localhost:3000",
        "host: 127.0.0.1",
        "host: [::1]:3000",
        "host: inbox.example.com",
        "host: 127.0.0.1\r\norigin: http://localhost:5173",
        "host: 127.0.0.1\r\norigin: https://inbox.example.com",
    ] {
        assert_eq!(status(&ask(good).await), "200", "{good}");
    }
    for (bad, code) in [
        ("host: rebound.example", "unknown_host"),
        ("host: 127.0.0.1.rebound.example", "unknown_host"),
        ("host: 127.0.0.1\r\nhost: 127.0.0.1", "unknown_host"),
        ("x-nothing: 1", "unknown_host"),
        ("host: 127.0.0.1\r\norigin: https://evil.example", "unknown_origin"),
        ("host: 127.0.0.1\r\norigin: null", "unknown_origin"),
    ] {
        let answer = ask(bad).await;
        assert_eq!(status(&answer), "403", "{bad}: {answer}");
        assert!(answer.contains(code), "{bad}: {answer}");
    }
    // Nor is a socket opened for such a page.
    let (base, query) = (stand.base(), format!("apiKey={DEMO_KEY}"));
    let refused = Socket::open(&base, &query, &[("origin", "https://evil.example")]).await;
    assert_eq!(refused.err(), Some(403));
}

#[tokio::test]
async fn an_allowed_origin_gets_the_cors_headers() {
    let stand = Stand::start().await;
    let origin = ("origin", "http://localhost:5173");
    let asks = [origin, ("access-control-request-method", "POST")];
    let told = stand.api.with_key(None).call(Method::OPTIONS, "/api/whatsapp/send", &asks, Vec::new()).await;
    assert_eq!(told.status, StatusCode::NO_CONTENT);
    assert_eq!(told.header("access-control-allow-origin"), Some(origin.1));
    assert!(told.header("access-control-allow-headers").unwrap().contains("idempotency-key"));
    assert!(told.header("access-control-allow-methods").unwrap().contains("PATCH"));
    let answer = stand.api.call(Method::GET, "/v1/conversations", &[origin], Vec::new()).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some(origin.1));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("x-request-id"));
    assert_eq!(answer.header("vary"), Some("origin"));
    let without = stand.api.get("/v1/conversations").await;
    assert_eq!(without.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_client_that_sends_nothing_more_is_not_waited_for() {
    let stand = Stand::start_impatient(Duration::from_millis(200)).await;
    let unfinished = "POST /api/whatsapp/send HTTP/1.1\r\nhost: 127.0.0.1\r\n";
    // The connection is closed, whatever is said before.
    raw(&stand, unfinished).await;
    let body = format!("{unfinished}authorization: Bearer {DEMO_KEY}\r\ncontent-length: 100\r\n\r\n{{");
    let answer = raw(&stand, &body).await;
    assert!(["400", "408"].contains(&status(&answer)), "{answer}");
    let whole = "GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    assert_eq!(status(&raw(&stand, whole).await), "200");
}

#[tokio::test]
async fn too_many_requests_at_once_are_turned_away_at_once_and_come_through_later() {
    let stand = Stand::start_narrow(2).await;
    let wait = || async {
        loop {
            let answer = stand.api.get("/v1/events?cursor=0&wait=20").await;
            if answer.status != 503 {
                return answer.status;
            }
        }
    };
    let turned_away = async {
        eventually("no place is left", async || {
            let answer = stand.api.get("/v1/conversations").await;
            (answer.status == 503).then_some(answer)
        })
        .await
    };
    tokio::pin!(turned_away);
    let (first, second) = (wait(), wait());
    tokio::pin!(first, second);
    let answer = tokio::select! {
        answer = &mut turned_away => answer,
        _ = async { tokio::join!(&mut first, &mut second) } => panic!("nobody was turned away"),
    };
    assert_eq!((answer.header("retry-after"), &answer.json()["code"]), (Some("1"), &json!("overloaded")));
    // What the server is for is not all that it answers.
    assert_eq!(stand.api.get("/health").await.status, 200);
    assert_eq!(stand.api.get("/sandbox/phones").await.status, 200);
    // As soon as one is done there is a place.
    something_happens(&stand).await;
    assert_eq!((first.await, second.await), (StatusCode::OK, StatusCode::OK));
    assert_eq!(stand.api.get("/v1/conversations").await.status, 200);
}

/// Makes something happen, so that who waits for it is answered.
async fn something_happens(stand: &Stand) {
    let body = json!({ "text": "hola" });
    assert_eq!(stand.api.post("/sandbox/phones/+50212345678/messages", &body).await.status, 200);
}

#[tokio::test]
async fn health_says_whether_the_store_answers() {
    let stand = Stand::start().await;
    let well = stand.api.with_key(None).get("/health").await;
    assert_eq!((well.status.as_u16(), &well.json()["status"]), (200, &json!("ok")));
    stand.tap.next("Query", Fault::Outage);
    let ill = stand.api.with_key(None).get("/health").await;
    assert_eq!((ill.status.as_u16(), &ill.json()["code"]), (503, &json!("unavailable")));
}

fn rights(file: &Path) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_file_of_the_data_is_its_owner_s() {
    let folder = Folder::new("private");
    std::fs::create_dir_all(&folder.0).unwrap();
    let (data, file) = (Data::Folder(folder.0.clone()), folder.0.join("data.sqlite"));
    drop(store::open(&data).await.unwrap());
    assert_eq!(rights(&file), 0o600);
    // One that an earlier version left open to others.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(store::open(&data).await.unwrap());
    assert_eq!(rights(&file), 0o600);
}

#[tokio::test]
async fn an_emptied_file_of_the_data_is_not_taken_for_a_new_one() {
    let folder = Folder::new("nothing-left");
    let (data, file) = (Data::Folder(folder.0.clone()), folder.0.join("data.sqlite"));
    drop(store::open(&data).await.unwrap());
    std::fs::write(&file, b"").unwrap();
    let refused = store::open(&data).await.unwrap_err().to_string();
    assert!(refused.contains("is empty") && refused.contains("data.sqlite"), "{refused}");
    // Removing it says that this is meant.
    std::fs::remove_file(&file).unwrap();
    assert!(store::open(&data).await.is_ok());
}
