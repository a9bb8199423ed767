//! `GET /api/whatsapp/conversations`: the list of conversations.

use axum::response::Response;
use http::Uri;
use serde_json::{Value, json};

use super::{
    errors::{AmbioSys, Reader},
    types::{answered, conversation},
};
use crate::{
    api::common::{InputError, access::Authorized, paging, query::Params, respond},
    domain::{
        conversation::{Conversation, Status},
        listing::Filter,
    },
};

pub(super) async fn list(Authorized { app, caller, .. }: Reader, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let filter = Filter::of_status(status(query.get("status"))?);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.inbox.conversations(&caller.tenant, &filter, after, limit).await?;
        Ok(page_of(&page.items, page.next.as_ref().map(paging::cursor).as_deref()))
    };
    respond::answered::<AmbioSys>(found.await.map(answered))
}

/// Reads which status is wanted; none for all of them.
///
/// # Errors
/// Names `status`.
fn status(word: Option<&str>) -> Result<Option<Status>, InputError> {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return Ok(None) };
    let problem = || InputError::field("status", "must be active, pending_human or closed");
    Status::from_word(word).map(Some).ok_or_else(problem)
}

/// A page of conversations and where the next one begins.
fn page_of(page: &[Conversation], next: Option<&str>) -> Value {
    let data: Vec<Value> = page.iter().map(conversation).collect();
    json!({ "success": true, "data": data, "next_cursor": next })
}
