//! Pipes.bot (facts: seed-apis.md 3): its requests, its frames, and its failures.

mod commands;
#[cfg(feature = "schema")]
pub(crate) mod document;
mod errors;
mod frames;
pub mod ids;
mod media;
mod message;
mod near_misses;
mod passthrough;
pub mod routes;
mod send;
mod send_from_pool_number;
pub mod socket_commands;
mod types;

pub use commands::{Asked, SocketCommand, asked, is_ping, react};
pub use errors::{CodedError, Pipes, PipesAsMeta, coded_error};
pub use frames::{Frames, Unsent, error, pong, reply_status};
pub use message::Message;
pub use passthrough::passthrough_request;
pub use send::{SendRequest, send_request};
pub use send_from_pool_number::app_request;
