//! The push to open sockets: the gateway's management API.

mod gateway;

pub use gateway::GatewayConnections;
