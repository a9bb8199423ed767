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
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl ChannelCheck {
    /// Whether messages go out, and the provider hands on what comes in, as far as it ever told.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match &self.barred {
            Some(barred) => barred.is_empty(),
            None => self.outcome != CheckOutcome::Failed,
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
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing was found.
    Fine,
    /// It works, and something should be looked at.
    Warned,
    /// It does not work, or not both ways, as seen from where it was checked.
    Failed,
}
