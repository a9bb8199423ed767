//! The providers' wire formats: calls to them, and their webhooks.
#![warn(missing_docs)]

mod call;
pub mod channel_config;
pub mod http;
pub mod inspectors;
pub mod kaleyra;
mod lenient;
pub mod meta;
mod object;
pub mod providers;
pub mod registry;
mod source;
mod templates;
pub mod url_guard;
pub mod webhook;
pub mod webhook_registry;
