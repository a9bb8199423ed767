//! `GET /v1/contacts/{id}`: one contact, by our id.

use axum::response::Response;

use super::{
    contact::shown,
    errors::{Reader, answered},
    read::number,
};
use crate::common::{access::Authorized, request::PathParams};

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    let found = async { shown(app.core.contacts.contact(&caller.tenant, number(&params)?).await?.as_ref()) };
    answered(found.await)
}
