//! What is known of the providers' wire: calls to them, and their webhooks.
#![warn(missing_docs)]

pub mod callback;
pub mod provider;
