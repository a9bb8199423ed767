//! What WhatsApp tells in a message's place.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    pub errors: Vec<MessageError>,
}

/// What a provider reports as wrong with a message (facts: meta.md 3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageError {
    /// The provider's code; text where it is no number.
    pub code: Option<Value>,
    /// What it is called.
    pub title: Option<String>,
    /// The same in more words.
    pub message: Option<String>,
    /// What exactly is wrong.
    pub details: Option<String>,
    /// A page about it.
    pub href: Option<String>,
}

impl MessageError {
    /// One error as Meta writes it.
    #[must_use]
    pub fn of_meta(error: &Value) -> Self {
        let text = |name: &str| super::text(error, name);
        let data = error.get("error_data");
        // It was seen to be plain text (facts: meta.md 3.1).
        let details =
            data.and_then(|data| data.as_str().map(str::to_owned).or_else(|| super::text(data, "details")));
        match error {
            Value::Object(_) => Self {
                code: error.get("code").filter(|code| !code.is_null()).cloned(),
                title: text("title"),
                message: text("message"),
                details: details.or_else(|| text("details")),
                href: text("href"),
            },
            Value::Number(_) => Self { code: Some(error.clone()), ..Self::default() },
            other => Self { title: other.as_str().map(str::to_owned), ..Self::default() },
        }
    }

    /// All errors of a field that holds a list of them, or one.
    #[must_use]
    pub fn all_of_meta(errors: Option<&Value>) -> Vec<Self> {
        match errors {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(several)) => several.iter().map(Self::of_meta).collect(),
            Some(one) => vec![Self::of_meta(one)],
        }
    }
}
