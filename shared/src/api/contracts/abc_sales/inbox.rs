//! The operations that read: connections, and what was said to a lead.

use axum::response::Response;
use http::Uri;

use super::errors::{AbcSales, Reader};

use crate::{
    api::{
        common::{
            Failure,
            access::Authorized,
            ids::read_id,
            paging,
            query::Params,
            request::{PathParams, path_param},
            respond,
        },
        contracts::abc_sales,
    },
    domain::lead::LeadName,
    service::{files::FileProblem, send::SendError},
};

pub(super) async fn connections(Authorized { app, caller, .. }: Reader) -> Response {
    let found = async { Ok(abc_sales::connections(&app.core.connections(&caller.tenant).await?)) };
    respond::answered::<AbcSales>(found.await)
}

pub(super) async fn said(Authorized { app, caller, .. }: Reader, params: PathParams, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let (before, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let name = LeadName::read(path_param(&params, "leadID"));
        let lead = app.core.lead_named(&caller.tenant, &name).await?;
        let lead = lead.ok_or(Failure::Send(SendError::ConversationNotFound))?;
        let page = lead.talk(app.inbox.as_ref(), &caller.tenant, before, limit).await?;
        Ok(abc_sales::said(lead.id, &page.items, page.next.as_ref().map(paging::cursor)))
    };
    respond::answered::<AbcSales>(found.await)
}

pub(super) async fn attachment(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    let found = async {
        // What is no reference is one of nothing.
        let Ok(id) = read_id(path_param(&params, "id")) else {
            return Ok(Err(FileProblem::NotFound));
        };
        Ok(app.core.download(&caller.tenant, id).await)
    };
    match found.await {
        Ok(Ok(there)) => crate::api::contracts::v1::media::redirect(&there.url),
        Ok(Err(problem)) => respond::answered::<AbcSales>(Ok(abc_sales::not_given(problem))),
        Err(failure) => respond::answered::<AbcSales>(Err(failure)),
    }
}
