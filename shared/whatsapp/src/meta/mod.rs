//! Meta: the WhatsApp Cloud API, or any host with the same API.

mod answer;
mod config;
pub mod errors;
mod health;
mod media;
mod secret;
mod send;
pub mod webhook;

use std::sync::Arc;

pub use secret::MetaSecret;
pub use send::Meta;

use crate::registry::Registration;

/// Meta's entry in the registry.
pub static REGISTRATION: Registration = Registration {
    name: "meta",
    client: |http| Arc::new(Meta::new(http)),
    webhooks: &webhook::MetaWebhooks,
    settings: config::SETTINGS,
    configure: config::configure,
    simulate: config::simulate,
    secret_marks: &["access_token"],
    secret: secret::read,
    is_own: |secret| secret.of::<MetaSecret>().is_some(),
};
