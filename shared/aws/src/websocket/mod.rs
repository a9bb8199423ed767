//! The way to open sockets: the gateway's own interface for it.

mod gateway;

pub use gateway::GatewayPosts;

use async_trait::async_trait;

use ventanilla_core::{
    domain::socket::SocketId,
    ports::sockets::{PostError, Posts},
};

/// For functions that have no way to sockets: nobody is there.
pub struct NoPosts;

#[async_trait]
impl Posts for NoPosts {
    async fn post(&self, _socket: &SocketId, _frame: &str) -> Result<(), PostError> {
        Err(PostError::Failed("this function has no way to sockets".to_owned()))
    }

    async fn close(&self, _socket: &SocketId) -> Result<(), PostError> {
        Err(PostError::Failed("this function has no way to sockets".to_owned()))
    }
}
