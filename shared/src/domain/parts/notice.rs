//! What WhatsApp tells in a message's place.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::provider_error::ProviderError;

/// What WhatsApp tells about the customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemNotice {
    /// What happened: `user_changed_number`, `user_changed_user_id`, `customer_identity_changed` …
    pub kind: Option<String>,
    /// The number or user id until now.
    pub previous: Option<String>,
    /// The number or user id from now on.
    pub current: Option<String>,
    /// Whatever else was told, as it came.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub further: Map<String, Value>,
}

/// A call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Call {
    /// What happened: `connect`, `terminate`.
    pub event: Option<String>,
    /// How it ended, as the provider says.
    pub status: Option<String>,
    /// Who called: `USER_INITIATED`, `BUSINESS_INITIATED`.
    pub direction: Option<String>,
    /// How long it was, in seconds.
    pub duration: Option<i64>,
}

/// What the provider could not hand over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unsupported {
    /// What it was: `poll`, `edit` …, where told.
    pub kind: Option<String>,
    /// Why it could not.
    pub errors: Vec<ProviderError>,
}
