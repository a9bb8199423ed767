//! Reading in the contract of system 2.

use axum::{extract::State, response::Response};
use http::{HeaderMap, Uri};
use serde_json::Value;
use ventanilla::{
    api::{
        paging,
        query::Params,
        request::{PathParams, path_param},
        respond,
    },
    assembly::App,
    contract::{
        Failure,
        ambiosys::{self, reads},
    },
    domain::listing::Filter,
    port::inbox::Order,
    service::send::{Replay, SendError},
};

use super::{place_in, reader};

pub(super) async fn conversations(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let query = Params::read(&uri);
        let filter = Filter::of_status(reads::status(query.get("status"))?);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.inbox.conversations(&caller.tenant, &filter, after, limit).await?;
        Ok(reads::conversations(&page.items, page.next.as_ref().map(paging::cursor).as_deref()))
    };
    answer(&found.await)
}

pub(super) async fn history(
    State(app): State<App>,
    params: PathParams,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
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
    answer(&found.await)
}

fn answer(outcome: &Result<Value, Failure>) -> Response {
    if let Err(failure) = outcome {
        respond::log(failure);
    }
    respond::answer(reads::answered(outcome), outcome.as_ref().err(), Replay::Original)
}
