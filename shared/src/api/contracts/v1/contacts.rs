//! Contacts, with all their addresses.

use axum::{extract::Request, response::Response};
use serde_json::{Value, json};

use super::{
    contact::contact,
    errors::{MaySend, Reader, answered},
    read::number,
};
use crate::{
    api::common::{
        Failure, Fields, InputError,
        access::Authorized,
        body::{self, API_LIMIT},
        request::PathParams,
    },
    domain::contact::GivenName,
    service::send::SendError,
};

pub(super) async fn rename(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
    request: Request,
) -> Response {
    let done = async {
        let id = number(&params)?;
        let name = name(&body::read(request.into_body(), API_LIMIT).await?)?;
        let found = app.core.rename_contact(&caller.tenant, id, name).await?;
        found.map(|it| json!(contact(&it))).ok_or(Failure::Send(SendError::ConversationNotFound))
    };
    answered(done.await)
}

/// The name that a contact is to have; none gives the profile's back.
fn name(body: &[u8]) -> Result<Option<GivenName>, InputError> {
    let fields = Fields::read(body)?;
    match fields.value("name") {
        // Left out by mistake, it must not take anybody's name.
        None => Err(InputError::field("name", "is missing; null gives the profile name back")),
        Some(Value::Null) => Ok(None),
        Some(_) => {
            let name = GivenName::try_from(fields.required_text("name")?.to_owned());
            name.map(Some).map_err(|error| InputError::field("name", error))
        }
    }
}

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    let found = async {
        let found = app.core.contact(&caller.tenant, number(&params)?).await?;
        found.map(|it| json!(contact(&it))).ok_or(Failure::Send(SendError::ConversationNotFound))
    };
    answered(found.await)
}
