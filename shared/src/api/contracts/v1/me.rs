//! `GET /v1/me`: who calls, and what they may do.

use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use super::errors::{V1, answered};
use crate::{
    api::common::access::{Authorized, scope},
    domain::{
        caller::{Caller, KeyKind, Scope},
        id::TenantId,
    },
};

/// `Me` of openapi.yaml.
#[derive(Debug, Serialize)]
struct MeView {
    tenant: TenantId,
    key: KeyView,
}

/// The key that the request was sent with.
#[derive(Debug, Serialize)]
struct KeyView {
    name: String,
    kind: KeyKind,
    scopes: Vec<Scope>,
}

pub(super) async fn show(Authorized { caller, .. }: Authorized<scope::AnyKey, V1>) -> Response {
    answered(Ok(json!(me(caller))))
}

fn me(caller: Caller) -> MeView {
    let Caller { tenant, key, scopes, kind } = caller;
    MeView { tenant, key: KeyView { name: key, kind, scopes } }
}
