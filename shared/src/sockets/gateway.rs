//! API Gateway's management interface (facts: platform-limits.md 2.2).

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_apigatewaymanagement::{
    Client, error::ProvideErrorMetadata, operation::post_to_connection::PostToConnectionError,
    primitives::Blob,
};

use crate::{
    domain::socket::SocketId,
    port::sockets::{PostError, Posts},
};

/// How long one frame may take: who is slower is closed, and comes again with the place where they were.
const PATIENCE: Duration = Duration::from_secs(3);

/// The sockets of a gateway.
#[derive(Clone)]
pub struct GatewayPosts(Client);

impl GatewayPosts {
    /// Those that this client reaches.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Posts for GatewayPosts {
    async fn post(&self, socket: &SocketId, frame: &str) -> Result<(), PostError> {
        let request =
            self.0.post_to_connection().connection_id(socket.as_str()).data(Blob::new(frame.as_bytes()));
        let Ok(answer) = tokio::time::timeout(PATIENCE, request.send()).await else {
            return Err(PostError::Failed("no answer in time".to_owned()));
        };
        let Err(error) = answer else { return Ok(()) };
        match error.as_service_error() {
            Some(PostToConnectionError::GoneException(_)) => Err(PostError::Gone),
            // No fault of the socket's, and it will never fit: it stands in the log all the same.
            Some(PostToConnectionError::PayloadTooLargeException(_)) => {
                tracing::error!(
                    metric = "push_failed",
                    bytes = frame.len(),
                    "a frame is larger than the gateway takes"
                );
                Ok(())
            }
            Some(other) => Err(PostError::Failed(other.code().unwrap_or("an error").to_owned())),
            None => Err(PostError::Failed("it could not be reached".to_owned())),
        }
    }

    async fn close(&self, socket: &SocketId) {
        let request = self.0.delete_connection().connection_id(socket.as_str()).send();
        // It may be closed already, and ends by itself if not.
        let _ = tokio::time::timeout(PATIENCE, request).await;
    }
}
