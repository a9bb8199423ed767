//! `GET /v1/broadcasts/{id}`: one broadcast with its progress.

use axum::response::Response;
use serde_json::json;

use super::{Viewer, shown};
use crate::{
    common::{access::Authorized, request::PathParams},
    contracts::v1::{errors::answered, read::number},
};

pub(in crate::contracts::v1) async fn get(
    Authorized { caller, use_cases, .. }: Viewer,
    params: PathParams,
) -> Response {
    let found = async { shown(&use_cases.broadcasts, &caller, number(&params)?).await.map(|it| json!(it)) };
    answered(found.await)
}
