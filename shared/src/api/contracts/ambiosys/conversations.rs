//! The list of conversations, and one with its messages.

use axum::response::Response;
use http::Uri;
use serde_json::Value;

use super::send::{AmbioSys, Reader};

use crate::{
    api::{
        common::{
            Failure,
            access::Authorized,
            paging,
            query::Params,
            request::{PathParams, path_param},
            respond,
        },
        contracts::{
            ambiosys::{self, reads},
            v1::read::place_in,
        },
    },
    domain::listing::Filter,
    port::inbox::Order,
    service::send::SendError,
};

pub(super) async fn conversations(Authorized { app, caller, .. }: Reader, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let filter = Filter::of_status(reads::status(query.get("status"))?);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.inbox.conversations(&caller.tenant, &filter, after, limit).await?;
        Ok(reads::conversations(&page.items, page.next.as_ref().map(paging::cursor).as_deref()))
    };
    answer(found.await)
}

pub(super) async fn history(
    Authorized { app, caller, .. }: Reader,
    params: PathParams,
    uri: Uri,
) -> Response {
    let found = async {
        let id = ambiosys::conversation(path_param(&params, "conversationId"))?;
        let query = Params::read(&uri);
        let limit = paging::limit(query.get("limit"))?;
        let whole = app.core.whole_conversation(&caller.tenant, id).await?;
        let whole = whole.ok_or(Failure::Send(SendError::ConversationNotFound))?;
        let before = place_in(&whole, &query)?;
        let page = whole.messages(app.inbox.as_ref(), before, Order::NewestFirst, limit).await?;
        let next = page.next.as_ref().map(paging::cursor);
        Ok(reads::history(&whole.conversation, &page.items, next.as_deref()))
    };
    answer(found.await)
}

fn answer(found: Result<Value, Failure>) -> Response {
    respond::answered::<AmbioSys>(found.map(reads::answered))
}
