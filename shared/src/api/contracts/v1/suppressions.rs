//! Who does not want marketing: `/v1/suppressions`.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use serde_json::{Value, json};

use super::{
    errors::{MaySend, Reader, answered},
    read,
};
use crate::{
    api::common::{
        Failure, InputError,
        access::Authorized,
        paging,
        query::Params,
        request::{PathParams, path_param},
    },
    assembly::App,
    domain::{
        caller::Caller,
        contact::Address,
        phone::{Bsuid, Phone},
        suppression::{Marketing, Suppression, Why},
    },
    service::suppress::Wish,
};

pub(super) async fn list(Authorized { app, caller, .. }: Reader, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.core.suppressions.suppressions(&caller.tenant, after, limit).await?;
        let stopped = page.items.iter().filter(|it| it.marketing == Marketing::Stopped);
        Ok(read::page(stopped.map(shape).collect(), page.next.as_ref()))
    };
    answered(found.await)
}

pub(super) async fn stop(Authorized { app, caller, .. }: MaySend, params: PathParams) -> Response {
    let stopped = async {
        let address = address(path_param(&params, "address"))?;
        heed(&app, &caller, &address, Marketing::Stopped).await?;
        let known = app.core.opt_out(&caller.tenant, &address).await?;
        Ok(known.as_ref().map_or(Value::Null, shape))
    };
    answered(stopped.await)
}

pub(super) async fn resume(Authorized { app, caller, .. }: MaySend, params: PathParams) -> Response {
    let resumed = async {
        let address = address(path_param(&params, "address"))?;
        heed(&app, &caller, &address, Marketing::Resumed).await
    };
    match resumed.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => answered(Err(failure)),
    }
}

/// A number, or a user id, which begins with a country and a dot.
fn address(text: &str) -> Result<Address, InputError> {
    let user_id =
        text.split_once('.').is_some_and(|(country, _)| country.bytes().all(|b| b.is_ascii_uppercase()));
    let read = if user_id {
        Bsuid::parse(text).map(Address::Bsuid).map_err(|error| error.to_string())
    } else {
        Phone::parse(text).map(Address::Number).map_err(|error| error.to_string())
    };
    read.map_err(|problem| InputError::field("address", problem))
}

async fn heed(app: &App, caller: &Caller, address: &Address, marketing: Marketing) -> Result<(), Failure> {
    let wish = Wish { marketing, why: Why::Operator, at: app.clock.now() };
    Ok(app.core.heed_contact(&caller.tenant, address, wish).await?)
}

fn shape(it: &Suppression) -> Value {
    let address = match &it.address {
        Address::Number(number) => number.e164(),
        Address::Bsuid(id) | Address::Parent(id) => id.as_str().to_owned(),
    };
    json!({ "address": address, "why": it.why, "since": it.as_of.iso_millis() })
}
