//! `POST /v1/socket/tickets`: a right to open one socket, once, within a minute.

use axum::{extract::State, response::Response};
use http::HeaderMap;
use serde_json::json;
use ventanilla::{api::problem::answered, assembly::App};

pub(super) async fn make(State(app): State<App>, headers: HeaderMap) -> Response {
    let made = async {
        let caller = super::reader(&app, &headers).await?;
        let key = App::key_of(&headers)?;
        let (ticket, expires_at) = app.core.make_ticket(&caller.tenant, &key).await?;
        Ok(json!({ "ticket": ticket, "expires_at": expires_at.iso_millis() }))
    };
    answered(made.await)
}
