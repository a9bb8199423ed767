//! Templates: our copy of what providers have, and whether a message fits what it asks for.

mod fitting;
mod hear;
mod instead;
mod learn;
mod refused;
mod render;
mod sync;

pub use fitting::Fitting;
pub use sync::{Copy, SyncError, Synced};
