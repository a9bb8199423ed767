//! The times as of which the parts of a template are known.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// The time as of which each part of a template is known. Webhooks report the parts one by one and out of
/// order, so each has a time of its own: a report with an earlier time does not change that part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Spelled")]
pub struct AsOf {
    /// When the status was reported that the cache holds.
    pub status: Timestamp,
    /// When the category was reported that the cache holds.
    pub category: Timestamp,
    /// When the quality rating was reported that the cache holds.
    pub quality: Timestamp,
    /// The components, and how their variables are named.
    pub components: Timestamp,
}

/// The stored form: rows from before each part had its own time have one for all.
#[derive(Deserialize)]
#[serde(untagged)]
enum Spelled {
    One(Timestamp),
    Each { status: Timestamp, category: Timestamp, quality: Timestamp, components: Timestamp },
}

impl From<Spelled> for AsOf {
    fn from(spelled: Spelled) -> Self {
        match spelled {
            Spelled::One(at) => Self::all(at),
            Spelled::Each { status, category, quality, components } => {
                Self { status, category, quality, components }
            }
        }
    }
}

impl AsOf {
    /// One time for every part.
    #[must_use]
    pub fn all(at: Timestamp) -> Self {
        Self { status: at, category: at, quality: at, components: at }
    }

    /// The latest of the four times.
    #[must_use]
    pub fn latest(self) -> Timestamp {
        self.status.max(self.category).max(self.quality).max(self.components)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_time_of_an_old_row_is_that_of_every_part() {
        let at = Timestamp::from_millis(1_772_533_800_123);
        let old: AsOf = serde_json::from_value(json!(1_772_533_800_123_i64)).unwrap();
        assert_eq!(old, AsOf::all(at));
        let new = AsOf { quality: at.plus(std::time::Duration::from_secs(1)), ..old };
        assert_eq!(serde_json::from_value::<AsOf>(serde_json::to_value(new).unwrap()).unwrap(), new);
        assert_eq!(new.latest(), new.quality);
    }
}
