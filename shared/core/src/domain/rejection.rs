//! Why a message was definitely not sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// The kinds of refusal, by what the caller can do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "RejectionReason"))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The provider finds fault with the request itself.
    InvalidInput,
    /// The 24-hour window is closed; only a template may be sent.
    WindowClosed,
    /// The template is missing, not approved, paused, or its parameters do not fit.
    TemplateProblem,
    /// The recipient cannot be reached on WhatsApp, or does not want this kind of message.
    RecipientUnreachable,
    /// Too much, too fast: the number, the pair or the account is throttled.
    RateLimited,
    /// Our credentials for the provider are missing, expired or lack a right.
    ProviderAuth,
    /// The business account is blocked, restricted, or owes money.
    AccountBlocked,
    /// The account at the provider has no money left.
    LowBalance,
    /// The customer does not want marketing, and the template is that.
    Suppressed,
    /// An operator disabled the channel: nothing goes out through it until it is enabled again.
    ChannelDisabled,
    /// The channel's provider cannot do this at all.
    Unsupported,
    /// The provider could not be reached, or said that it was not at work.
    ProviderDown,
    /// The provider reported a fault of its own while it had the message in hand. It says that the message
    /// failed; a status that says otherwise is believed.
    ProviderFault,
    /// The provider refused for a reason not known to us.
    ProviderRejected,
    /// There is no such conversation, or no channel to send on.
    NotFound,
}

/// A provider's own code for what went wrong: Meta's are numbers, Kaleyra's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ProviderCode {
    /// A number, as Meta's 131047.
    Number(i64),
    /// A word, as Kaleyra's `E110`.
    Word(#[cfg_attr(feature = "schema", schemars(length(max = 64)))] String),
}

impl ProviderCode {
    /// Reads a code; digits become a number.
    #[must_use]
    pub fn of(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Word(text.chars().take(64).collect()), Self::Number)
    }
}

impl From<i64> for ProviderCode {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for ProviderCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Word(word) => word.fmt(formatter),
        }
    }
}

/// Whether a retry of the same request may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request will be rejected again: the rejection is final.
    Never,
    /// The same request may succeed later.
    Later,
}

impl Reason {
    /// The stable machine-readable code, the same in every contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::WindowClosed => "window_closed",
            Self::TemplateProblem => "template_problem",
            Self::RecipientUnreachable => "recipient_unreachable",
            Self::RateLimited => "rate_limited",
            Self::ProviderAuth => "provider_auth",
            Self::AccountBlocked => "account_blocked",
            Self::LowBalance => "low_balance",
            Self::Suppressed => "suppressed",
            Self::ChannelDisabled => "channel_disabled",
            Self::Unsupported => "unsupported",
            Self::ProviderDown => "provider_down",
            Self::ProviderFault => "provider_fault",
            Self::ProviderRejected => "provider_rejected",
            Self::NotFound => "not_found",
        }
    }

    /// Whether the same request may succeed later, and can be retried without a risk. After a closed window
    /// it may: the customer can write again. After a fault at the provider a retry could send the message
    /// twice, so only the caller can decide on one, with a new request.
    #[must_use]
    pub fn retry(self) -> Retry {
        match self {
            Self::RateLimited
            | Self::ProviderAuth
            | Self::AccountBlocked
            | Self::LowBalance
            | Self::Suppressed
            | Self::ChannelDisabled
            | Self::ProviderDown
            | Self::WindowClosed
            | Self::NotFound => Retry::Later,
            Self::InvalidInput
            | Self::Unsupported
            | Self::TemplateProblem
            | Self::RecipientUnreachable
            | Self::ProviderFault
            | Self::ProviderRejected => Retry::Never,
        }
    }
}

impl Reason {
    /// A rejection for this reason, with an explanation for people.
    #[must_use]
    pub fn because(self, detail: impl Into<String>) -> Rejection {
        Rejection { detail: Some(detail.into()), ..Rejection::of(self) }
    }
}

/// A rejection: as far as is known, nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The kind of the rejection.
    pub reason: Reason,
    /// The provider's own error code, where the provider rejected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<ProviderCode>,
    /// An explanation for people; the provider's own text after [`redacted`](super::redact::redacted).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When the window closed, for [`Reason::WindowClosed`] found by our own check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_closed_since: Option<Timestamp>,
    /// Approved templates without parameters, for [`Reason::WindowClosed`]: these can be sent instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<String>,
    /// Seconds to wait before a retry, where the provider said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
}

impl Rejection {
    /// A rejection without further details.
    #[must_use]
    pub fn of(reason: Reason) -> Self {
        Self {
            reason,
            provider_code: None,
            detail: None,
            window_closed_since: None,
            templates: Vec::new(),
            retry_after_seconds: None,
        }
    }
}
