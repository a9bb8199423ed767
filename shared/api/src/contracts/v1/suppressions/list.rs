//! `GET /v1/suppressions`: the addresses that opted out.

use axum::response::Response;
use http::Uri;

use super::SuppressionView;
use crate::{
    common::{access::Authorized, paging, query::Params},
    contracts::v1::{
        errors::{Reader, answered},
        read,
    },
};
use ventanilla_core::domain::opt_out::Marketing;

pub(in crate::contracts::v1) async fn list(Authorized { app, caller, .. }: Reader, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.core.ports.opt_out_records.suppressions(&caller.tenant, after, limit).await?;
        let stopped = page.items.iter().filter(|it| it.marketing == Marketing::Stopped);
        Ok(read::List::new(stopped.map(SuppressionView::from).collect(), page.next.as_ref()))
    };
    answered(found.await)
}
