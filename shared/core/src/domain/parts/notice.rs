//! Notices of WhatsApp in a message's place: system messages, calls, and unsupported messages.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::provider_error::ProviderError;

/// A notice about the customer (facts: meta.md 4.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SystemNotice {
    /// What happened: `user_changed_number`, `user_changed_user_id`, `customer_identity_changed` …
    pub kind: Option<String>,
    /// The number or user id until now.
    pub previous: Option<String>,
    /// The number or user id from now on.
    pub current: Option<String>,
    /// The other fields, as they came.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub further: Map<String, Value>,
}

/// A call: one record, whichever of its items came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Call {
    /// The latest that happened: `connect`, `terminate`.
    pub event: Option<String>,
    /// How it ended, as the provider says: `COMPLETED`, `FAILED`.
    pub status: Option<String>,
    /// Who called: `USER_INITIATED`, `BUSINESS_INITIATED`.
    pub direction: Option<String>,
    /// How long it was, in seconds.
    pub duration: Option<i64>,
}

impl Call {
    /// The event of a call's end.
    const END: &'static str = "terminate";

    /// The call with the fields of another of its items. The end counts, whichever arrived first.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let is_over = self.event.as_deref() == Some(Self::END);
        let (latest, earlier) = if is_over { (self, other) } else { (other, self) };
        Self {
            event: latest.event.or(earlier.event),
            status: latest.status.or(earlier.status),
            direction: latest.direction.or(earlier.direction),
            duration: latest.duration.or(earlier.duration),
        }
    }
}

/// What the provider could not hand over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Unsupported {
    /// What it was, like `poll` or `edit`; none where WhatsApp does not say.
    pub kind: Option<String>,
    /// Why it could not.
    pub errors: Vec<ProviderError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_call_counts_whichever_item_comes_first() {
        let text = |it: &str| Some(it.to_owned());
        let connect = Call { event: text("connect"), direction: text("USER_INITIATED"), ..Call::default() };
        let end = Call {
            event: text("terminate"),
            status: text("COMPLETED"),
            duration: Some(95),
            ..Call::default()
        };
        let whole = Call { direction: connect.direction.clone(), ..end.clone() };
        assert_eq!(connect.clone().joined(end.clone()), whole);
        assert_eq!(end.joined(connect.clone()), whole);
        assert_eq!(whole.clone().joined(connect), whole);
    }
}
