//! API Gateway's management API (facts: platform-limits.md 2.2).

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_apigatewaymanagement::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{delete_connection::DeleteConnectionError, post_to_connection::PostToConnectionError},
    primitives::Blob,
};

use ventanilla_core::{
    domain::socket::SocketId,
    ports::sockets::{Connections, PushError},
};

/// The time limit for one frame: a slower socket is closed, and its client reconnects with its cursor.
const PATIENCE: Duration = Duration::from_secs(3);

/// The open sockets of a gateway.
#[derive(Clone)]
pub struct GatewayConnections(Client);

impl GatewayConnections {
    /// The sockets that this client reaches.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Connections for GatewayConnections {
    async fn send_frame(&self, socket: &SocketId, frame: &str) -> Result<(), PushError> {
        let request =
            self.0.post_to_connection().connection_id(socket.as_str()).data(Blob::new(frame.as_bytes()));
        let Ok(answer) = tokio::time::timeout(PATIENCE, request.send()).await else {
            return Err(PushError::Slow);
        };
        let Err(error) = answer else { return Ok(()) };
        if matches!(error, SdkError::TimeoutError(_)) {
            return Err(PushError::Slow);
        }
        match error.as_service_error() {
            Some(PostToConnectionError::GoneException(_)) => Err(PushError::Gone),
            // No fault of the socket's, and it will never fit: the event stays in the log.
            Some(PostToConnectionError::PayloadTooLargeException(_)) => {
                tracing::error!(
                    metric = "push_failed",
                    bytes = frame.len(),
                    "a frame exceeds the gateway's limit"
                );
                Ok(())
            }
            Some(other) => Err(failed(other.code())),
            None => Err(failed(None)),
        }
    }

    async fn close(&self, socket: &SocketId) -> Result<(), PushError> {
        let request = self.0.delete_connection().connection_id(socket.as_str()).send();
        let Ok(answer) = tokio::time::timeout(PATIENCE, request).await else {
            return Err(PushError::Slow);
        };
        let Err(error) = answer else { return Ok(()) };
        match error.as_service_error() {
            Some(DeleteConnectionError::GoneException(_)) => Ok(()),
            Some(other) => Err(failed(other.code())),
            None => Err(failed(None)),
        }
    }
}

/// The error of a failed call: never its content.
fn failed(code: Option<&str>) -> PushError {
    PushError::Failed(code.unwrap_or("no answer").to_owned())
}
