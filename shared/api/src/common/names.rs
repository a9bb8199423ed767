//! Names that callers give: comparing and repeating them.

/// Longest name that is repeated to the caller, in characters.
pub(super) const LONGEST_NAME: usize = 64;

/// A name as it was given, shortened for an error text.
#[must_use]
pub fn shown(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect()
}

/// Whether both names are the same except for case, `_` and `-`.
#[must_use]
pub fn is_spelling_of(name: &str, known: &str) -> bool {
    letters(name).eq(letters(known))
}

/// The characters by which names are compared: case, `_` and `-` make no difference.
pub(super) fn letters(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-'));
    letters.map(|letter| letter.to_ascii_lowercase())
}
