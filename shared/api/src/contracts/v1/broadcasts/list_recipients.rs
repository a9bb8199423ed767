//! `GET /v1/broadcasts/{id}/recipients`: a page of a broadcast's recipients.

use axum::response::Response;
use http::Uri;

use super::{
    Viewer, not_found,
    recipient::{RecipientView, read_state},
};
use crate::{
    common::{access::Authorized, paging, query::Params, request::PathParams},
    contracts::v1::{
        errors::answered,
        read::{self, number},
    },
};

pub(in crate::contracts::v1) async fn list_recipients(
    Authorized { caller, use_cases, .. }: Viewer,
    params: PathParams,
    uri: Uri,
) -> Response {
    let found = async {
        let id = number(&params)?;
        let query = Params::read(&uri);
        let limit = usize::from(paging::limit(query.get("limit"))?);
        let from: usize = paging::mark(query.get("cursor"))?.unwrap_or_default();
        let standing = query.get("outcome").map(read_state).transpose()?;
        // One more than requested shows whether there is a next page.
        let found =
            use_cases.broadcasts.broadcast_recipients(&caller.tenant, id, standing, from, limit + 1).await?;
        let found = found.ok_or_else(not_found)?;
        let next = found.get(limit).map(|it| it.place);
        Ok(read::List::new(found.iter().take(limit).map(RecipientView::of).collect(), next.as_ref()))
    };
    answered(found.await)
}
