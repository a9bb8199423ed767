//! The bodies of this contract. Codes and texts are those that Kaleyra documents; `reason` and the fields
//! beside it are ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

#[cfg(feature = "schema")]
use crate::common::schema;

/// The body of a request.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "KaleyraRequest", transform = schema::beside::sent_by))]
pub(super) struct RequestBody {
    /// Meta's object for one message; with a `status`, it is a read receipt instead.
    #[cfg_attr(feature = "schema", schemars(schema_with = "message_or_receipt"))]
    pub(super) messaging_object: Option<Object>,
    /// Your own words about the message. Null counts as not given; a read receipt has none.
    #[cfg_attr(feature = "schema", schemars(with = "Option<ExtraInfo>"))]
    pub(super) extra_info: Option<Value>,
}

/// The schemas of the kinds of `messaging_object`, which are in the contract's `openapi.yaml`.
#[cfg(feature = "schema")]
fn message_or_receipt(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "oneOf": [
            { "$ref": "#/components/schemas/MessageObject" },
            { "$ref": "#/components/schemas/ReadReceipt" },
        ],
    })
}

/// An object that is decoded separately.
#[derive(Debug)]
pub(super) struct Object(pub(super) Value);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_object() { Ok(Self(value)) } else { Err(D::Error::custom("must be a JSON object")) }
    }
}

/// A client's own words about a message.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct ExtraInfo {
    /// Stays here, with the message: a provider gets our own reference in its place, by which statuses find back.
    #[serde(rename = "ref")]
    pub(super) first: Option<ReferenceText>,
    /// Also handed to Kaleyra, where the number is there.
    #[serde(rename = "ref1")]
    pub(super) second: Option<ReferenceText>,
    /// Also passed on to Kaleyra, as `ref1` is.
    #[serde(rename = "ref2")]
    pub(super) third: Option<ReferenceText>,
    /// Where the call comes from. Taken and not used; Kaleyra is told `api`.
    #[serde(rename = "wa_source")]
    _source: Option<Value>,
}

/// Up to 255 characters; what is longer is cut, and `data.truncated` says so. Empty and null are none.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Reference"))]
pub(super) struct ReferenceText(pub(super) String);

/// An object that stays empty, where Kaleyra's document shows `{}`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("maxProperties" = 0)))]
pub(super) struct Nothing {}

/// That a request was taken.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "KaleyraAccepted", deny_unknown_fields))]
pub(super) struct Accepted {
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["WA202"])))]
    code: &'static str,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["Request Accepted"])))]
    message: &'static str,
    data: AcceptedData,
    error: Nothing,
}

impl From<AcceptedData> for Accepted {
    fn from(data: AcceptedData) -> Self {
        Self { code: "WA202", message: "Request Accepted", data, error: Nothing {} }
    }
}

/// What is known of a message that was taken; nothing of a read receipt.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "KaleyraAcceptedData", deny_unknown_fields))]
#[cfg_attr(
    feature = "schema",
    schemars(extend("dependentRequired" = { "truncated": ["message_id"], "outcome": ["message_id"] }))
)]
pub(super) struct AcceptedData {
    /// Our id of the message, as text. Absent for a read receipt only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[1-9][0-9]{0,15}$")))]
    pub(super) message_id: Option<String>,
    /// The customer's user id, when the message went to it. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[!-~]{1,200}$")))]
    pub(super) user_id: Option<String>,
    /// Present when it is open whether the provider took the message. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = "unknown")))]
    pub(super) outcome: Option<&'static str>,
    /// References that were cut; absent when none was. Ours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(
        feature = "schema",
        schemars(
            length(min = 1),
            extend("uniqueItems" = true, "items" = { "type": "string", "enum": ["ref", "ref1", "ref2"] })
        )
    )]
    pub(super) truncated: Vec<&'static str>,
}

/// Why a request was not carried out.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "KaleyraError", deny_unknown_fields))]
pub(super) struct ErrorBody {
    /// Kaleyra's code, or one in its style where it has none.
    pub(super) code: &'static str,
    /// The text that belongs to it.
    pub(super) message: &'static str,
    /// Empty; a list where Kaleyra has one.
    // Which of them is said of each failure: generators of clients cannot narrow a choice down.
    #[cfg_attr(feature = "schema", schemars(with = "serde_json::Value"))]
    pub(super) data: Empty,
    /// What it is about, with a text.
    #[cfg_attr(feature = "schema", schemars(extend("minProperties" = 1, "maxProperties" = 1)))]
    pub(super) error: BTreeMap<&'static str, &'static str>,
    /// Which failure it is. Ours.
    pub(super) reason: &'static str,
    /// For people: what is wrong with the request, in a sentence that begins with the field, or the provider's
    /// explanation. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
    /// When the window closed, for `window_closed` where we knew. UTC, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub(super) expires_at: Option<String>,
    /// Approved templates of our copy that need no parameters, for `window_closed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 20)))]
    pub(super) templates: Vec<String>,
}

/// Nothing, in either of its forms.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Empty {
    Object(Nothing),
    List(Vec<()>),
}
