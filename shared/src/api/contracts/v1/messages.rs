//! Messages: those of a conversation, in either direction of time, and what became of one.

use axum::response::Response;
use http::Uri;
use serde_json::json;

use super::{
    errors::{Reader, answered},
    read::{number, place_in},
    shapes,
};
use crate::{
    api::{
        common::{
            Failure, InputError,
            access::Authorized,
            ids::read_id,
            paging,
            query::Params,
            request::{PathParams, path_param},
        },
        contracts::v1::{self, Include},
    },
    domain::id::{ConversationId, MessageId, Wamid},
    port::inbox::Order,
    service::send::SendError,
};

pub(super) async fn list(Authorized { app, caller, .. }: Reader, params: PathParams, uri: Uri) -> Response {
    let found = async {
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
        let include = include(&query)?;
        let views = page.items.iter().map(|it| json!(v1::message(it, Some(&whole.conversation), include)));
        let (data, cut) = paging::within_answer(views);
        let last = data.len().checked_sub(1).and_then(|last| page.items.get(last));
        let next = if cut { last.map(|it| it.address) } else { page.next };
        let newest = match order {
            Order::OldestFirst if cut => next,
            _ => newest,
        };
        Ok(json!({
            "data": data,
            "next_cursor": next.as_ref().map(paging::cursor),
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

/// What is to be shown beside a message.
fn include(query: &Params) -> Result<Include, InputError> {
    match query.get("include") {
        None | Some("") => Ok(Include::Nothing),
        Some("raw") => Ok(Include::Raw),
        Some(_) => Err(InputError::field("include", "must be raw")),
    }
}

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams, uri: Uri) -> Response {
    let found = async {
        let include = include(&Params::read(&uri))?;
        let missing = || Failure::Send(SendError::ConversationNotFound);
        let named = path_param(&params, "id");
        let id = match read_id::<MessageId>(named) {
            Ok(id) => id,
            Err(error) => {
                let provider_id = Wamid::try_from(named.to_owned());
                let provider_id = provider_id.map_err(|_| InputError::field("id", error))?;
                let found = app.core.message_by_provider_id(&caller.tenant, &provider_id).await?;
                found.ok_or_else(missing)?
            }
        };
        let detail =
            app.core.message_detail(app.inbox.as_ref(), &caller.tenant, id, include == Include::Raw).await?;
        detail.map(|detail| shapes::detail(&detail, include)).ok_or_else(missing)
    };
    answered(found.await)
}
