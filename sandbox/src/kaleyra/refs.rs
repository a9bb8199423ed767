//! Kaleyra's three fields of callback data.

use serde_json::{Map, Value};

const NAMES: [&str; 3] = ["ref", "ref1", "ref2"];

/// The maximum length in characters; longer values are truncated.
const MAX_LENGTH: usize = 255;

/// The values of `ref`, `ref1` and `ref2`, where given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refs([Option<String>; 3]);

impl Refs {
    /// Reads each field by its name, and truncates it.
    pub(super) fn read<'a>(given: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self(NAMES.map(|name| given(name).map(|text| text.chars().take(MAX_LENGTH).collect())))
    }

    /// The value of `ref`, the field that the log shows.
    pub(super) fn first(&self) -> Option<&str> {
        let [first, ..] = &self.0;
        first.as_deref()
    }

    /// All three fields for a webhook; an absent one is empty there.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let given = NAMES.into_iter().zip(&self.0);
        given.map(|(name, value)| (name.to_owned(), value.as_deref().unwrap_or_default().into())).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Refs;

    #[test]
    fn what_is_too_long_is_cut_by_characters() {
        let long = "ñ".repeat(256);
        let refs = Refs::read(|name| (name == "ref1").then_some(long.as_str()));
        assert_eq!(refs.first(), None);
        let fields = Value::Object(refs.fields());
        assert_eq!(fields, json!({"ref": "", "ref1": "ñ".repeat(255), "ref2": ""}));
    }
}
