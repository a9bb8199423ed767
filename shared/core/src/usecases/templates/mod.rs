//! Templates: our copy of what providers have, and whether a message fits what it asks for.

mod alternatives;
mod apply;
mod on_rejection;
mod render;
mod sync;
mod validate;
mod webhook;

pub use sync::{Copy, SyncError, Synced};
pub use validate::Fitting;
