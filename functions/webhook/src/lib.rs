//! Ingests the providers' webhooks: a mount list.

use std::sync::Arc;

use axum::{Router, middleware};
use ventanilla::{
    api::app::{App, WebhookUseCases},
    api::{
        common::{access::Gate, request::named},
        webhooks,
    },
};

/// The routes of this function.
pub fn router(app: App, use_cases: Arc<WebhookUseCases>) -> Router {
    webhooks::routes::webhook().layer(middleware::from_fn(named)).with_state(Gate::new(app, use_cases))
}
