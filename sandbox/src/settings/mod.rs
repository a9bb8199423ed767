//! The provider's rules that can be changed while the sandbox runs.

mod limits;
mod media;
mod prices;
mod review;

use serde::{Deserialize, Serialize};

pub use self::{
    limits::Limits,
    media::MediaLifetimes,
    prices::{PriceRules, Prices},
    review::TemplateReview,
};
use crate::ServiceWindow;

/// The rules that apply; the defaults are the provider's, except for the time of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the 24-hour rule is enforced.
    pub service_window: ServiceWindow,
    /// How long files and download URLs are valid.
    pub media: MediaLifetimes,
    /// Whether customers send pictures and audio that programs can open, instead of short texts under their MIME types
    /// (default).
    pub real_files: bool,
    /// Limits on sending; none by default.
    pub limits: Limits,
    /// The prices that statuses report.
    pub prices: Prices,
    /// What the review of a template decides.
    pub template_review: TemplateReview,
    /// How long a review takes, in milliseconds; half a second by default. At Meta it takes up to a day.
    pub template_review_ms: u64,
    /// The reason of a review that rejects, such as `INVALID_FORMAT`.
    pub template_rejected_reason: String,
    /// How many templates an account may create in an hour; 100 by default (facts: meta.md 6).
    pub template_creations_per_hour: usize,
    /// How many templates an account may have; 250 by default, that of an account that is not verified (facts: meta.md
    /// 6).
    pub template_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            service_window: ServiceWindow::default(),
            media: MediaLifetimes::default(),
            real_files: false,
            limits: Limits::default(),
            prices: Prices::default(),
            template_review: TemplateReview::default(),
            template_review_ms: 500,
            template_rejected_reason: "INVALID_FORMAT".to_owned(),
            template_creations_per_hour: 100,
            template_limit: 250,
        }
    }
}
