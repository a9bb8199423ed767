//! `GET /{v1 or v2}/{sid}/whatsapp/{number}/phone_number_details`: the health of a number.
//!
//! The documents name the call and say that it returns quality, limit and status, but show no body. So the response
//! here contains nothing that a client could rely on.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{
    account::{Account, check_api},
    error::KaleyraError,
};
use crate::{KaleyraApi, Sandbox};

type Answer = Result<Json<Value>, KaleyraError>;

pub(super) async fn of_v2(
    State(sandbox): State<Sandbox>,
    Path((sid, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    details(&sandbox, &sid, &number, &headers, KaleyraApi::V2)
}

pub(super) async fn of_v1(
    State(sandbox): State<Sandbox>,
    Path((sid, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    details(&sandbox, &sid, &number, &headers, KaleyraApi::V1)
}

fn details(sandbox: &Sandbox, sid: &str, number: &str, headers: &HeaderMap, api: KaleyraApi) -> Answer {
    let account = Account::authenticate(sandbox, sid, headers)?;
    let number = account.number(number).ok_or_else(|| KaleyraError::from_code("WA401"))?;
    check_api(&number, api)?;
    Ok(Json(json!({"code": "WA200", "message": "Request Processed Successfully", "data": {}, "error": {}})))
}
