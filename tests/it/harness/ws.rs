//! A client of the WebSocket API.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

/// How long a test waits for a frame.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `closed` says of a close frame that names no code.
const UNNAMED: u16 = 1005;

/// An open socket. Dropping it breaks the connection off without a goodbye.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Opens a socket at a server (`http://127.0.0.1:port`) with this query; a rejection returns its HTTP
    /// status.
    pub(crate) async fn open(base: &str, query: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let address = base.strip_prefix("http://").unwrap();
        let mark = if query.is_empty() { "" } else { "?" };
        let mut request = format!("ws://{address}/ws{mark}{query}").into_client_request().unwrap();
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            request.headers_mut().append(name, HeaderValue::try_from(*value).unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let opened = tokio::time::timeout(PATIENCE, client_async(request, stream)).await;
        match opened.unwrap_or_else(|_| panic!("neither a socket nor a refusal")) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(refusal)) => Err(refusal.status().as_u16()),
            Err(error) => panic!("neither a socket nor a refusal: {error}"),
        }
    }

    /// Sends a JSON object.
    pub(crate) async fn send(&mut self, value: &Value) {
        self.send_text(&value.to_string()).await;
    }

    /// Sends a text in one frame.
    pub(crate) async fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Sends a binary frame.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.0.send(Message::binary(bytes.to_vec())).await.unwrap();
    }

    /// The next frame, as JSON.
    pub(crate) async fn next(&mut self) -> Value {
        match self.message("a frame").await {
            Some(Message::Text(text)) => read(&text),
            other => panic!("waited for a frame and got {other:?}"),
        }
    }

    /// The next frame of this `type`; others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        let mut passed = Vec::new();
        loop {
            let what = format!("a frame of type {kind}, after {passed:?}");
            match self.message(&what).await {
                Some(Message::Text(text)) => {
                    let frame = read(&text);
                    if frame["type"] == kind {
                        return frame;
                    }
                    passed.push(frame["type"].clone());
                }
                other => panic!("waited for {what} and got {other:?}"),
            }
        }
    }

    /// The texts of the customers' messages until this one, which is not among them.
    pub(crate) async fn texts_until(&mut self, last: &str) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            let frame = self.next_of("whatsapp_message").await;
            let text = frame["data"]["text"].as_str().unwrap().to_owned();
            if text == last {
                return heard;
            }
            heard.push(text);
        }
    }

    /// Waits until the server closes the socket; none when it broke off without a goodbye.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.message("the end").await {
                Some(Message::Close(frame)) => {
                    // Writes the answer to it; the server may be gone.
                    let _ = self.0.flush().await;
                    return Some(frame.map_or(UNNAMED, |frame| frame.code.into()));
                }
                Some(_) => {}
                None => return None,
            }
        }
    }

    /// Says goodbye, and waits until the server has said it too.
    pub(crate) async fn close(mut self) {
        let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        self.0.close(Some(frame)).await.unwrap();
        self.closed().await;
    }

    /// The next text, bytes or goodbye; none when the connection is gone. (Reading on answers pings.)
    async fn message(&mut self, what: &str) -> Option<Message> {
        loop {
            let came = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match came.unwrap_or_else(|_| panic!("waited in vain: {what}")) {
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(message)) => return Some(message),
                Some(Err(_)) | None => return None,
            }
        }
    }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"))
}
