//! Reads conversations, messages, contacts, leads and the log, and looks after conversations: in our own `/v1` contract, and
//! in those of systems 0, 2 and 4.

mod ambiosys;
mod contacts;
mod conversations;
mod events;
mod leads;
mod media;
mod messages;
mod php;
mod shapes;
mod tickets;

use axum::{
    Router, middleware,
    routing::{get, post},
};
use http::HeaderMap;
use ventanilla::{
    api::{
        auth::Clients,
        method, paging,
        query::Params,
        request::{PathParams, named, path_param},
    },
    assembly::App,
    contract::{
        Failure, InputError,
        ids::{Prefixed, read_id},
    },
    domain::{
        caller::{Caller, Scope},
        message::MessageAddress,
    },
    service::talk::Whole,
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(of_php())
        .merge(of_ambiosys())
        .merge(of_own())
        .merge(of_salesbot())
        .layer(middleware::from_fn(named))
        .with_state(app)
}

fn of_php() -> Router<App> {
    Router::new()
        .route("/api/conversations", get(php::conversations))
        .route("/api/get-conversations", get(php::conversations))
        .route("/api/get-conversations.php", get(php::conversations))
        .route("/api/conversations/{id}/messages", get(php::messages))
        .route("/api/get-conversation-messages.php", get(php::messages_by_query))
        .route("/api/conversations/{id}/toggle-ai", post(php::toggle_ai))
        .route("/api/toggle-ai.php", post(php::toggle_ai_by_query))
        .route("/api/check-updates", get(php::check_updates))
        .route("/api/check-updates.php", get(php::check_updates))
        .route("/api/check-conversation-updates", get(php::check_conversation_updates))
        .route("/api/check-conversation-updates.php", get(php::check_conversation_updates))
        .method_not_allowed_fallback(method::of_php)
}

fn of_ambiosys() -> Router<App> {
    Router::new()
        .route("/api/whatsapp/conversations", get(ambiosys::conversations))
        .route("/api/whatsapp/conversations/{conversationId}", get(ambiosys::history))
        .method_not_allowed_fallback(method::of_ambiosys)
}

fn of_own() -> Router<App> {
    Router::new()
        .route("/v1/conversations", get(conversations::list))
        .route("/v1/conversations/{id}", get(conversations::one))
        .route("/v1/conversations/{id}/assign", post(conversations::assign))
        .route("/v1/conversations/{id}/close", post(conversations::close))
        .route("/v1/conversations/{id}/reopen", post(conversations::reopen))
        .route("/v1/conversations/{id}/handoff", post(conversations::hand_over))
        .route("/v1/conversations/{id}/read", post(conversations::read))
        .route("/v1/conversations/{id}/messages", get(messages::list))
        .route("/v1/messages/{id}", get(messages::one))
        .route("/v1/contacts", get(contacts::list))
        .route("/v1/contacts/{id}", get(contacts::one).patch(contacts::rename))
        .route("/v1/media/{id}", get(media::one))
        .route("/v1/media/download/{id}", get(media::download))
        .route("/v1/events", get(events::events))
        .route("/v1/socket/tickets", post(tickets::make))
        .method_not_allowed_fallback(method::of_own)
}

fn of_salesbot() -> Router<App> {
    Router::new()
        .route("/v1/messaging-channel-connections", get(leads::connections))
        .route("/v1/leads/{leadID}/conversations", get(leads::said))
        .route("/v1/attachments/{id}/download", get(leads::attachment))
        .method_not_allowed_fallback(method::of_salesbot)
}

async fn reader(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    app.caller(headers, Scope::Read, Clients::SendKeys).await
}

/// Where a list of a conversation's messages goes on: a place in that very conversation, by any of its ids.
fn place_in(whole: &Whole, query: &Params) -> Result<Option<MessageAddress>, InputError> {
    let place: Option<MessageAddress> = paging::mark(query.get("cursor"))?;
    if place.is_some_and(|place| !whole.ids().contains(&place.conversation)) {
        return Err(InputError::field("cursor", "is of another conversation"));
    }
    Ok(place)
}

/// The id in a path, with its word or without.
fn number<I: Prefixed>(params: &PathParams) -> Result<I, InputError> {
    read_id(path_param(params, "id")).map_err(|error| InputError::field("id", error))
}
