//! Reads conversations and messages, in our own `/v1` contract.

mod events;
mod media;
mod shapes;
mod tickets;

use axum::{
    Router,
    extract::State,
    middleware,
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, Uri};
use serde_json::{Value, json};
use ventanilla::{
    api::{
        auth::Clients,
        paging,
        problem::answered,
        query::Params,
        request::{PathParams, named, path_param},
    },
    assembly::App,
    contract::{Failure, InputError},
    domain::{
        caller::{Caller, Scope},
        id::{ConversationId, MessageId},
        message::MessageAddress,
    },
    service::send::SendError,
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/conversations", get(conversations))
        .route("/v1/conversations/{id}/messages", get(messages))
        .route("/v1/messages/{id}", get(message))
        .route("/v1/media/download/{id}", get(media::download))
        .route("/v1/events", get(events::events))
        .route("/v1/socket/tickets", post(tickets::make))
        .layer(middleware::from_fn(named))
        .with_state(app)
}

async fn conversations(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let query = Params::read(&uri);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.inbox.conversations(&caller.tenant, after, limit).await?;
        let now = app.clock.now();
        let items: Vec<Value> = page.items.iter().map(|it| shapes::conversation(it, now)).collect();
        Ok(json!({ "conversations": items, "next_cursor": page.next.as_ref().map(paging::cursor) }))
    };
    answered(found.await)
}

async fn messages(State(app): State<App>, params: PathParams, headers: HeaderMap, uri: Uri) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let id: ConversationId = number(&params)?;
        let query = Params::read(&uri);
        let before: Option<MessageAddress> = paging::mark(query.get("cursor"))?;
        if before.is_some_and(|before| before.conversation != id) {
            return Err(InputError::field("cursor", "is of another conversation").into());
        }
        let limit = paging::limit(query.get("limit"))?;
        if app.core.book.conversation(&caller.tenant, id).await?.is_none() {
            return Err(Failure::Send(SendError::ConversationNotFound));
        }
        let page = app.inbox.messages(&caller.tenant, id, before, limit).await?;
        let items: Vec<Value> = page.items.iter().map(shapes::message).collect();
        Ok(json!({ "messages": items, "next_cursor": page.next.as_ref().map(paging::cursor) }))
    };
    answered(found.await)
}

async fn message(State(app): State<App>, params: PathParams, headers: HeaderMap) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let id: MessageId = number(&params)?;
        let detail = app.core.message_detail(&caller.tenant, id).await?;
        detail.map(|detail| shapes::detail(&detail)).ok_or(Failure::Send(SendError::ConversationNotFound))
    };
    answered(found.await)
}

async fn reader(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    app.caller(headers, Scope::Read, Clients::SendKeys).await
}

fn number<I>(params: &PathParams) -> Result<I, InputError>
where
    I: std::str::FromStr<Err: std::fmt::Display>,
{
    path_param(params, "id").parse().map_err(|error| InputError::field("id", error))
}
