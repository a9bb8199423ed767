//! `PATCH /v1/contacts/{id}`: sets or removes the company's own name of a customer.

use axum::{extract::Request, response::Response};
use serde::Deserialize;

use super::{
    contact::shown,
    errors::{MaySend, answered},
    read::number,
};
use crate::common::{
    InputError,
    access::Authorized,
    body::{self, API_LIMIT},
    json::{self, Given},
    request::PathParams,
};
use ventanilla_core::domain::contact::GivenName;

/// What is to be changed of a contact.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("required" = ["name"])))]
#[serde(deny_unknown_fields)]
pub(super) struct ContactChange {
    /// The company's name for them; null gives the name of their profile back.
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "Option<String>",
            length(min = 1, max = 256),
            extend("pattern" = r"^(?=[^\u0000-\u001F\u007F-\u009F]+$).*\S")
        )
    )]
    name: Given<GivenName>,
}

pub(super) async fn rename(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
    request: Request,
) -> Response {
    let done = async {
        let id = number(&params)?;
        let name = name(&body::read(request.into_body(), API_LIMIT).await?)?;
        shown(app.core.contacts.rename_contact(&caller.tenant, id, name).await?.as_ref())
    };
    answered(done.await)
}

/// The new name of a contact; `None` removes it. A field that was left out by mistake must not remove a
/// name.
fn name(body: &[u8]) -> Result<Option<GivenName>, InputError> {
    let change: ContactChange = json::read(body)?;
    change.name.required("name", "null gives the profile name back")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_names_its_field() {
        assert_eq!(name(br#"{"name":"Ana"}"#).unwrap().unwrap().as_str(), "Ana");
        assert_eq!(name(br#"{"name":null}"#), Ok(None));
        for (body, says) in [
            ("{}", "name is missing; null gives the profile name back"),
            (r#"{"name":7}"#, "name must be text"),
            (r#"{"name":"Ana","nmae":"Ana"}"#, "nmae is an unknown field; did you mean `name`?"),
            (r#"{"name":"Ana","name":"Eva"}"#, "name is given twice"),
            (
                r#"{"name":" "}"#,
                "name must be 1 to 256 characters, not all of them spaces, and none of them a control character",
            ),
        ] {
            assert_eq!(name(body.as_bytes()).unwrap_err().to_string(), says, "{body}");
        }
    }
}
