//! Addresses of a customer: a phone number, or a business-scoped user id.

mod spelling;

use std::fmt;

use serde::{Deserialize, Serialize};

/// A phone number in E.164, kept as digits without `+`.
///
/// Also holds a `wa_id`, which is such a number as WhatsApp spells it and may differ from what was
/// dialled (Brazil, Mexico, Argentina).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why a text is not a phone number in international format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// No digit at all.
    #[error("must hold a phone number in international format, like +50212345678")]
    Empty,
    /// A character that does not belong into a phone number.
    #[error("must hold digits only, besides one + in front, spaces, dots, dashes, slashes and parentheses")]
    Character,
    /// E.164 allows 15 digits; below 8 no country has a mobile number.
    #[error("must have 8 to 15 digits with the country code")]
    Length,
    /// No country code begins with 0.
    #[error("must begin with the country code, not with 0")]
    CountryCode,
}

impl Phone {
    /// Reads a number in the spellings people use: `+502 1234-5678`, `00502…`, `(502) 1234.5678`,
    /// also with the invisible marks that a copy from a contact card brings along.
    ///
    /// # Errors
    /// [`PhoneError`] says what is wrong; the input is not repeated.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        let trimmed = visible.trim();
        let (international, rest) = match trimmed.split_once('+') {
            Some((before, rest)) if before.chars().all(is_separator) => (true, rest),
            _ => (false, trimmed),
        };
        // "+44 (0)20 …": the zero in parentheses is for callers within the country only.
        let rest = rest.replace("(0)", "");
        let mut digits = String::with_capacity(15);
        for character in rest.chars() {
            match character {
                '0'..='9' => digits.push(character),
                c if is_separator(c) => {}
                _ => return Err(PhoneError::Character),
            }
        }
        if !international && digits.starts_with("00") {
            digits.drain(..2);
        }
        match digits.len() {
            0 => Err(PhoneError::Empty),
            8..=15 if digits.starts_with('0') => Err(PhoneError::CountryCode),
            8..=15 => Ok(Self(digits)),
            _ => Err(PhoneError::Length),
        }
    }

    /// The digits without a plus sign, like `50212345678`.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The number with a plus sign, like `+50212345678`.
    #[must_use]
    pub fn e164(&self) -> String {
        format!("+{}", self.0)
    }
}

fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{202f}')
        || ('\u{2010}'..='\u{2014}').contains(&character)
}

/// Zero-width and text-direction marks.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> String {
        phone.0
    }
}

/// Only the last two digits: enough to tell two apart while reading a log, not to call anybody.
impl fmt::Debug for Phone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default();
        write!(formatter, "Phone(…{tail})")
    }
}

/// A business-scoped user id: `CC.` and up to 128 letters and digits, or `CC.ENT.…` for linked
/// portfolios (facts: meta.md 5). Read more widely than that: a customer whose id has a form not yet
/// known is still a customer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bsuid(String);

/// A text is not a business-scoped user id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a user id of 1 to 200 visible ASCII characters, like US.13491208655302741918")]
pub struct BsuidError;

impl Bsuid {
    /// Reads an id as the provider spells it.
    ///
    /// # Errors
    /// [`BsuidError`] when it has another form.
    pub fn parse(text: &str) -> Result<Self, BsuidError> {
        let fits = (1..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(BsuidError) }
    }

    /// Reads a text that may also be a phone number: only one with the form of a user id is read as one,
    /// which is a country code, a dot, and letters, digits or further dots.
    #[must_use]
    pub fn of_form(text: &str) -> Option<Self> {
        let (country, id) = text.split_once('.')?;
        let known = country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        if known && !id.is_empty() { Self::parse(text).ok() } else { None }
    }

    /// Whether it is a parent id, which a customer has for all linked portfolios together: `CC.ENT.…`.
    #[must_use]
    pub fn is_parent(&self) -> bool {
        self.0.split('.').nth(1) == Some("ENT")
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Bsuid {
    type Error = BsuidError;

    fn try_from(text: String) -> Result<Self, BsuidError> {
        Self::parse(&text)
    }
}

impl From<Bsuid> for String {
    fn from(id: Bsuid) -> String {
        id.0
    }
}

impl fmt::Debug for Bsuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default();
        write!(formatter, "Bsuid(…{tail})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_people_use_is_the_same_number() {
        for text in [
            "+50212345678",
            "50212345678",
            "+502 1234-5678",
            " (502) 1234.5678 ",
            "00502 1234 5678",
            "\u{202a}+502\u{a0}1234\u{2011}5678\u{202c}",
            "502/12345678",
            "+502 (0)1234-5678",
            "(+502) 1234-5678",
        ] {
            assert_eq!(Phone::parse(text).map(String::from), Ok("50212345678".to_owned()), "{text}");
        }
    }

    #[test]
    fn an_invalid_number_is_rejected_with_its_reason() {
        for (text, reason) in [
            ("", PhoneError::Empty),
            (" + ", PhoneError::Empty),
            ("call me", PhoneError::Character),
            ("502+12345678", PhoneError::Character),
            ("٥٠٢١٢٣٤٥٦٧٨", PhoneError::Character),
            ("+5021234", PhoneError::Length),
            ("+1234567890123456", PhoneError::Length),
            ("0123456789", PhoneError::CountryCode),
            ("+0050212345678", PhoneError::CountryCode),
        ] {
            assert_eq!(Phone::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn a_log_never_shows_a_whole_number() {
        assert_eq!(format!("{:?}", Phone("50212345678".to_owned())), "Phone(…78)");
    }

    #[test]
    fn a_user_id_is_short_and_visible() {
        assert!(Bsuid::parse("US.13491208655302741918").is_ok());
        assert!(Bsuid::parse("DE.ENT.506d6f7265").is_ok());
        for bad in ["", "US 1", "ÜS.1", "US.\n", &"1".repeat(201)] {
            assert_eq!(Bsuid::parse(bad), Err(BsuidError), "{bad}");
        }
    }

    #[test]
    fn a_user_id_differs_from_a_number_by_its_form() {
        assert!(Bsuid::of_form("GT.1").is_some_and(|id| !id.is_parent()));
        assert!(Bsuid::of_form("DE.ENT.506d6f7265").is_some_and(|id| id.is_parent()));
        for bad in ["", "GT.", "gt.1", "G.1", "GTM.1", "GT.1 2", "50212345678", "call.me", "GT1"] {
            assert_eq!(Bsuid::of_form(bad), None, "{bad}");
        }
    }
}
