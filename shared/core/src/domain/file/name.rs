//! File names that are safe in paths and headers.

use super::MimeType;

/// Longest file name that is stored, in characters (facts: kaleyra.md 6).
pub const NAME_LIMIT: usize = 255;

/// The file name of a document that has none.
#[must_use]
pub fn document_name(mime: &MimeType) -> String {
    format!("document.{}", mime.extension().unwrap_or("bin"))
}

/// The given name without the characters that are special in paths and headers, and at most [`NAME_LIMIT`]
/// long. `None` when nothing is left.
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
    fn a_document_without_a_name_ends_as_its_type_does() {
        let named = |mime: &str| document_name(&MimeType::parse(mime).unwrap());
        assert_eq!(
            (named("application/pdf").as_str(), named("video/quicktime").as_str()),
            ("document.pdf", "document.mov")
        );
        assert_eq!(document_name(&MimeType::unknown()), "document.bin");
    }

    #[test]
    fn a_name_is_harmless_in_paths_and_headers() {
        assert_eq!(harmless_name("bill.pdf").as_deref(), Some("bill.pdf"));
        assert_eq!(harmless_name("../../etc/passwd").as_deref(), Some("_.._etc_passwd"));
        assert_eq!(harmless_name("a\"b\r\n.pdf").as_deref(), Some("a_b__.pdf"));
        assert_eq!(harmless_name(" . "), None);
    }
}
