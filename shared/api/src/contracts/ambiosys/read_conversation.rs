//! `GET /api/whatsapp/conversations/{conversationId}`: a conversation with its messages.

use axum::response::Response;
use http::{StatusCode, Uri};
use serde::Serialize;

use super::{
    errors::{AmbioSys, Reader},
    recipient,
    types::{Always, WhatsappConversation, WhatsappMessage, encoded},
};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Failure, Missing,
    access::Authorized,
    paging,
    query::Params,
    request::{PathParams, path_param},
    respond,
};
use ventanilla_core::ports::inbox::SortOrder;

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct WhatsappHistory<'a> {
    success: Always<true>,
    data: History<'a>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::NextCursor"))]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct History<'a> {
    conversation: WhatsappConversation<'a>,
    /// At most 100 messages, the oldest first.
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    messages: Vec<WhatsappMessage<'a>>,
}

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams, uri: Uri) -> Response {
    let found = async {
        let id = recipient::conversation(path_param(&params, "conversationId"))?;
        let query = Params::read(&uri);
        let limit = paging::limit(query.get("limit"))?;
        let whole = app.core.ports.ctx.store.whole_conversation(&caller.tenant, id).await?;
        let whole = whole.ok_or(Failure::NotFound(Missing::Conversation))?;
        let before = paging::place_in(whole.ids(), query.get("cursor"))?;
        let page = whole.messages(app.inbox.as_ref(), before, SortOrder::NewestFirst, limit).await?;
        let next_cursor = page.next.as_ref().map(paging::cursor);
        let messages = page.items.iter().rev().map(WhatsappMessage::from).collect();
        let data = History { conversation: (&whole.conversation).into(), messages };
        Ok(encoded(StatusCode::OK, &WhatsappHistory { success: Always, data, next_cursor }))
    };
    respond::answered::<AmbioSys>(found.await)
}
