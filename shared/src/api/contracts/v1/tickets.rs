//! `POST /v1/socket/tickets`: a right to open one socket, once, within a minute.

use axum::response::Response;
use http::HeaderMap;
use serde_json::json;

use super::errors::{Reader, answered};

use crate::{api::common::access::Authorized, assembly::App};

pub(super) async fn make(Authorized { app, caller, .. }: Reader, headers: HeaderMap) -> Response {
    let made = async {
        let key = App::key_of(&headers)?;
        let (ticket, expires_at) = app.core.make_ticket(&caller.tenant, &key).await?;
        Ok(json!({ "ticket": ticket, "expires_at": expires_at.iso_millis() }))
    };
    answered(made.await)
}
