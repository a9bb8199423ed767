//! Sends to a number or into a conversation: in the contracts of AmbioSys, Kaleyra and Pipes.bot. Takes in files
//! that are to be sent.

mod ambiosys;
mod kaleyra;
mod media;
mod pipes;

use axum::{Router, middleware, routing::post};
use ventanilla::{
    api::{method, request::named},
    assembly::App,
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(of_ambiosys())
        .merge(of_kaleyra())
        .merge(of_own())
        .merge(of_pipes())
        .layer(middleware::from_fn(named))
        .with_state(app)
}

fn of_ambiosys() -> Router<App> {
    Router::new()
        .route("/api/whatsapp/send", post(ambiosys::to_number))
        .route("/api/whatsapp/conversations/{conversationId}/messages", post(ambiosys::in_conversation))
        .method_not_allowed_fallback(method::of_ambiosys)
}

fn of_kaleyra() -> Router<App> {
    Router::new()
        .route("/v2/{sid}/whatsapp/{phone_number}/messages", post(kaleyra::messages))
        .method_not_allowed_fallback(method::of_kaleyra)
}

fn of_own() -> Router<App> {
    Router::new().route("/v1/media", post(media::open)).method_not_allowed_fallback(method::of_own)
}

fn of_pipes() -> Router<App> {
    let as_meta = Router::new()
        .route("/v1/messages/passthrough", post(pipes::passthrough))
        .route("/v1/messages/app/send", post(pipes::through_pool_number))
        .method_not_allowed_fallback(method::of_pipes_as_meta);
    Router::new()
        .route("/v1/messages/send", post(pipes::send))
        .method_not_allowed_fallback(method::of_pipes)
        .merge(as_meta)
}
