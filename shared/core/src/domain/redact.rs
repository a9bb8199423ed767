//! Redaction: a provider's texts, made fit to be stored, returned and logged.

/// Longest text that is stored, in characters.
pub const LONGEST: usize = 500;

/// How much of a longer text is scanned, in characters.
const LOOKED_THROUGH: usize = 4 * LONGEST;

/// Fewest digits of a phone number: below that no country has one.
const FEWEST_DIGITS: usize = 8;

/// Shortest text that may be a token or a secret, in characters.
const SHORTEST_TOKEN: usize = 24;

/// A provider's text, redacted: of whatever may be a phone number only the last two digits are left, as in
/// logs (`…78`), of whatever may be a token nothing (`…`). Longer ids are redacted the same way; error codes
/// stay. At most [`LONGEST`] characters.
#[must_use]
pub fn redacted(text: &str) -> String {
    let text: String = text.chars().take(LOOKED_THROUGH).collect();
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let (kept, length) = piece(rest).unwrap_or_else(|| (first.to_string(), first.len_utf8()));
        clean.push_str(&kept);
        rest = rest.get(length..).unwrap_or_default();
    }
    clean.chars().take(LONGEST).collect()
}

/// The redacted form of the number or word at the start of a text, and its length in the text; `None` where
/// it starts with neither.
fn piece(text: &str) -> Option<(String, usize)> {
    let word = text.find(|it: char| !is_of_token(it)).unwrap_or(text.len());
    if looks_secret(text.get(..word)?) {
        return Some(("…".to_owned(), word));
    }
    let number = number_length(text);
    if number > 0 {
        let digits: String = text.get(..number)?.chars().filter(char::is_ascii_digit).collect();
        let last = digits.get(digits.len().saturating_sub(2)..)?;
        return Some((format!("…{last}"), number));
    }
    // Anything else is copied as a whole, up to the digits that may start a number.
    let plain = text.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(text.len());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let passed = plain.max(digits);
    (passed > 0).then(|| (text.get(..passed).unwrap_or_default().to_owned(), passed))
}

fn is_of_token(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '=' | '+' | '/')
}

/// Whether a word may be a token or a secret: the prefix of Meta's tokens, hexadecimal digits, or letters of
/// both cases mixed with digits. Names of templates are all in lower case.
fn looks_secret(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
    let letters = has(u8::is_ascii_alphabetic);
    let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let hex = letters && has(u8::is_ascii_digit) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    (word.starts_with("EAA") && word.len() > 8) || (word.len() >= SHORTEST_TOKEN && (mixed || hex))
}

/// The length of the phone number at the start of a text; 0 where there is none. Spaces and parentheses
/// belong to a number only after a plus sign, or any two figures would be one; a date is none.
fn number_length(text: &str) -> usize {
    let international = text.starts_with('+');
    let (mut digits, mut length) = (0, 0);
    for (at, it) in text.char_indices() {
        match it {
            '0'..='9' => {
                digits += 1;
                length = at + 1;
            }
            '+' if at == 0 => {}
            '-' | '.' if digits > 0 => {}
            ' ' | '(' | ')' | '\u{a0}' if international => {}
            _ => break,
        }
    }
    let number = text.get(..length).unwrap_or_default();
    if digits < FEWEST_DIGITS || is_date(number) { 0 } else { length }
}

/// Whether it is a date like `2026-03-03`.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == (at == 4 || at == 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_any_spelling_is_redacted_to_two_digits() {
        for (text, left) in [
            ("to 50212345678: no", "to …78: no"),
            ("(+502 1234-5678)", "(…78)"),
            ("+1 (415) 555-0123.", "…23."),
            ("from=502-1234-5678", "from=…78"),
            ("US.13491208655302741918", "US.…18"),
            ("wa_id50212345678x", "wa_id…78x"),
        ] {
            assert_eq!(redacted(text), left);
        }
    }

    #[test]
    fn a_token_is_redacted_completely() {
        for text in [
            "EAAGm0PX4ZCpsBA",
            "EAAGm0PX4ZCpsBAKZC1",
            "vk_ZGVtby1rZXktZm9yLXRoaXMtbWFjaGluZS1vbmx5ISE",
            "wamid.HBgLNTAyMTIzNDU2NzgVAgARGBI5",
            "0123456789abcdef0123456789abcdef",
        ] {
            let clean = redacted(&format!("token '{text}' ended"));
            assert!(clean.ends_with("…' ended") && clean.len() < 30, "{text}: {clean}");
        }
    }

    #[test]
    fn useful_text_stays_and_the_length_is_bounded() {
        for text in [
            "(131047) Message failed to send because more than 24 hours have passed",
            "(#132001) Template name does not exist: order_confirmation_2024_spanish_version_2 (es_MX)",
            "Session expired on 2026-03-03 at 10:30",
            "Object with ID '1234567' does not exist, v26.0",
            "número inválido → ¡revise!",
            "",
        ] {
            assert_eq!(redacted(text), text);
        }
        assert_eq!(redacted(&"ñ".repeat(9_000)).chars().count(), LONGEST);
        assert_eq!(redacted(&"1".repeat(9_000)), "…11");
    }

    #[test]
    fn a_number_that_the_bound_would_cut_is_not_left_in_part() {
        let text = format!("{}50212345678", "x".repeat(LONGEST - 6));
        assert!(!redacted(&text).contains("502"), "{}", redacted(&text));
    }
}
