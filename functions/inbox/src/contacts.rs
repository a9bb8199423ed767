//! Contacts, with all their addresses.

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, Uri};
use serde_json::{Value, json};
use ventanilla::{
    api::{
        auth::Clients,
        body::{self, API_LIMIT},
        paging,
        problem::answered,
        query::Params,
        request::PathParams,
    },
    assembly::App,
    contract::{Failure, Fields, InputError},
    domain::{caller::Scope, contact::GivenName},
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

pub(super) async fn rename(State(app): State<App>, params: PathParams, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let done = async {
        let caller = app.caller(&parts.headers, Scope::Send, Clients::SendKeys).await?;
        let id = number(&params)?;
        let name = name(&body::read(body, API_LIMIT).await?)?;
        let found = app.core.rename_contact(&caller.tenant, id, name).await?;
        found.map(|it| shapes::contact(&it)).ok_or(Failure::Send(SendError::ConversationNotFound))
    };
    answered(done.await)
}

/// The name that a contact is to have; none gives the profile's back.
fn name(body: &[u8]) -> Result<Option<GivenName>, InputError> {
    let fields = Fields::read(body)?;
    match fields.value("name") {
        // Left out by mistake, it must not take anybody's name.
        None => Err(InputError::field("name", "is missing; null gives the profile name back")),
        Some(Value::Null) => Ok(None),
        Some(_) => {
            let name = GivenName::try_from(fields.required_text("name")?.to_owned());
            name.map(Some).map_err(|error| InputError::field("name", error))
        }
    }
}

pub(super) async fn one(State(app): State<App>, params: PathParams, headers: HeaderMap) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let found = app.core.contact(&caller.tenant, number(&params)?).await?;
        found.map(|it| shapes::contact(&it)).ok_or(Failure::Send(SendError::ConversationNotFound))
    };
    answered(found.await)
}
