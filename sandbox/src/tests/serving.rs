//! The server itself: cuts, keep-alive and shutdown.

use std::{error::Error, time::Duration};

use axum::{Extension, Router, routing::get};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
};

use super::{
    TestResult,
    bench::{client, spawn},
};
use crate::serve::{CutConnection, serve};

fn router() -> Router {
    Router::new()
        .route("/fine", get(async || "fine"))
        .route("/cut", get(async || (Extension(CutConnection), "never seen")))
}

async fn ask(stream: &mut TcpStream, path: &str) -> Result<String, Box<dyn Error>> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = [0; 4096];
    let length = stream.read(&mut buffer).await?;
    Ok(String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned())
}

#[tokio::test]
async fn a_cut_connection_carries_not_one_byte() -> TestResult {
    let base = spawn(router()).await?;
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).await?;
    // The same connection answers, is kept alive, answers again, and is then cut.
    assert!(ask(&mut stream, "/fine").await?.ends_with("fine"));
    assert!(ask(&mut stream, "/fine").await?.ends_with("fine"));
    assert_eq!(ask(&mut stream, "/cut").await?, "");
    assert!(client()?.get(format!("{base}/fine")).send().await?.status().is_success());
    Ok(())
}

#[tokio::test]
async fn shutdown_lets_an_open_request_finish() -> TestResult {
    static REACHED: Notify = Notify::const_new();
    static FINISH: Notify = Notify::const_new();
    let slow = get(async || {
        REACHED.notify_one();
        FINISH.notified().await;
        "done"
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/slow", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, Router::new().route("/slow", slow), stopped));
    let call = tokio::spawn(client()?.get(url.clone()).send());
    REACHED.notified().await;
    stop.send(()).map_err(|()| "the server is gone")?;
    // New connections are refused once the listener is closed.
    let refused = async {
        while TcpStream::connect(url.trim_start_matches("http://").trim_end_matches("/slow")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), refused).await?;
    FINISH.notify_one();
    assert_eq!(call.await??.text().await?, "done");
    server.await??;
    Ok(())
}
