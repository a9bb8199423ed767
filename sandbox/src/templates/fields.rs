//! The fields of a template that a call requests.

use super::{DEFAULT_FIELDS, OTHER_FIELDS};
use crate::outbound::MetaError;

/// The fields that Meta documents and that no template of the sandbox has (facts: meta.md 6).
const ABSENT_FIELDS: [&str; 7] = [
    "previous_category",
    "correct_category",
    "sub_category",
    "library_template_name",
    "cta_url_link_tracking_opted_out",
    "degrees_of_freedom_spec",
    "rejection_info",
];

/// The names in a list such as `name,quality_score{score}`. Rejects unknown ones, as the Graph API does.
pub(crate) fn field_names(fields: &str) -> Result<Vec<&str>, MetaError> {
    let mut names = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (place, character) in fields.char_indices() {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                names.extend(fields.get(start..place).map(bare));
                start = place + 1;
            }
            _ => {}
        }
    }
    names.extend(fields.get(start..).map(bare));
    let is_known = |name: &&&str| {
        DEFAULT_FIELDS.contains(name) || OTHER_FIELDS.contains(name) || ABSENT_FIELDS.contains(name)
    };
    match names.iter().find(|name| !is_known(name)) {
        Some(unknown) => Err(MetaError::malformed(format!(
            "Tried accessing nonexisting field ({unknown}) on node type (WhatsAppMessageTemplate)"
        ))),
        None => Ok(names),
    }
}

/// A name without the fields that are requested of it.
fn bare(field: &str) -> &str {
    field.split(['{', '.', '(']).next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::field_names;

    #[test]
    fn names_are_read_without_their_subfields() {
        let names = field_names("name, quality_score{score,date},status");
        assert_eq!(names, Ok(vec!["name", "quality_score", "status"]));
        let error = field_names("name,colour").err();
        assert!(error.is_some_and(|error| error.details.contains("nonexisting field (colour)")));
    }
}
