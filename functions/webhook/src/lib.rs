//! Takes in providers' webhooks: a mount list.

use std::sync::Arc;

use axum::{Router, middleware};
use ventanilla::{
    api::app::App,
    api::{
        common::{access::Gate, request::named},
        webhooks,
    },
    usecases::Inbound,
};

/// The routes of this function.
pub fn router(app: App, inbound: Arc<Inbound>) -> Router {
    webhooks::routes::webhook().layer(middleware::from_fn(named)).with_state(Gate::new(app, inbound))
}
