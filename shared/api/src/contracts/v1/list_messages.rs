//! `GET /v1/conversations/{id}/messages`: the messages of a conversation, in either order of time.

use axum::response::Response;
use http::Uri;
use serde::Serialize;

use super::{
    errors::{Reader, answered},
    message::{Include, MessageView, message},
    read::{number, order},
};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Failure, InputError, Missing, access::Authorized, paging, query::Params, request::PathParams,
};
use ventanilla_core::{
    domain::{
        conversation::WholeConversation,
        id::ConversationId,
        message::{Message, MessageAddress},
    },
    ports::inbox::{Page, SortOrder},
};

/// A page of messages.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub(super) struct MessagePage {
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    data: Vec<MessageView>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::NextCursor"))]
    next_cursor: Option<String>,
    /// The place of the newest message on this page; of what was asked with when it is empty. With `order=asc` it leads to
    /// what came after that. Null while there is nothing.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z0-9_-]+$")))]
    newest_cursor: Option<String>,
}

/// A decoded request for messages.
struct Asked {
    order: SortOrder,
    /// The position of the cursor.
    from: Option<MessageAddress>,
    include: Include,
}

pub(super) async fn list(Authorized { app, caller, .. }: Reader, params: PathParams, uri: Uri) -> Response {
    let found = async {
        let id: ConversationId = number(&params)?;
        let query = Params::read(&uri);
        let (order, limit) = (order(&query)?, paging::limit(query.get("limit"))?);
        let whole = app.core.ports.ctx.store.whole_conversation(&caller.tenant, id).await?;
        let whole = whole.ok_or(Failure::NotFound(Missing::Conversation))?;
        let asked = Asked {
            order,
            from: paging::place_in(whole.ids(), query.get("cursor"))?,
            include: include(&query)?,
        };
        let page = whole.messages(app.inbox.as_ref(), asked.from, order, limit).await?;
        Ok(shown(&whole, &page, &asked))
    };
    answered(found.await)
}

/// The page, or as much of it as fits into a response.
fn shown(whole: &WholeConversation, page: &Page<Message, MessageAddress>, asked: &Asked) -> MessagePage {
    let views = page.items.iter().map(|it| message(it, Some(&whole.conversation), asked.include));
    let (data, cut) = paging::within_answer(views);
    let last = data.len().checked_sub(1).and_then(|last| page.items.get(last));
    let next = if cut { last.map(|it| it.address) } else { page.next };
    let newest = match asked.order {
        SortOrder::OldestFirst if cut => next,
        SortOrder::OldestFirst => page.items.last().map(|it| it.address),
        SortOrder::NewestFirst => page.items.first().map(|it| it.address),
    };
    // Without newer messages, the next poll begins where this one did.
    let newest = newest.or(asked.from);
    MessagePage {
        data,
        next_cursor: next.as_ref().map(paging::cursor),
        newest_cursor: newest.as_ref().map(paging::cursor),
    }
}

/// Reads `include`: what to show beside a message.
pub(super) fn include(query: &Params) -> Result<Include, InputError> {
    match query.get("include") {
        None | Some("") => Ok(Include::Nothing),
        Some("raw") => Ok(Include::Raw),
        Some(_) => Err(InputError::field("include", "must be raw")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_include_is_a_word_of_the_list() {
        let given = |query: &str| include(&Params::read(&format!("/x?{query}").parse().unwrap()));
        assert_eq!((given(""), given("include")), (Ok(Include::Nothing), Ok(Include::Nothing)));
        assert_eq!(given("include=raw"), Ok(Include::Raw));
        assert_eq!(given("include=all").unwrap_err().place(), "include");
    }
}
