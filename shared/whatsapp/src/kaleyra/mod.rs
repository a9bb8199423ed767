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

use crate::{
    registry::{MakeInspector, Registration},
    webhook::Webhooks,
};

/// Kaleyra's entry in the registry.
pub static REGISTRATION: Registration = Registration {
    name: "kaleyra",
    client: |http| Arc::new(Kaleyra::new(http)),
    settings: config::SETTINGS,
    configure: config::configure,
    simulate: config::simulate,
    secret_marks: &["sid", "api_key"],
    secret: secret::read,
    is_own: |secret| secret.of::<KaleyraSecret>().is_some(),
};

/// What the function `webhook` knows of Kaleyra.
pub(crate) const WEBHOOKS: &dyn Webhooks = &webhook::KaleyraWebhooks;

/// Checks the health of channels at Kaleyra.
pub(crate) const INSPECTOR: MakeInspector = |http| Arc::new(Kaleyra::new(http));
