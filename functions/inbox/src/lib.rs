//! Reads conversations, messages, contacts, leads and the log, and assigns, closes and hands off
//! conversations: a mount list of the contracts' routes.

use std::sync::Arc;

use axum::{Router, middleware};
use ventanilla::{
    api::app::App,
    api::{
        common::{access::Gate, compress::compressed, request::named},
        contracts::{abc_sales, ambiosys, php_bot, v1},
    },
    usecases::Files,
};

/// The routes of this function.
pub fn router(app: App, files: Arc<Files>) -> Router {
    Router::new()
        .merge(php_bot::routes::inbox())
        .merge(ambiosys::routes::inbox())
        .merge(v1::routes::inbox())
        .merge(abc_sales::routes::inbox())
        .layer(middleware::from_fn(named))
        .layer(compressed())
        .with_state(Gate::new(app, files))
}
