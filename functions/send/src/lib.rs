//! Sends to a number or into a conversation: in the contract of AmbioSys, and in that of Kaleyra.

mod ambiosys;
mod kaleyra;

use axum::{Router, middleware, routing::post};
use ventanilla::{api::request::named, assembly::App};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/whatsapp/send", post(ambiosys::to_number))
        .route("/api/whatsapp/conversations/{conversationId}/messages", post(ambiosys::in_conversation))
        .route("/v2/{sid}/whatsapp/{phone_number}/messages", post(kaleyra::messages))
        .layer(middleware::from_fn(named))
        .with_state(app)
}
