//! Sends templates to one or many, and serves broadcasts and opt-outs: a mount list of the contracts'
//! routes.

use std::sync::Arc;

use axum::{Router, middleware};
use ventanilla::{
    api::app::{App, BroadcastUseCases},
    api::{
        common::{access::Gate, compress::compressed, request::named},
        contracts::{ambiosys, v1},
    },
};

/// The routes of this function.
pub fn router(app: App, use_cases: Arc<BroadcastUseCases>) -> Router {
    Router::new()
        .merge(ambiosys::routes::send_template())
        .merge(v1::routes::send_template())
        .layer(middleware::from_fn(named))
        .layer(compressed())
        .with_state(Gate::new(app, use_cases))
}
