//! Opt-outs from marketing templates. Utility and authentication templates, and answers, are not affected.

use serde::{Deserialize, Serialize};

use super::{contact::Address, id::TenantId, time::Timestamp};

/// A customer's choice about marketing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marketing {
    /// The customer opted out.
    Stopped,
    /// The customer opted in again.
    Resumed,
}

/// How it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SuppressedBy"))]
#[serde(rename_all = "snake_case")]
pub enum OptOutReason {
    /// The customer chose it in WhatsApp.
    Preference,
    /// The customer wrote one of the stop words.
    Word,
    /// The customer pressed a template's quick reply whose payload or text is a stop word.
    Button,
    /// The provider refused a message because they want none (131050).
    Refused,
    /// Somebody of the company said so, by `PUT /v1/suppressions/{address}`.
    Operator,
}

/// The choice stored for one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOut {
    /// The tenant whose customer it is.
    pub tenant: TenantId,
    /// The number or user id.
    pub address: Address,
    /// Whether marketing may be sent to it.
    pub marketing: Marketing,
    /// How the choice was made.
    pub why: OptOutReason,
    /// When it was made; a report with an earlier time changes nothing.
    pub as_of: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}
