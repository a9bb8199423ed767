//! What files are called.

/// Longest file name that is kept, in characters (facts: kaleyra.md 6).
pub const NAME_LIMIT: usize = 255;

/// What can be a file's name: without the characters that path and header would read otherwise, and not too long.
/// None for what nothing is left of.
#[must_use]
pub fn harmless_name(given: &str) -> Option<String> {
    let harmful = |letter: char| letter.is_control() || r#"\/<>:"|?*@%"#.contains(letter);
    let name: String = given.chars().map(|letter| if harmful(letter) { '_' } else { letter }).collect();
    let name: String = name.trim().trim_start_matches('.').chars().take(NAME_LIMIT).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_harmless_in_paths_and_headers() {
        assert_eq!(harmless_name("bill.pdf").as_deref(), Some("bill.pdf"));
        assert_eq!(harmless_name("../../etc/passwd").as_deref(), Some("_.._etc_passwd"));
        assert_eq!(harmless_name("a\"b\r\n.pdf").as_deref(), Some("a_b__.pdf"));
        assert_eq!(harmless_name(" . "), None);
    }
}
