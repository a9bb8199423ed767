//! Where a message comes from, beside its sender.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The ad or post that brought a customer here (facts: meta.md 4.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Referral {
    /// `ad`, `post`.
    pub source_type: Option<String>,
    /// Its id.
    pub source_id: Option<String>,
    /// Where it is.
    pub source_url: Option<String>,
    /// Its headline.
    pub headline: Option<String>,
    /// Its text.
    pub body: Option<String>,
    /// The id of the click, for Meta's conversions API.
    pub ctwa_clid: Option<String>,
    /// Whatever else was told of it, as it came.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

/// How often a message was forwarded before it came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forwarded {
    /// Up to five times (facts: template-rules.md 5.1).
    Forwarded,
    /// More often.
    Frequently,
}

/// The product that a customer asks about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReferredProduct {
    /// The catalogue.
    pub catalog_id: Option<String>,
    /// The company's own id of the product.
    pub product_id: Option<String>,
}
