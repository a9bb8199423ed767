//! How long Meta keeps files (facts: meta.md 7).

use serde::{Deserialize, Serialize};

/// A day, in seconds.
const DAY: u32 = 24 * 60 * 60;

/// The lifetimes of files and download URLs at Meta, in seconds. A change applies to files and URLs that come later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaLifetimes {
    /// Of a file that a customer sent; 7 days by default.
    pub received_seconds: u32,
    /// Of a file that the business uploaded; 30 days by default.
    pub uploaded_seconds: u32,
    /// Of a download URL; 5 minutes by default.
    pub url_seconds: u32,
}

impl Default for MediaLifetimes {
    fn default() -> Self {
        Self { received_seconds: 7 * DAY, uploaded_seconds: 30 * DAY, url_seconds: 5 * 60 }
    }
}
