//! `GET /v1/broadcasts`: a page of the company's broadcasts.

use axum::response::Response;
use http::Uri;

use super::{Viewer, resource::BroadcastHead};
use crate::{
    common::{access::Authorized, paging, query::Params},
    contracts::v1::{errors::answered, read},
};

pub(in crate::contracts::v1) async fn list(
    Authorized { caller, use_cases, .. }: Viewer,
    uri: Uri,
) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page =
            use_cases.broadcasts.list_broadcasts(&caller.tenant, after, read::order(&query)?, limit).await?;
        let data = page.items.iter().map(|it| BroadcastHead::of(&it.broadcast, it.goes_on));
        Ok(read::List::new(data.collect(), page.next.as_ref()))
    };
    answered(found.await)
}
