//! Names that callers give: how they are compared, and how they are repeated.

/// Longest name that is repeated to the caller, in characters.
pub(super) const LONGEST_NAME: usize = 64;

/// A name as it was given, as far as it is repeated.
#[must_use]
pub fn shown(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect()
}

/// Whether both are the same name but for case, `_` and `-`.
#[must_use]
pub fn is_spelling_of(name: &str, known: &str) -> bool {
    letters(name).eq(letters(known))
}

/// What names are compared by: case, `_` and `-` make no difference.
pub(super) fn letters(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-'));
    letters.map(|letter| letter.to_ascii_lowercase())
}
