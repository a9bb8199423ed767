//! Ingests the providers' webhooks: a mount list.

use axum::{Router, middleware};
use ventanilla::{
    api::app::App,
    api::{
        common::{access::Gate, request::named},
        webhooks,
    },
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    webhooks::routes::webhook().layer(middleware::from_fn(named)).with_state(Gate::from(app))
}
