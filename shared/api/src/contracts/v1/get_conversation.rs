//! `GET /v1/conversations/{id}`: one conversation, by our id.

use axum::response::Response;

use super::{
    conversation::shown,
    errors::{Reader, answered},
    read::number,
};
use crate::common::{access::Authorized, request::PathParams};

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    let found = async {
        let found = app.core.ports.ctx.conversation(&caller.tenant, number(&params)?).await?;
        shown(&app, &caller, found).await
    };
    answered(found.await)
}
