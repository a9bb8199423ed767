//! The files below `tests/snapshots/`: compared with the current bytes, or rewritten.

use std::{fmt::Write as _, fs, path::PathBuf};

use crate::harness::root;

/// The variable that has the files written instead of compared.
const VARIABLE: &str = "VENTANILLA_SNAPSHOTS";

/// Most differing lines that are shown.
const MOST_SHOWN: usize = 40;

/// Longest part of a line that is shown.
const WIDTH: usize = 300;

fn path(name: &str) -> PathBuf {
    root().join("tests/snapshots").join(format!("{name}.txt"))
}

/// What is kept under a name.
pub(super) fn kept(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; {VARIABLE}=write writes it", path.display()))
}

/// Whether all of this is as it is kept.
pub(super) fn is_kept(all: &[(&str, String)]) -> bool {
    std::env::var_os(VARIABLE).is_none() && all.iter().all(|(name, seen)| kept(name) == *seen)
}

/// Compares what was seen with what is kept, each under its name, or keeps it.
pub(super) fn check(all: &[(&str, String)]) {
    let mut differing = String::new();
    for (name, seen) in all {
        if std::env::var_os(VARIABLE).is_some_and(|value| value == "write") {
            fs::write(path(name), seen).unwrap();
            continue;
        }
        let kept = kept(name);
        if kept != *seen {
            writeln!(differing, "tests/snapshots/{name}.txt\n{}", differences(&kept, seen)).unwrap();
        }
    }
    assert!(
        differing.is_empty(),
        "- is kept, + was seen:\n{differing}\nIf this is meant, run the test with {VARIABLE}=write, read the difference in \
         git and commit it."
    );
}

/// The lines that only one of two texts has at its place, with the entry that each is of.
fn differences(kept: &str, seen: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), seen.lines().collect());
    let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let tail = before[same..].iter().rev().zip(after[same..].iter().rev());
    let same_end = tail.take_while(|(one, other)| one == other).count();
    let entry = before[..same].iter().rev().find(|line| !line.starts_with(' ')).unwrap_or(&"");
    let mut text = format!("  line {}, below {entry:?}\n", same + 1);
    for (mark, lines) in
        [("-", &before[same..before.len() - same_end]), ("+", &after[same..after.len() - same_end])]
    {
        for line in lines.iter().take(MOST_SHOWN) {
            writeln!(text, "  {mark} {}", line.chars().take(WIDTH).collect::<String>()).unwrap();
        }
        if let Some(more) = lines.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
            writeln!(text, "  {mark} … and {more} more lines").unwrap();
        }
    }
    text
}

#[test]
fn a_difference_shows_its_lines_and_its_entry() {
    let shown = differences("one\n  a 1\n  b 2\ntwo\n", "one\n  a 1\n  c 2\ntwo\n");
    assert_eq!(shown, "  line 3, below \"one\"\n  -   b 2\n  +   c 2\n");
}
