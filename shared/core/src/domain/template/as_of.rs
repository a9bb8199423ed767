//! As of when what we know of a template is known.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// As of when each part of a template is known. Webhooks tell the parts one by one and not in their order, so
/// each has a time of its own: what is told of an earlier time does not change that part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Spelled")]
pub struct AsOf {
    /// Where it stands.
    pub status: Timestamp,
    /// What it is for.
    pub category: Timestamp,
    /// How customers take it.
    pub quality: Timestamp,
    /// Its components, and how their places are named.
    pub components: Timestamp,
}

/// How rows have it: those of before each part had a time of its own have one for all.
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
    /// All of it as of one time.
    #[must_use]
    pub fn all(at: Timestamp) -> Self {
        Self { status: at, category: at, quality: at, components: at }
    }

    /// The time of what is known from latest.
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
