//! Templates to one or many, in the contract of AmbioSys; in our own, what becomes of those that take longer,
//! and who does not want marketing.

mod broadcasts;
mod send;
mod suppressions;
mod told;

use axum::{
    Router, middleware,
    routing::{get, post, put},
};
use ventanilla::{
    api::{method, request::named},
    assembly::App,
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new().merge(of_ambiosys()).merge(of_own()).layer(middleware::from_fn(named)).with_state(app)
}

fn of_ambiosys() -> Router<App> {
    Router::new()
        .route("/api/whatsapp/send-template", post(send::to_many))
        .method_not_allowed_fallback(method::of_ambiosys)
}

fn of_own() -> Router<App> {
    Router::new()
        .route("/v1/broadcasts/{id}", get(broadcasts::overview))
        .route("/v1/broadcasts/{id}/cancel", post(broadcasts::cancel))
        .route("/v1/broadcasts/{id}/recipients", get(broadcasts::recipients))
        .route("/v1/suppressions", get(suppressions::list))
        .route("/v1/suppressions/{address}", put(suppressions::stop).delete(suppressions::resume))
        .method_not_allowed_fallback(method::of_own)
}
