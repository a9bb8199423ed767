//! National spellings: in three countries WhatsApp and people write the same number in two ways (facts:
//! meta.md 2.1). Both spellings mean one customer.
//!
//! | country | shorter | longer |
//! | --- | --- | --- |
//! | Brazil | `55 DD XXXXXXXX` | `55 DD 9 XXXXXXXX` |
//! | Mexico | `52 XXXXXXXXXX` | `52 1 XXXXXXXXXX` |
//! | Argentina | `54 XXXXXXXXXX` | `54 9 XXXXXXXXXX` |

use super::Phone;

/// Digits of the shorter spelling, country code included. The longer one has one more.
const SHORTER: usize = 12;

/// A country whose numbers have an extra digit in one of their two spellings.
struct Country {
    code: &'static str,
    /// The digit that the longer spelling has.
    extra: char,
    /// The position of that digit.
    place: usize,
    /// Whether the shorter number has a longer spelling: landlines have none.
    has_two: fn(&str) -> bool,
}

const COUNTRIES: [Country; 3] = [
    Country { code: "55", extra: '9', place: 4, has_two: is_brazilian_mobile },
    Country { code: "52", extra: '1', place: 2, has_two: |_| true },
    Country { code: "54", extra: '9', place: 2, has_two: |_| true },
];

/// Area codes have no zero. What begins with 2, 3 or 4 after the area code is a landline, which the ninth digit
/// would make another number.
fn is_brazilian_mobile(shorter: &str) -> bool {
    let area = shorter.get(2..4).is_some_and(|area| !area.contains('0'));
    area && shorter.get(4..5).is_some_and(|first| !matches!(first, "2" | "3" | "4"))
}

impl Phone {
    /// The number in its other spelling; `None` where it has only one.
    #[must_use]
    pub fn other_spelling(&self) -> Option<Self> {
        let country = COUNTRIES.iter().find(|country| self.0.starts_with(country.code))?;
        let mut other = self.0.clone();
        let shorter = if self.0.len() == SHORTER {
            other.insert(country.place, country.extra);
            &self.0
        } else if self.0.len() == SHORTER + 1 && other.remove(country.place) == country.extra {
            &other
        } else {
            return None;
        };
        (country.has_two)(shorter).then_some(Self(other))
    }

    /// The canonical spelling of a number: the longer one.
    #[must_use]
    pub fn canonical(&self) -> Self {
        match self.other_spelling() {
            Some(other) if other.0.len() > self.0.len() => other,
            _ => self.clone(),
        }
    }

    /// Whether both are the same number, in any spelling.
    #[must_use]
    pub fn is_same_number(&self, other: &Self) -> bool {
        self == other || self.other_spelling().is_some_and(|spelling| spelling == *other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(digits: &str) -> Phone {
        Phone::parse(digits).unwrap()
    }

    #[test]
    fn a_number_has_two_spellings_in_three_countries() {
        for (shorter, longer) in [
            ("553155551111", "5531955551111"),
            ("553177771111", "5531977771111"),
            ("551112345678", "5511912345678"),
            ("525512345678", "5215512345678"),
            ("541123456789", "5491123456789"),
        ] {
            let (shorter, longer) = (phone(shorter), phone(longer));
            assert_eq!(shorter.other_spelling(), Some(longer.clone()), "{}", shorter.digits());
            assert_eq!(longer.other_spelling(), Some(shorter.clone()), "{}", longer.digits());
            assert!(shorter.is_same_number(&longer) && longer.is_same_number(&shorter));
            assert_eq!((shorter.canonical(), longer.canonical()), (longer.clone(), longer));
        }
    }

    #[test]
    fn other_numbers_have_one() {
        for digits in [
            "50212345678",    // Guatemala
            "553133334444",   // a landline of Brazil …
            "5531933334444",  // … and the mobile with the digit in front is somebody else
            "550155551111",   // no area code
            "5531855551111",  // no ninth digit
            "5255123456",     // too short
            "5225512345678",  // no 1
            "54111234567890", // too long
            "15550100001",
        ] {
            assert_eq!(phone(digits).other_spelling(), None, "{digits}");
            assert_eq!(phone(digits).canonical(), phone(digits));
        }
    }
}
