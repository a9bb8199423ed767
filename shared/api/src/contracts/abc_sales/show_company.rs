//! `GET /v1/companies/me`: the company of the key. Clients call it to test a key; the vendor documents no body.

use axum::response::Response;
use http::StatusCode;

use super::{
    errors::AbcSales,
    types::{Company, CompanyData, OwnCompany, done},
};
use crate::common::{
    access::{Authorized, scope},
    respond,
};

pub(super) async fn show_company(Authorized { caller, .. }: Authorized<scope::AnyKey, AbcSales>) -> Response {
    let data = CompanyData { company: Company { id: caller.tenant } };
    respond::answered::<AbcSales>(Ok(done(StatusCode::OK, &OwnCompany { data })))
}
