//! What came of the last check of a channel.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    id::{ChannelId, TenantId},
    time::Timestamp,
};

/// The last check of a channel, as it is kept beside the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelCheck {
    /// Whose channel it is.
    pub tenant: TenantId,
    /// Which.
    pub channel: ChannelId,
    /// When it was checked.
    pub checked_at: Timestamp,
    /// What came of it, as seen from where it was made.
    pub outcome: CheckOutcome,
    /// What the provider itself said against the channel when it last told; none in checks that were written
    /// before this was kept apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<BTreeSet<Aspect>>,
    /// Whether the provider told how the number stands.
    #[serde(default)]
    pub answer: Answer,
    /// What customers think of the number's messages when the provider last told, in its word: `GREEN`, `YELLOW`, `RED`,
    /// `UNKNOWN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// How many customers the number may write to first in 24 hours when the provider last told, like `TIER_2K`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messaging_limit: Option<String>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// Whether a check got an answer of the provider's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It did; so did all checks that were written before this was kept.
    #[default]
    Told,
    /// It had no credentials to ask with, or the provider did not tell.
    Untold,
}

/// What a check knows of whether a channel is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// The provider told, and nothing that it ever told stands against the channel.
    Connected,
    /// The provider said so, in this check or in an earlier one.
    NotConnected,
    /// The check could not ask.
    Unknown,
}

impl ChannelCheck {
    /// Whether messages go out, and the provider hands on what comes in, as far as it ever told. What a check could
    /// not ask for stays as it was.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match &self.barred {
            Some(barred) => barred.is_empty(),
            None => self.outcome != CheckOutcome::Failed,
        }
    }

    /// What this check knows, for people: a check that could not ask knows of no connection.
    #[must_use]
    pub fn connection(&self) -> Connection {
        match (self.is_connected(), self.answer) {
            (false, _) => Connection::NotConnected,
            (true, Answer::Told) => Connection::Connected,
            (true, Answer::Untold) => Connection::Unknown,
        }
    }
}

/// A thing that the provider is asked about, and of which its answer decides whether the channel is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// The number, and whether the credentials open it.
    Number,
    /// The token: how long it is valid, and its rights.
    Token,
    /// How the number stands.
    Standing,
    /// Whether the number's account tells our app.
    Subscription,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Number, Self::Token, Self::Standing, Self::Subscription];
}

/// How a channel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing was found.
    Fine,
    /// It works, and something should be looked at.
    Warned,
    /// The provider, or the place of the credentials, could not be asked.
    Unknown,
    /// It does not work, or not both ways, as seen from where it was checked.
    Failed,
}
