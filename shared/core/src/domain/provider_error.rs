//! A provider's error in its own words: for a message of ours that failed, or one of a customer's that it
//! could not deliver (facts: meta.md 3.1).

use serde::{Deserialize, Serialize};

use super::rejection::ProviderCode;

/// An error in the provider's words, without phone numbers and tokens. Null is what it did not say. Meta's codes are
/// numbers, Kaleyra's may be words.
// Its JSON is that of `/v1`. `redact::redacted` removes what must not be in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct ProviderError {
    /// Its code, like 131026 or `WAV2101`.
    #[serde(default)]
    pub code: Option<ProviderCode>,
    /// What the code stands for.
    #[serde(default)]
    pub title: Option<String>,
    /// The same in a sentence; often the title once more.
    #[serde(default)]
    pub message: Option<String>,
    /// What it was this time.
    #[serde(default)]
    pub details: Option<String>,
    /// Where the provider explains its codes.
    #[serde(default)]
    pub href: Option<String>,
}

impl ProviderError {
    /// Most errors stored of one report.
    pub const MOST: usize = 8;

    /// The one text to show: the most specific that there is.
    #[must_use]
    pub fn explanation(&self) -> Option<&str> {
        [&self.details, &self.message, &self.title].into_iter().find_map(|text| text.as_deref())
    }

    /// Whether no field is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
