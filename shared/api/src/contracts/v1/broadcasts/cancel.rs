//! `POST /v1/broadcasts/{id}/cancel`: ends a broadcast for recipients who were not tried.

use axum::response::Response;
use serde_json::json;

use super::{not_found, shown};
use crate::{
    common::{access::Authorized, request::PathParams},
    contracts::v1::{
        errors::{MaySend, answered},
        read::number,
    },
};

pub(in crate::contracts::v1) async fn cancel(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
) -> Response {
    let cancelled = async {
        let id = number(&params)?;
        app.core.broadcasts.cancel_broadcast(&caller.tenant, id).await?.ok_or_else(not_found)?;
        shown(&app, &caller, id).await.map(|it| json!(it))
    };
    answered(cancelled.await)
}
