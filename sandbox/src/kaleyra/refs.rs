//! The three fields of a business that come back in callbacks.

use serde_json::{Map, Value};

const NAMES: [&str; 3] = ["ref", "ref1", "ref2"];

/// Longer values are cut.
const MAX_LENGTH: usize = 255;

/// `ref`, `ref1` and `ref2`, as far as they were given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refs([Option<String>; 3]);

impl Refs {
    /// Reads each field by its name, and cuts it.
    pub(super) fn read<'a>(given: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self(NAMES.map(|name| given(name).map(|text| text.chars().take(MAX_LENGTH).collect())))
    }

    /// `ref`.
    pub(super) fn first(&self) -> Option<&str> {
        let [first, ..] = &self.0;
        first.as_deref()
    }

    /// All three for a callback; one that was not given is empty there.
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
