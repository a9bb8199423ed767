//! Pipes.bot (facts: seed-apis.md 3): how its clients name things, send, and are told that it
//! did not work.

mod commands;
#[cfg(feature = "schema")]
pub(in crate::api) mod document;
mod errors;
mod frames;
pub mod ids;
mod media;
mod messages;
mod near_misses;
mod passthrough;
pub mod routes;
mod send;
pub mod socket_commands;

pub use commands::{Asked, Wish, asked, is_ping, pong, react};
pub use errors::{Pipes, PipesAsMeta, Told, told};
pub use frames::{Frames, Unsent, error, reply_status};
pub use passthrough::{Message, app_request, passed, passthrough_request};
pub use send::{SendRequest, send_request, sent};
