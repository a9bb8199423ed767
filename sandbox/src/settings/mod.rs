//! The provider's rules that can be changed while the sandbox runs.

mod media;

use serde::{Deserialize, Serialize};

pub use self::media::MediaLifetimes;
use crate::ServiceWindow;

/// The rules that apply; the defaults are the provider's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the 24-hour rule is enforced.
    pub service_window: ServiceWindow,
    /// How long files and download URLs are valid.
    pub media: MediaLifetimes,
}
