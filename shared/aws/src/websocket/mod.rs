//! The push to open sockets: the gateway's management API.

mod gateway;

pub use gateway::GatewayPosts;

use async_trait::async_trait;

use ventanilla_core::{
    domain::socket::SocketId,
    ports::sockets::{PostError, Posts},
};

/// No push, for functions without sockets: no socket is ever open.
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
