//! Sends to a number or into a conversation: in the contracts of AmbioSys, Kaleyra and Pipes.bot. Takes in files
//! that are to be sent.

mod ambiosys;
mod kaleyra;
mod media;
mod pipes;

use axum::{Router, middleware, routing::post};
use ventanilla::{api::request::named, assembly::App};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/whatsapp/send", post(ambiosys::to_number))
        .route("/api/whatsapp/conversations/{conversationId}/messages", post(ambiosys::in_conversation))
        .route("/v2/{sid}/whatsapp/{phone_number}/messages", post(kaleyra::messages))
        .route("/v1/media", post(media::open))
        .route("/v1/messages/send", post(pipes::send))
        .route("/v1/messages/passthrough", post(pipes::passthrough))
        .route("/v1/messages/app/send", post(pipes::through_pool_number))
        .layer(middleware::from_fn(named))
        .with_state(app)
}
