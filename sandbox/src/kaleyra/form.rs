//! Parses form bodies and queries.

use super::error::KaleyraError;

/// A form. The first of several values of a field counts; an empty value counts as absent.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// The value of a required field.
    pub(super) fn required(&self, name: &str) -> Result<&str, KaleyraError> {
        self.get(name).ok_or_else(|| KaleyraError::field(name, &format!("The field {name} is required.")))
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn fields_are_decoded_and_empty_ones_are_missing() {
        let form = Form::parse(b"to=%2B5255&body=a+b%0A%C3%B1&body=c&ref=");
        assert_eq!(form.get("to"), Some("+5255"));
        assert_eq!(form.get("body"), Some("a b\nñ"));
        assert_eq!(form.get("ref"), None);
        assert!(form.required("ref").is_err());
    }
}
