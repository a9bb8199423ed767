//! Who a message goes to: a phone number or a business-scoped user id (BSUID).

/// A customer's phone number or user id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// A phone number, digits only.
    Number(String),
    /// A BSUID such as `US.13491208655302741918`.
    UserId(String),
}

impl Address {
    /// Reads either form; `None` when the text is neither.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::number(text).or_else(|| Self::user_id(text))
    }

    /// Reads a phone number with or without `+`, spaces, dashes and parentheses.
    pub(crate) fn number(text: &str) -> Option<Self> {
        let punctuation = |c: char| matches!(c, '+' | ' ' | '-' | '(' | ')');
        let digits: String = text.chars().filter(|c| !punctuation(*c)).collect();
        let plausible = (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        plausible.then_some(Self::Number(digits))
    }

    /// Reads a BSUID: country code, dot, up to 128 letters or digits; linked portfolios have
    /// `ENT.` in between.
    pub(crate) fn user_id(text: &str) -> Option<Self> {
        let (country, rest) = text.split_once('.')?;
        let id = rest.strip_prefix("ENT.").unwrap_or(rest);
        let country_fits = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        let id_fits = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        (country_fits && id_fits).then(|| Self::UserId(text.to_owned()))
    }

    /// The digits or the BSUID.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Number(text) | Self::UserId(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn punctuation_of_a_number_is_dropped() {
        let expected = Some(Address::Number("525512345678".to_owned()));
        assert_eq!(Address::parse("+52 (55) 1234-5678"), expected);
        assert_eq!(Address::parse("525512345678"), expected);
    }

    #[test]
    fn a_bsuid_is_distinguished_from_a_number() {
        let id = "US.13491208655302741918";
        assert_eq!(Address::parse(id), Some(Address::UserId(id.to_owned())));
        assert!(Address::parse("US.ENT.1349abc").is_some());
        for wrong in ["", "us.1", "USA.1", "US.", "US.1-2", "12", "1234567890123456", "55 1234x"] {
            assert_eq!(Address::parse(wrong), None, "{wrong}");
        }
    }
}
