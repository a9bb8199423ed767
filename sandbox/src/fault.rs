//! Scripted faults: what fails, for whom, and how often.

use serde::{Deserialize, Serialize};

use crate::phone::Status;

/// A scripted fault and the calls it applies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Only calls to this number or BSUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only calls of this business number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
    /// How many matching calls fail. At least 1.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching calls succeed first.
    #[serde(default)]
    pub skip: u32,
    /// The failure that matching calls meet.
    pub fault: Fault,
}

/// How a call fails. The variants carry the names of the control API.
///
/// `accepted` decides whether the message reaches the phone all the same. The responses described here are Meta's;
/// Kaleyra has its own texts, and 202 where Meta has 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// A Graph error; Kaleyra quotes it in an error of its own.
    Refuse {
        /// Meta's error code, such as 131047.
        code: u32,
        /// The HTTP status, if not the usual one of the code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        http_status: Option<u16>,
        /// The text of `error_data.details`; absent by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<String>,
    },
    /// HTTP 429 with code 130429.
    RateLimit {
        /// Seconds for the `Retry-After` header; without it there is no header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// An HTTP 5xx response.
    ServerError {
        /// The HTTP status, 500 to 599.
        status: u16,
        /// The body of the response.
        #[serde(default)]
        body: ErrorBody,
        /// Whether the message was accepted.
        #[serde(default)]
        accepted: bool,
    },
    /// A late response: success if accepted, else Graph error 2.
    Hang {
        /// The delay, in milliseconds.
        ms: u64,
        /// Whether the message was accepted, at the start of the delay.
        #[serde(default)]
        accepted: bool,
    },
    /// The connection is closed without a response.
    Cut {
        /// Whether the message was accepted.
        #[serde(default)]
        accepted: bool,
    },
    /// HTTP 200 with a truncated body.
    Unreadable {
        /// Whether the message was accepted.
        #[serde(default)]
        accepted: bool,
    },
    /// Accepted, with HTTP 200 and no message id.
    NoId,
    /// Accepted, and reported as failed later.
    FailLater {
        /// Meta's error code in the `failed` status.
        code: u32,
        /// Whether a `sent` status comes first.
        #[serde(default)]
        after_sent: bool,
    },
    /// HTTP 401 with code 190.
    ExpiredToken,
    /// Accepted; the status webhooks deviate in this way.
    #[serde(rename = "callbacks")]
    Webhooks(WebhookShape),
    /// An error of Kaleyra's own, such as `E110`; has no effect on numbers of Meta's.
    Kaleyra {
        /// Kaleyra's error code, such as `E110`.
        code: String,
        /// The HTTP status, if not the usual one of the code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        http_status: Option<u16>,
    },
    /// Accepted, and never passed to Meta, as Kaleyra reports later; has no effect on numbers of Meta's.
    NotSent {
        /// Kaleyra's error code, such as `WAV2101`.
        code: String,
        /// The reason in words, as the webhook carries it.
        reason: String,
    },
    /// A Graph error in the place of one page of a list of templates; Kaleyra's `WA500`. It never applies to sends:
    /// `times` and `skip` count the calls for that page.
    TemplateList {
        /// The page, from 0. Kaleyra has page 0 only.
        #[serde(default)]
        page: u32,
        /// Meta's error code in the response.
        code: u32,
    },
}

/// How the status webhooks of an accepted message deviate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookShape {
    /// How many more times each webhook is delivered.
    pub duplicate: u32,
    /// These statuses come first, in this order; the others follow in theirs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Status>,
    /// These statuses happen, but no webhook is sent for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<Status>,
    /// These statuses come without the sender's callback data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bare: Vec<Status>,
    /// The call is answered after the last webhook.
    pub before_answer: bool,
    /// An extra delay before the first webhook, in milliseconds.
    pub delay_ms: u64,
}

/// The body of a [`Fault::ServerError`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorBody {
    /// A Graph error: code 131000, or 2 with status 503.
    #[default]
    Json,
    /// An HTML page as a proxy would write it.
    Html,
    /// No body at all.
    Empty,
}

fn once() -> u32 {
    1
}

