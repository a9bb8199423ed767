//! `PUT /v1/suppressions/{address}`: opts a customer out of marketing.

use axum::response::Response;
use serde_json::json;

use super::{SuppressionView, address, apply_opt_out};
use crate::{
    common::{access::Authorized, request::PathParams},
    contracts::v1::errors::{MaySend, answered},
};
use ventanilla_core::domain::opt_out::Marketing;

pub(in crate::contracts::v1) async fn suppress(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
) -> Response {
    let suppressed = async {
        let address = address(&params)?;
        apply_opt_out(&app, &caller, &address, Marketing::Stopped).await?;
        let known = app.core.opt_outs.opt_out(&caller.tenant, &address).await?;
        Ok(json!(known.as_ref().map(SuppressionView::from)))
    };
    answered(suppressed.await)
}
