//! `GET /v1/events/{id}`: an event by its id.

use axum::response::Response;

use super::{
    errors::{Reader, answered},
    event::{self, EventView},
    read,
};
use crate::app::App;
use crate::common::{
    Failure, InputError, Missing,
    access::Authorized,
    ids::read_event_id,
    request::{PathParams, path_param},
};
use ventanilla_core::domain::{event::EventId, id::TenantId};

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    let found = async {
        let id = read_event_id(path_param(&params, "id"));
        let id = id.map_err(|error| InputError::field("id", error))?;
        find(&app, &caller.tenant, &id).await?.ok_or(Failure::NotFound(Missing::Event))
    };
    answered(found.await)
}

async fn find(app: &App, tenant: &TenantId, id: &EventId) -> Result<Option<EventView>, Failure> {
    let Some(entry) = app.core.events.logged_event(tenant, id).await? else { return Ok(None) };
    let found = app.core.event_contexts.in_context(app.inbox.as_ref(), tenant, vec![entry]).await?;
    let look = read::look(app, tenant).await?;
    Ok(found.first().map(|it| event::event(it, look)))
}