impl FaultRule {
    /// Applies to the next call of any number to any recipient.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { to: None, phone_number_id: None, times: 1, skip: 0, fault }
    }

    /// Only calls to this number or BSUID.
    #[must_use]
    pub fn to(mut self, recipient: impl Into<String>) -> Self {
        self.to = Some(recipient.into());
        self
    }

    /// Only calls of this business number.
    #[must_use]
    pub fn from_number(mut self, phone_number_id: impl Into<String>) -> Self {
        self.phone_number_id = Some(phone_number_id.into());
        self
    }

    /// Applies to this many calls.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets this many calls succeed first.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// What is wrong with this rule, as a sentence; `None` if it is valid.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let to_is_wrong = self.to.as_deref().is_some_and(|to| crate::address::Address::parse(to).is_none());
        if to_is_wrong {
            return Some("`to` must be a phone number or a BSUID");
        }
        match &self.fault {
            _ if self.times == 0 => Some("`times` must be at least 1"),
            Fault::TemplateList { .. } if self.to.is_some() => Some("`to` must not be given with a list"),
            Fault::Refuse { http_status: Some(status), .. }
            | Fault::Kaleyra { http_status: Some(status), .. }
                if !(400..=599).contains(status) =>
            {
                Some("`fault.http_status` must be between 400 and 599")
            }
            Fault::ServerError { status, .. } if !(500..=599).contains(status) => {
                Some("`fault.status` must be between 500 and 599")
            }
            _ => None,
        }
    }
}

impl Fault {
    /// The value of `kind` in the control API.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Refuse { .. } => "refuse",
            Self::RateLimit { .. } => "rate_limit",
            Self::ServerError { .. } => "server_error",
            Self::Hang { .. } => "hang",
            Self::Cut { .. } => "cut",
            Self::Unreadable { .. } => "unreadable",
            Self::NoId => "no_id",
            Self::FailLater { .. } => "fail_later",
            Self::ExpiredToken => "expired_token",
            Self::Webhooks(_) => "callbacks",
            Self::Kaleyra { .. } => "kaleyra",
            Self::NotSent { .. } => "not_sent",
            Self::TemplateList { .. } => "template_list",
        }
    }

    /// Whether the fault exists at Kaleyra only.
    pub(crate) fn is_of_kaleyra_only(&self) -> bool {
        matches!(self, Self::Kaleyra { .. } | Self::NotSent { .. })
    }

    /// Whether the fault applies to lists of templates instead of sends.
    pub(crate) fn is_of_lists(&self) -> bool {
        matches!(self, Self::TemplateList { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::FaultRule;

    #[test]
    fn a_rule_reads_from_json_and_back() -> Result<(), serde_json::Error> {
        let text = r#"{"to":"5255","times":1,"skip":0,"fault":{"kind":"callbacks","duplicate":0,
            "order":["read","sent"],"before_answer":true,"delay_ms":0}}"#;
        let rule: FaultRule = serde_json::from_str(text)?;
        let again: serde_json::Value = serde_json::to_value(&rule)?;
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(text)?);
        assert_eq!(again.pointer("/fault/kind"), Some(&rule.fault.name().into()));
        Ok(())
    }

    #[test]
    fn a_fault_of_kaleyra_is_named_by_its_kind() -> Result<(), serde_json::Error> {
        let text = r#"{"fault":{"kind":"not_sent","code":"WAV2101","reason":"x"}}"#;
        let rule: FaultRule = serde_json::from_str(text)?;
        assert_eq!(rule.fault.name(), "not_sent");
        assert!(rule.fault.is_of_kaleyra_only() && rule.mistake().is_none());
        let text = r#"{"fault":{"kind":"kaleyra","code":"E110","http_status":200}}"#;
        let rule: FaultRule = serde_json::from_str(text)?;
        assert_eq!(rule.mistake(), Some("`fault.http_status` must be between 400 and 599"));
        Ok(())
    }

    #[test]
    fn a_misspelt_field_is_rejected() {
        let text = r#"{"fault":{"kind":"callbacks","duplicates":2}}"#;
        assert!(serde_json::from_str::<FaultRule>(text).is_err());
        let text = r#"{"fault":{"kind":"cut","acepted":true}}"#;
        assert!(serde_json::from_str::<FaultRule>(text).is_err());
    }
}
