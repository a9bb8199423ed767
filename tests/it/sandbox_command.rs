//! `ventanilla sandbox`: the simulated WhatsApp alone, driven as a client of the Cloud API would.

use std::{
    fs,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, routing::post};
use http::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::harness::{Client, binaries, eventually};

/// How long the command may take until it listens.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running command, which ends with the test.
struct Running {
    _process: Child,
    /// Kept open, for the command ends when it cannot write.
    _output: Lines<BufReader<ChildStdout>>,
    base: String,
}

impl Running {
    async fn start(options: &[&str]) -> Self {
        let mut process = Command::new(binaries().await.join("ventanilla"))
            .args(["sandbox", "--port", "0"])
            .args(options)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        let base = first.split(' ').find(|word| word.starts_with("http://")).unwrap().to_owned();
        Self { _process: process, _output: lines, base }
    }

    /// A client with this token.
    fn client(&self, token: &str) -> Client {
        Client::new(ventanilla::whatsapp::http::client().unwrap(), self.base.clone(), Some(token))
    }
}

fn hello(to: &str) -> Value {
    let template = json!({ "name": "hello_world", "language": { "code": "en_US" } });
    json!({ "messaging_product": "whatsapp", "to": to, "type": "template", "template": template })
}

#[tokio::test]
async fn it_answers_a_client_and_posts_webhooks_to_the_given_url() {
    let webhooks = Arc::new(Mutex::new(Vec::<String>::new()));
    let inbox = Arc::clone(&webhooks);
    let receiver = Router::new().route(
        "/hook",
        post(move |body: String| async move {
            inbox.lock().unwrap().push(body);
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, receiver).await });
    let running = Running::start(&["--webhook-url", &hook, "--access-token", "t"]).await;
    let client = running.client("t");
    let path = "/sandbox/graph/v25.0/100000000000001/messages";

    let sent = client.post(path, &hello("50212345678")).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let id = sent.json()["messages"][0]["id"].as_str().unwrap().to_owned();
    let is_read = || webhooks.lock().unwrap().iter().any(|body| body.contains("\"read\""));
    eventually("the last status", || async { is_read().then_some(()) }).await;
    assert!(webhooks.lock().unwrap().iter().any(|body| body.contains(&id)));

    let fault = json!({ "fault": { "kind": "refuse", "code": 131_056 } });
    assert_eq!(client.post("/sandbox/faults", &fault).await.status, 201);
    assert_eq!(client.post(path, &hello("50212345678")).await.json()["error"]["code"], 131_056);
    assert_eq!(client.with_key(Some("wrong")).post(path, &hello("50212345678")).await.status, 401);
}

#[tokio::test]
async fn its_customers_send_files_that_programs_open() {
    let running = Running::start(&[]).await;
    let client = running.client("sandbox-token");
    let voice = json!({ "type": "audio", "audio": { "id": "4711" }, "webhook": false });
    let written = client.post("/sandbox/phones/+50212345678/messages", &voice).await;
    assert_eq!(written.status, 200, "{}", written.text);
    let place = client.get("/sandbox/graph/v25.0/4711").await.json()["url"].as_str().unwrap().to_owned();
    let (_, bytes) = client.bytes(place.strip_prefix(&running.base).unwrap(), &[]).await;
    assert!(bytes.starts_with(b"OggS"));
}

#[tokio::test]
async fn a_config_file_has_several_numbers_and_a_wrong_one_is_named() {
    let folder = std::env::temp_dir().join(format!("ventanilla-{}-sandbox", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let number = |end: u8| {
        json!({ "phone_number_id": format!("{end}"), "waba_id": "9", "display_phone_number": format!("1555010000{end}"),
            "carrier": "meta", "access_token": "t", "app_secret": "s", "callback_url": "http://127.0.0.1:9/hook" })
    };
    let (good, bad) = (folder.join("good.json"), folder.join("bad.json"));
    fs::write(&good, json!({ "numbers": [number(1), number(2)] }).to_string()).unwrap();
    fs::write(&bad, "{}").unwrap();
    let running = Running::start(&["--config", good.to_str().unwrap()]).await;
    let listed =
        running.client("t").call(Method::GET, "/sandbox/graph/v25.0/9/phone_numbers", &[], Vec::new()).await;
    assert_eq!(listed.json()["data"].as_array().map(Vec::len), Some(2), "{}", listed.text);

    let ended = Command::new(binaries().await.join("ventanilla"))
        .args(["sandbox", "--port", "0", "--config", bad.to_str().unwrap()])
        .output()
        .await
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let error = String::from_utf8(ended.stderr).unwrap();
    assert!(error.contains("bad.json") && error.contains("numbers"), "{error}");
    fs::remove_dir_all(&folder).unwrap();
}
