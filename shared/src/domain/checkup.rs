//! What came of the last check of a channel.

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
    /// What came of it.
    pub outcome: CheckOutcome,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// How a channel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing was found.
    Fine,
    /// It works, and something should be looked at.
    Warned,
    /// It does not work, or not both ways.
    Failed,
}

impl CheckOutcome {
    /// Whether messages go both ways, as far as the check could see.
    #[must_use]
    pub fn is_connected(self) -> bool {
        match self {
            Self::Fine | Self::Warned => true,
            Self::Failed => false,
        }
    }
}
