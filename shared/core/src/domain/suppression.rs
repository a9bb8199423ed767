//! Who does not want marketing templates. Utility and authentication templates, and answers, are not stopped
//! by it.

use serde::{Deserialize, Serialize};

use super::{contact::Address, id::TenantId, time::Timestamp};

/// Whether marketing may be sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marketing {
    /// It may not.
    Stopped,
    /// It may again.
    Resumed,
}

/// How it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SuppressedBy"))]
#[serde(rename_all = "snake_case")]
pub enum Why {
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

/// What is known of one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Whose customer.
    pub tenant: TenantId,
    /// The number or user id.
    pub address: Address,
    /// Whether marketing may be sent to it.
    pub marketing: Marketing,
    /// How we know.
    pub why: Why,
    /// As of when; what is told of an earlier time changes nothing.
    pub as_of: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}
