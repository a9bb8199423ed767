//! The routes of system 4 that read: connections, and what was said to a lead.

use axum::{extract::State, response::Response};
use http::{HeaderMap, Uri};
use ventanilla::{
    api::{
        auth::Clients,
        paging,
        query::Params,
        request::{PathParams, path_param},
        respond,
    },
    assembly::App,
    contract::{Failure, ids::read_id, salesbot},
    domain::{
        caller::{Caller, Scope},
        lead::LeadName,
    },
    service::{files::FileProblem, send::SendError},
};

pub(super) async fn connections(State(app): State<App>, headers: HeaderMap) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        Ok(salesbot::connections(&app.core.connections(&caller.tenant).await?))
    };
    respond::told(found.await, salesbot::failed)
}

pub(super) async fn said(
    State(app): State<App>,
    params: PathParams,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let query = Params::read(&uri);
        let (before, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let name = LeadName::read(path_param(&params, "leadID"));
        let lead = app.core.lead_named(&caller.tenant, &name).await?;
        let lead = lead.ok_or(Failure::Send(SendError::ConversationNotFound))?;
        let page = lead.talk(app.inbox.as_ref(), &caller.tenant, before, limit).await?;
        Ok(salesbot::said(lead.id, &page.items, page.next.as_ref().map(paging::cursor)))
    };
    respond::told(found.await, salesbot::failed)
}

pub(super) async fn attachment(State(app): State<App>, params: PathParams, headers: HeaderMap) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        // What is no reference is one of nothing.
        let Ok(id) = read_id(path_param(&params, "id")) else {
            return Ok(Err(FileProblem::NotFound));
        };
        Ok(app.core.download(&caller.tenant, id).await)
    };
    match found.await {
        Ok(Ok(there)) => super::media::redirect(&there.url),
        Ok(Err(problem)) => respond::told(Ok(salesbot::not_given(problem)), salesbot::failed),
        Err(failure) => respond::told(Err(failure), salesbot::failed),
    }
}

async fn reader(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    app.caller(headers, Scope::Read, Clients::SendPasswords).await
}
