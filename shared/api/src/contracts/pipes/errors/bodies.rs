//! The two formats in which clients read a failure over HTTP. They are not documented: these are the fields
//! that the vendor's clients read (facts: seed-apis.md 3.6).

use http::HeaderMap;
use serde::Serialize;
use serde_json::json;

use super::{CodedError, Particulars, coded_error, table::error_row};
use crate::common::{Encoded, Failure};
use ventanilla_core::domain::rejection::ProviderCode;

/// A failure of `/v1/messages/send`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PipesError", deny_unknown_fields))]
pub(in super::super) struct FlatError {
    #[cfg_attr(feature = "schema", schemars(extend("const" = false)))]
    success: bool,
    /// For people; may change, but for that of `SERVICE_WINDOW_EXPIRED`.
    error: String,
    /// The same text, for clients that look here.
    message: String,
    /// Which failure it is.
    code: &'static str,
    /// The provider's explanation, in its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = 500)))]
    detail: Option<String>,
    #[serde(flatten)]
    particulars: Particulars,
}

/// A failure in the format of `/v1/messages/send`.
pub(in super::super) fn failed(failure: &Failure) -> Encoded {
    let CodedError { code, text } = coded_error(failure);
    let body = FlatError {
        success: false,
        error: text.to_string(),
        message: text.into_owned(),
        code,
        detail: detail(failure),
        particulars: Particulars::of(failure),
    };
    encoded(failure, &body)
}

/// A failure in Meta's shape, as the routes tell it that answer as Meta does (facts: meta.md 3.1).
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PassedOnError", deny_unknown_fields))]
pub(in super::super) struct MetaError {
    error: MetaErrorObject,
}

/// The object that Meta's clients read.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct MetaErrorObject {
    /// For people; may change, but for that of `SERVICE_WINDOW_EXPIRED`.
    message: String,
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = OAUTH)))]
    kind: &'static str,
    /// The number that Meta gave; where it was not asked, or a number at Kaleyra is concerned, Meta's number for
    /// something alike. `OUTCOME_UNKNOWN` has 502, which is none of Meta's: no client should take it for one that asks to
    /// try again.
    code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_data: Option<ErrorData>,
    /// Which failure it is. Ours.
    ventanilla_code: &'static str,
    #[serde(flatten)]
    particulars: Particulars,
}

/// The object `error_data` of Meta's error.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct ErrorData {
    #[cfg_attr(feature = "schema", schemars(extend("const" = "whatsapp")))]
    messaging_product: &'static str,
    /// The provider's explanation, in its words.
    #[cfg_attr(feature = "schema", schemars(extend("maxLength" = 500)))]
    details: String,
}

/// Meta's type of every such failure.
const OAUTH: &str = "OAuthException";

/// A failure in Meta's format.
pub(in super::super) fn failed_as_at_meta(failure: &Failure) -> Encoded {
    let CodedError { code, text } = coded_error(failure);
    let error_data = detail(failure).map(|details| ErrorData { messaging_product: "whatsapp", details });
    let error = MetaErrorObject {
        message: text.into_owned(),
        kind: OAUTH,
        code: meta_code(failure),
        error_data,
        ventanilla_code: code,
        particulars: Particulars::of(failure),
    };
    encoded(failure, &MetaError { error })
}

fn encoded(failure: &Failure, body: &impl Serialize) -> Encoded {
    Encoded { status: error_row(failure).0, headers: HeaderMap::new(), body: json!(body) }
}

/// The provider's own code where it gave a number, else that of the table.
fn meta_code(failure: &Failure) -> i64 {
    if let Failure::Rejected(rejection) = failure
        && let Some(ProviderCode::Number(number)) = rejection.provider_code
    {
        return number;
    }
    error_row(failure).2
}

/// The provider's explanation, or ours of a template.
fn detail(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Rejected(rejection) => rejection.detail.clone(),
        _ => None,
    }
}
