//! `GET /api/whatsapp/conversations`: the list of conversations.

use axum::response::Response;
use http::{StatusCode, Uri};
use serde::Serialize;

use super::{
    errors::{AmbioSys, Reader},
    types::{Always, WhatsappConversation, encoded},
};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{InputError, access::Authorized, paging, query::Params, respond};
use ventanilla_core::{
    domain::{conversation::Status, listing::Filter},
    ports::inbox::SortOrder,
};

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct WhatsappConversations<'a> {
    success: Always<true>,
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    data: Vec<WhatsappConversation<'a>>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::NextCursor"))]
    next_cursor: Option<String>,
}

pub(super) async fn list(Authorized { app, caller, .. }: Reader, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let filter = Filter::of_status(status(query.get("status"))?);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page =
            app.inbox.conversations(&caller.tenant, &filter, after, SortOrder::NewestFirst, limit).await?;
        let next_cursor = page.next.as_ref().map(paging::cursor);
        let data = page.items.iter().map(WhatsappConversation::from).collect();
        Ok(encoded(StatusCode::OK, &WhatsappConversations { success: Always, data, next_cursor }))
    };
    respond::answered::<AmbioSys>(found.await)
}

/// Reads the status filter; `None` for all conversations.
fn status(word: Option<&str>) -> Result<Option<Status>, InputError> {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return Ok(None) };
    let problem = || InputError::field("status", "must be active, pending_human or closed");
    Status::from_word(word).map(Some).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_status_is_none_and_a_wrong_one_is_named() {
        assert_eq!((status(None), status(Some(""))), (Ok(None), Ok(None)));
        assert!(matches!(status(Some("pending_human")), Ok(Some(_))));
        assert_eq!(status(Some("open")).unwrap_err().place(), "status");
    }
}
