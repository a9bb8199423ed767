//! The known name that somebody meant who wrote an unknown one.

/// The known name that is nearest to one that is not, if any is near enough to be meant.
#[must_use]
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = plain(name);
    let far = (plain.len() / 3).max(1);
    let by_distance = known.iter().map(|it| (distance(&plain, &self::plain(it)), *it));
    by_distance
        .filter(|(distance, _)| *distance <= far)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// Without what differs between styles: `replyTo`, `reply-to` and `reply_to` are one.
fn plain(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-'));
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// How many letters must be added, left out or changed to make one of the other (Levenshtein).
fn distance(one: &[char], two: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (line, left) in one.iter().enumerate() {
        let mut next = vec![line + 1];
        for ((above, before), right) in row.iter().skip(1).zip(&row).zip(two) {
            let changed = before + usize::from(left != right);
            let last = next.last().copied().unwrap_or_default();
            next.push(changed.min(above + 1).min(last + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found_and_a_far_one_is_not() {
        let known = ["text", "template", "reply_to", "mime_type", "to"];
        for (name, meant) in [
            ("txt", Some("text")),
            ("Text", Some("text")),
            ("templates", Some("template")),
            ("tmeplate", Some("template")),
            ("replyTo", Some("reply_to")),
            ("mime-typ", Some("mime_type")),
            ("message", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &known), meant, "{name}");
        }
    }
}
