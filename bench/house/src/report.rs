//! A measure, and how it is printed.

use std::{fmt::Write, iter};

/// The result of one count.
pub struct Measure {
    /// The name of the measure.
    pub name: &'static str,
    /// The value, as text.
    pub value: String,
    /// The target; `None` where there is none.
    pub aim: Option<&'static str>,
    /// How it is counted.
    pub how: &'static str,
    /// What was counted, one by one.
    pub list: Vec<String>,
}

/// All measures as a table, with what was counted where `list` says so.
#[must_use]
pub fn table(measures: &[Measure], list: bool) -> String {
    let wide = |of: &dyn Fn(&Measure) -> usize| measures.iter().map(of).max().unwrap_or_default();
    let name = wide(&|measure| measure.name.chars().count());
    let value = wide(&|measure| measure.value.chars().count());
    let mut out = String::new();
    for measure in measures {
        let aim = measure.aim.unwrap_or("-");
        _ = writeln!(out, "{:name$}  {:>value$}  aim {aim}", measure.name, measure.value);
        for line in wrapped(measure.how, 100) {
            _ = writeln!(out, "    {line}");
        }
        for line in measure.list.iter().filter(|_| list) {
            _ = writeln!(out, "      - {line}");
        }
    }
    out
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + word.len() < width => line.extend([" ", word]),
            _ => lines.extend(iter::once(word.to_owned())),
        }
    }
    lines
}

/// The number in the middle, and that below which nine of ten are.
#[must_use]
pub fn middle_and_most(mut numbers: Vec<usize>) -> (usize, usize) {
    numbers.sort_unstable();
    let at = |place: usize| numbers.get(place).copied().unwrap_or_default();
    (at(numbers.len() / 2), at(numbers.len() * 9 / 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_explains_and_lists_on_demand() {
        let measure = Measure {
            name: "files",
            value: "3".to_owned(),
            aim: Some("<= 4"),
            how: "Each file once.",
            list: vec!["a.rs".to_owned()],
        };
        assert_eq!(table(&[measure], true), "files  3  aim <= 4\n    Each file once.\n      - a.rs\n");
    }

    #[test]
    fn the_middle_and_what_most_are_below() {
        assert_eq!(middle_and_most(vec![5, 1, 3, 2, 4, 6, 7, 8, 9, 10]), (6, 10));
        assert_eq!(middle_and_most(Vec::new()), (0, 0));
    }
}
