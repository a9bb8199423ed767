//! Contacts, with all their addresses.

use axum::{extract::State, response::Response};
use http::{HeaderMap, Uri};
use serde_json::{Value, json};
use ventanilla::{
    api::{paging, problem::answered, query::Params, request::PathParams},
    assembly::App,
    contract::Failure,
    service::send::SendError,
};

use super::{number, reader, shapes};

pub(super) async fn list(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let query = Params::read(&uri);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.inbox.contacts(&caller.tenant, after, limit).await?;
        let items: Vec<Value> = page.items.iter().map(shapes::contact).collect();
        Ok(json!({ "contacts": items, "next_cursor": page.next.as_ref().map(paging::cursor) }))
    };
    answered(found.await)
}

pub(super) async fn one(State(app): State<App>, params: PathParams, headers: HeaderMap) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let found = app.core.contact(&caller.tenant, number(&params)?).await?;
        found.map(|it| shapes::contact(&it)).ok_or(Failure::Send(SendError::ConversationNotFound))
    };
    answered(found.await)
}
