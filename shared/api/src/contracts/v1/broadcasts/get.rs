//! `GET /v1/broadcasts/{id}`: one broadcast with its progress.

use axum::response::Response;
use serde_json::json;

use super::shown;
use crate::{
    common::{access::Authorized, request::PathParams},
    contracts::v1::{
        errors::{Reader, answered},
        read::number,
    },
};

pub(in crate::contracts::v1) async fn get(
    Authorized { app, caller, .. }: Reader,
    params: PathParams,
) -> Response {
    let found = async { shown(&app, &caller, number(&params)?).await.map(|it| json!(it)) };
    answered(found.await)
}
