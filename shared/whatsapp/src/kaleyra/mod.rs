//! Kaleyra, with its API V1 and V2.

mod answer;
mod config;
mod form;
mod health;
mod secret;
mod send;
mod templates;
pub mod webhook;

use std::sync::Arc;

pub use secret::{CallbackHeader, HeaderError, KaleyraSecret, is_callback_secret};
pub use send::Kaleyra;

use crate::registry::Registration;

/// Kaleyra's entry in the registry.
pub static REGISTRATION: Registration = Registration {
    name: "kaleyra",
    client: |http| Arc::new(Kaleyra::new(http)),
    webhooks: &webhook::KaleyraWebhooks,
    settings: config::SETTINGS,
    configure: config::configure,
    simulate: config::simulate,
    secret_marks: &["sid", "api_key"],
    secret: secret::read,
    is_own: |secret| secret.of::<KaleyraSecret>().is_some(),
};
