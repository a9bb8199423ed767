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

use crate::{
    registry::{MakeInspector, Registration},
    webhook::Webhooks,
};

/// Meta's entry in the registry.
pub static REGISTRATION: Registration = Registration {
    name: "meta",
    client: |http| Arc::new(Meta::new(http)),
    settings: config::SETTINGS,
    configure: config::configure,
    simulate: config::simulate,
    secret_marks: &["access_token"],
    secret: secret::read,
    is_own: |secret| secret.of::<MetaSecret>().is_some(),
};

/// What the function `webhook` knows of Meta.
pub(crate) const WEBHOOKS: &dyn Webhooks = &webhook::MetaWebhooks;

/// Checks the health of channels at Meta.
pub(crate) const INSPECTOR: MakeInspector = |http| Arc::new(Meta::new(http));
