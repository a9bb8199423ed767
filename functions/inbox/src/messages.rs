//! Messages: those of a conversation, in either direction of time, and what became of one.

use axum::{extract::State, response::Response};
use http::{HeaderMap, Uri};
use serde_json::{Value, json};
use ventanilla::{
    api::{paging, problem::answered, query::Params, request::PathParams},
    assembly::App,
    contract::{Failure, InputError},
    domain::id::{ConversationId, MessageId},
    port::inbox::Order,
    service::send::SendError,
};

use super::{number, place_in, reader, shapes};

pub(super) async fn list(
    State(app): State<App>,
    params: PathParams,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let id: ConversationId = number(&params)?;
        let query = Params::read(&uri);
        let (order, limit) = (order(query.get("order"))?, paging::limit(query.get("limit"))?);
        let whole = app.core.whole_conversation(&caller.tenant, id).await?;
        let whole = whole.ok_or(Failure::Send(SendError::ConversationNotFound))?;
        let from = place_in(&whole, &query)?;
        let page = whole.messages(app.inbox.as_ref(), from, order, limit).await?;
        let newest = match order {
            Order::NewestFirst => page.items.first(),
            Order::OldestFirst => page.items.last(),
        };
        // Where nothing newer has come, the next look begins where this one did.
        let newest = newest.map(|message| message.address).or(from);
        let items: Vec<Value> = page.items.iter().map(shapes::message).collect();
        Ok(json!({
            "messages": items,
            "next_cursor": page.next.as_ref().map(paging::cursor),
            "newest_cursor": newest.as_ref().map(paging::cursor),
        }))
    };
    answered(found.await)
}

fn order(given: Option<&str>) -> Result<Order, InputError> {
    match given {
        None | Some("desc") => Ok(Order::NewestFirst),
        Some("asc") => Ok(Order::OldestFirst),
        Some(_) => Err(InputError::field("order", "must be desc (newest first) or asc (oldest first)")),
    }
}

pub(super) async fn one(State(app): State<App>, params: PathParams, headers: HeaderMap) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let id: MessageId = number(&params)?;
        let detail = app.core.message_detail(&caller.tenant, id).await?;
        detail.map(|detail| shapes::detail(&detail)).ok_or(Failure::Send(SendError::ConversationNotFound))
    };
    answered(found.await)
}
