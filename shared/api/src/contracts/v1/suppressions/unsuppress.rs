//! `DELETE /v1/suppressions/{address}`: opts a customer in again.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::{address, apply_opt_out};
use crate::{
    common::{access::Authorized, request::PathParams, respond},
    contracts::v1::{V1, errors::MaySend},
};
use ventanilla_core::domain::opt_out::Marketing;

pub(in crate::contracts::v1) async fn unsuppress(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
) -> Response {
    let resumed = async {
        let address = address(&params)?;
        apply_opt_out(&app, &caller, &address, Marketing::Resumed).await
    };
    match resumed.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => respond::failed::<V1>(&failure),
    }
}
