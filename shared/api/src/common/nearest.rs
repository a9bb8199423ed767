//! The known name that is most similar to an unknown one.

use super::names::letters;

/// The known name that is most similar to this one; `None` if all are too different. Case, `-` and `_` make
/// no difference. A known name that begins with it has precedence.
#[must_use]
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = compared(name);
    let like = known.iter().map(|known| {
        let letters = compared(known);
        let begun = name.len() >= BEGINNING && letters.starts_with(&name);
        (!begun, distance(&name, &letters), *known)
    });
    let (differs, edits, best) = like.min_by_key(|(differs, edits, _)| (*differs, *edits))?;
    let longest = name.len().max(best.len());
    (!differs || edits * 2 <= longest).then_some(best)
}

/// Fewest letters for a prefix match.
const BEGINNING: usize = 3;

/// Longest name that is compared, in letters: the time grows with the product of both lengths.
const LONGEST: usize = 64;

fn compared(name: &str) -> Vec<char> {
    letters(name).take(LONGEST).collect()
}

/// The edit distance of two names (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut left = at + 1;
        let mut next = vec![left];
        for ((above_left, above), theirs) in row.iter().zip(row.iter().skip(1)).zip(other) {
            let replaced = above_left + usize::from(letter != theirs);
            left = replaced.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_known_and_something_else_is_not() {
        let known = ["channel_id", "phone", "unread", "user_id"];
        for (name, best) in [
            ("phon", Some("phone")),
            ("Phone", Some("phone")),
            ("phnoe", Some("phone")),
            ("channelId", Some("channel_id")),
            ("chanel-id", Some("channel_id")),
            ("userid", Some("user_id")),
            ("unreed", Some("unread")),
            ("user", Some("user_id")),
            ("chan", Some("channel_id")),
            ("state", None),
            ("q", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &known), best, "{name}");
        }
        assert_eq!(nearest("mime", &["mime_type", "size"]), Some("mime_type"));
        assert_eq!(nearest("phone", &[]), None);
        assert_eq!(nearest(&"x".repeat(100_000), &known), None);
    }
}
