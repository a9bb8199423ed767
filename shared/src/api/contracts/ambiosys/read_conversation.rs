//! `GET /api/whatsapp/conversations/{conversationId}`: a conversation with its messages.

use axum::response::Response;
use http::Uri;
use serde_json::{Value, json};

use super::{
    errors::{AmbioSys, Reader},
    recipient,
    types::{answered, conversation, message},
};
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
        contracts::v1::read::place_in,
    },
    domain::{conversation::Conversation, message::Message},
    port::inbox::Order,
    service::send::SendError,
};

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams, uri: Uri) -> Response {
    let found = async {
        let id = recipient::conversation(path_param(&params, "conversationId"))?;
        let query = Params::read(&uri);
        let limit = paging::limit(query.get("limit"))?;
        let whole = app.core.whole_conversation(&caller.tenant, id).await?;
        let whole = whole.ok_or(Failure::Send(SendError::ConversationNotFound))?;
        let before = place_in(&whole, &query)?;
        let page = whole.messages(app.inbox.as_ref(), before, Order::NewestFirst, limit).await?;
        let next = page.next.as_ref().map(paging::cursor);
        Ok(history(&whole.conversation, &page.items, next.as_deref()))
    };
    respond::answered::<AmbioSys>(found.await.map(answered))
}

/// One conversation with a page of its messages, given the newest first; here the oldest comes first.
fn history(place: &Conversation, newest_first: &[Message], next: Option<&str>) -> Value {
    let messages: Vec<Value> = newest_first.iter().rev().map(message).collect();
    let data = json!({ "conversation": conversation(place), "messages": messages });
    json!({ "success": true, "data": data, "next_cursor": next })
}
