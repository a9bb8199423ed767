//! `GET /v1/me`: the caller and its scopes.

use axum::response::Response;
use serde::Serialize;

use super::errors::{V1, answered};
use crate::common::access::{Authorized, scope};
use ventanilla_core::domain::{
    caller::{Caller, KeyKind, Scope},
    id::TenantId,
};

/// The company and scopes that the API key stands for.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Me"))]
pub(super) struct MeView {
    /// The id of the company.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    tenant: TenantId,
    key: KeyView,
}

/// The key that the request was sent with.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ApiKey"))]
struct KeyView {
    /// What the operator calls the key.
    name: String,
    /// Who uses it: people, or a program that answers by itself.
    kind: KeyKind,
    scopes: Vec<Scope>,
}

pub(super) async fn show(Authorized { caller, .. }: Authorized<scope::AnyKey, V1>) -> Response {
    answered(Ok(me(caller)))
}

fn me(caller: Caller) -> MeView {
    let Caller { tenant, key, scopes, kind } = caller;
    MeView { tenant, key: KeyView { name: key, kind, scopes } }
}
