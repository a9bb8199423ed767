//! Sends to a number or into a conversation, and makes upload URLs: a mount list of the contracts' routes.

use std::sync::Arc;

use axum::{Router, middleware};
use ventanilla::{
    api::app::{App, SendUseCases},
    api::{
        common::{access::Gate, compress::compressed, request::named},
        contracts::{ambiosys, kaleyra, pipes, v1},
    },
};

/// The routes of this function.
pub fn router(app: App, use_cases: Arc<SendUseCases>) -> Router {
    Router::new()
        .merge(ambiosys::routes::send())
        .merge(kaleyra::routes::send())
        .merge(v1::routes::send())
        .merge(pipes::routes::send())
        .merge(pipes::routes::send_as_meta())
        .layer(middleware::from_fn(named))
        .layer(compressed())
        .with_state(Gate::new(app, use_cases))
}
