//! The way to open sockets: the gateway's own interface for it.

mod gateway;

pub use gateway::GatewayPosts;
