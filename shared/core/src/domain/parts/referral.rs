//! The origin of a message, beside its sender: ads, posts, forwards and products.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The ad or post that brought a customer here (facts: meta.md 4.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Referral {
    /// Which of the two it is: `ad` or `post`.
    pub source_type: Option<String>,
    /// Meta's id of the ad or post.
    pub source_id: Option<String>,
    /// The web address of the ad or post.
    pub source_url: Option<String>,
    /// The headline of the ad or post.
    pub headline: Option<String>,
    /// The text of the ad or post.
    pub body: Option<String>,
    /// The id of the click, for Meta's conversions API.
    pub ctwa_clid: Option<String>,
    /// The other fields of Meta's object, as they came.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

/// How often a message was forwarded before it came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forwarded {
    /// Up to five times (facts: template-rules.md 5.1).
    Forwarded,
    /// More than five times.
    Frequently,
}

/// The product that a customer asks about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ReferredProduct {
    /// Meta's id of the catalogue.
    pub catalog_id: Option<String>,
    /// The company's own id of the product.
    pub product_id: Option<String>,
}
