//! Opt-outs from marketing: `/v1/suppressions`.

mod list;
mod suppress;
mod unsuppress;

use serde::Serialize;

use crate::app::App;
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Failure, InputError,
    request::{PathParams, path_param},
};
use ventanilla_core::{
    domain::{
        caller::Caller,
        contact::Address,
        opt_out::{Marketing, OptOut, OptOutReason},
        phone::{Bsuid, Phone},
    },
    usecases::opt_outs::OptOutChange,
};

pub(super) use self::{list::list, suppress::suppress, unsuppress::unsuppress};

/// Adds their schemas to the document.
#[cfg(feature = "schema")]
pub(super) fn describe(all: &mut crate::document::Schemas) {
    all.answer::<SuppressionView>();
    all.answer::<super::read::List<SuppressionView>>();
}

/// Somebody who wants no marketing templates.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Suppression", deny_unknown_fields))]
struct SuppressionView {
    /// The phone number with `+`, or the provider's id of the customer for this business.
    #[cfg_attr(feature = "schema", schemars(
        extend("pattern" = "^[!-~]{1,200}$", "examples" = ["+50212345678", "US.13491208655302741918"])
    ))]
    address: String,
    why: OptOutReason,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    since: String,
}

impl From<&OptOut> for SuppressionView {
    fn from(it: &OptOut) -> Self {
        let address = match &it.address {
            Address::Number(number) => number.e164(),
            Address::Bsuid(id) | Address::Parent(id) => id.as_str().to_owned(),
        };
        Self { address, why: it.why, since: it.as_of.iso_millis() }
    }
}

/// Reads the address in a path: a number, or a user id, which begins with a country and a dot.
fn address(params: &PathParams) -> Result<Address, InputError> {
    let text = path_param(params, "address");
    let user_id =
        text.split_once('.').is_some_and(|(country, _)| country.bytes().all(|b| b.is_ascii_uppercase()));
    let read = if user_id {
        Bsuid::parse(text).map(Address::Bsuid).map_err(|error| error.to_string())
    } else {
        Phone::parse(text).map(Address::Number).map_err(|error| error.to_string())
    };
    read.map_err(|problem| InputError::field("address", problem))
}

async fn apply_opt_out(
    app: &App,
    caller: &Caller,
    address: &Address,
    marketing: Marketing,
) -> Result<(), Failure> {
    let change = OptOutChange { marketing, why: OptOutReason::Operator, at: app.clock.now() };
    Ok(app.core.opt_outs.apply_contact_opt_out(&caller.tenant, address, change).await?)
}
