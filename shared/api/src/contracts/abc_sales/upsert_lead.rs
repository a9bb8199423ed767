//! `POST /v1/webhooks/leads`: creates or updates a lead from the company's own system (facts: seed-apis.md
//! 4.2).

mod body;

use axum::{extract::Request, response::Response};
use http::StatusCode;

#[cfg(feature = "schema")]
pub(super) use self::body::LeadBody;
pub use self::body::lead_details;
use super::{
    errors::{AbcSales, MaySend},
    types::{self, LeadKept, LeadKeptData, done},
};
use crate::common::{
    Encoded, Failure,
    access::Authorized,
    body::{API_LIMIT, read},
    query::refuse_dry_run,
    respond,
};
use ventanilla_core::{
    domain::{lead::Lead, phone::Phone},
    usecases::leads::Upserted,
};

/// The tag of a lead with an invalid number.
const INVALID_PHONE: &str = "invalid_phone";

pub(super) async fn upsert_lead(sender: MaySend, request: Request) -> Response {
    respond::answered::<AbcSales>(upserted(&sender, request).await)
}

async fn upserted(Authorized { app, caller, .. }: &MaySend, request: Request) -> Result<Encoded, Failure> {
    refuse_dry_run(request.uri())?;
    let details = lead_details(&read(request.into_body(), API_LIMIT).await?)?;
    let (upserted, lead) = app.core.leads.upsert_lead(&caller.tenant, &details).await?;
    let status = match upserted {
        Upserted::Created => StatusCode::CREATED,
        Upserted::Updated => StatusCode::OK,
    };
    Ok(done(status, &LeadKept { data: LeadKeptData { lead: shown(&lead) } }))
}

/// A lead as it is stored now.
fn shown(it: &Lead) -> types::Lead {
    let more = &it.particulars;
    let number = it.number();
    let mut tags = more.tags.clone().unwrap_or_default();
    if more.phone.is_some() && number.is_none() {
        tags.push(INVALID_PHONE.to_owned());
    }
    types::Lead {
        id: it.id,
        external_id: it.external.clone(),
        name: it.name.clone(),
        email: more.email.clone(),
        phone: number.as_ref().map(Phone::e164).or_else(|| more.phone.clone()),
        naver_line_id: more.naver_line_id.clone(),
        source: more.source.clone(),
        tags,
        timezone: more.timezone.clone(),
        locale: more.locale.clone(),
        currency: more.currency.clone(),
        custom_fields: more.custom_fields.as_ref().map(|own| own.as_map().clone()).unwrap_or_default(),
        created_at: it.created_at.iso_millis(),
        updated_at: it.updated_at.iso_millis(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::domain::time::Timestamp;

    #[test]
    fn an_invalid_number_is_shown_as_given_and_tagged() {
        let details = lead_details(br#"{ "name": "Ana", "phone": "ask Bob", "tags": ["vip"] }"#).unwrap();
        let lead =
            Lead::new("3".parse().unwrap(), "acme".parse().unwrap(), details, Timestamp::from_millis(0));
        let shown = shown(&lead);
        assert_eq!(
            (shown.phone.as_deref(), shown.tags),
            (Some("ask Bob"), vec!["vip".to_owned(), INVALID_PHONE.to_owned()])
        );
    }
}
