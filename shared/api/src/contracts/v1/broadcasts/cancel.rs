//! `POST /v1/broadcasts/{id}/cancel`: ends a broadcast for recipients who were not tried.

use axum::response::Response;
use serde_json::json;

use super::{Sender, not_found, shown};
use crate::{
    common::{access::Authorized, request::PathParams},
    contracts::v1::{errors::answered, read::number},
};

pub(in crate::contracts::v1) async fn cancel(
    Authorized { caller, use_cases, .. }: Sender,
    params: PathParams,
) -> Response {
    let cancelled = async {
        let id = number(&params)?;
        use_cases.broadcasts.cancel_broadcast(&caller.tenant, id).await?.ok_or_else(not_found)?;
        shown(&use_cases.broadcasts, &caller, id).await.map(|it| json!(it))
    };
    answered(cancelled.await)
}
