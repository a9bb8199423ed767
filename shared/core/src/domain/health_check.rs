//! The result of the last health check of a channel.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    id::{ChannelId, TenantId},
    time::Timestamp,
};

/// The last health check of a channel, stored beside the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelCheck {
    /// The tenant of the channel.
    pub tenant: TenantId,
    /// The channel that was checked.
    pub channel: ChannelId,
    /// When it was checked.
    pub checked_at: Timestamp,
    /// The result, as seen from where the check ran.
    pub outcome: CheckOutcome,
    /// What the provider's latest answers held against the channel; `None` in checks from before this was
    /// stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<BTreeSet<Aspect>>,
    /// Whether the provider reported the number's status.
    #[serde(default)]
    pub answer: CheckAnswer,
    /// The number's quality rating when the provider last reported it: `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// How many customers the number may write to first in 24 hours when the provider last reported it, like
    /// `TIER_2K`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messaging_limit: Option<String>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// Whether the provider answered a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckAnswer {
    /// It answered; so it did in all checks from before this was stored.
    #[default]
    #[serde(rename = "told")]
    Reported,
    /// The check had no credentials, or the provider did not answer.
    #[serde(rename = "untold")]
    NotReported,
}

/// What a check knows about a channel's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connectivity {
    /// The provider answered, and none of its latest answers reports a fault.
    Connected,
    /// The provider reported a fault, in this check or in an earlier one.
    NotConnected,
    /// The check could not reach the provider.
    Unknown,
}

impl ChannelCheck {
    /// Whether messages are sent and webhooks delivered, as far as the provider ever reported. What a check
    /// could not ask for stays as it was.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match &self.barred {
            Some(barred) => barred.is_empty(),
            None => self.outcome != CheckOutcome::Failed,
        }
    }

    /// What this check knows, for people: a check that could not reach the provider knows no connection.
    #[must_use]
    pub fn connection(&self) -> Connectivity {
        match (self.is_connected(), self.answer) {
            (false, _) => Connectivity::NotConnected,
            (true, CheckAnswer::Reported) => Connectivity::Connected,
            (true, CheckAnswer::NotReported) => Connectivity::Unknown,
        }
    }
}

/// A thing that the provider is asked about, and whose answer decides whether the channel is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// The number, and whether the credentials open it.
    Number,
    /// The token: its expiry and its permissions.
    Token,
    /// The health status of the number.
    Standing,
    /// Whether the number's account sends webhooks to our app.
    Subscription,
}

impl Aspect {
    /// Every aspect, in the order of the checks.
    pub const ALL: [Self; 4] = [Self::Number, Self::Token, Self::Standing, Self::Subscription];
}

/// How a channel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// The check has no finding.
    Fine,
    /// It works, and something should be looked at.
    Warned,
    /// The provider, or the place of the credentials, could not be asked.
    Unknown,
    /// It does not work, or not both ways, as seen from where it was checked.
    Failed,
}
