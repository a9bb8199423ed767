//! How Meta reviews templates.

use serde::{Deserialize, Serialize};

/// What a review decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateReview {
    /// Every template that satisfies the rules of creation is approved.
    #[default]
    Approve,
    /// Every template is rejected.
    Reject,
    /// Nothing: a template stays pending until the control route changes it.
    ByHand,
}
