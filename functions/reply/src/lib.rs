//! Replies into a conversation, in the contracts of the PHP bot and of ABC Sales, and upserts the leads of
//! the latter: a mount list of the contracts' routes.

use std::sync::Arc;

use axum::{Router, middleware};
use ventanilla::{
    api::app::{App, SendUseCases},
    api::{
        common::{access::Gate, compress::compressed, request::named},
        contracts::{abc_sales, php_bot},
    },
};

/// The routes of this function.
pub fn router(app: App, use_cases: Arc<SendUseCases>) -> Router {
    Router::new()
        .merge(php_bot::routes::reply())
        .merge(abc_sales::routes::reply())
        .layer(middleware::from_fn(named))
        .layer(compressed())
        .with_state(Gate::new(app, use_cases))
}
