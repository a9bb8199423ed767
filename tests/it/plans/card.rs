//! The report card: how many plans there were, and what was found.

use std::fmt;

use super::{
    judge::{Note, Verdict, Wrong},
    trouble::Trouble,
    way::Way,
};

/// What a number of plans came to.
#[derive(Default)]
pub(super) struct Card {
    pub(super) plans: usize,
    phantoms: usize,
    wrong: Vec<Wrong>,
    notes: Vec<Note>,
    /// The plans that something is wrong with, in full.
    pub(super) bad: Vec<String>,
}

impl Card {
    pub(super) fn add(&mut self, way: Way, plan: &[Trouble], verdict: &Verdict) {
        self.plans += 1;
        self.phantoms += verdict.phantoms;
        self.wrong.extend(&verdict.wrong);
        self.notes.extend(&verdict.notes);
        if !verdict.wrong.is_empty() {
            self.bad.push(format!("{way:?} with {plan:?}: {:?}", verdict.wrong));
        }
    }

    pub(super) fn count(&self, what: Wrong) -> usize {
        self.wrong.iter().filter(|wrong| **wrong == what).count()
    }

    pub(super) fn noted(&self, what: Note) -> usize {
        self.notes.iter().filter(|note| **note == what).count()
    }

    /// The first few of the plans that something is wrong with.
    pub(super) fn worst(&self) -> String {
        self.bad.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Card {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} plans ({} with a trouble that met nothing): {} duplicates, {} silent losses, {} ghosts, \
             {} denied, {} stuck, {} misled, {} hidden; {} flagged unknown ({} of them never sent), \
             {} sent again as allowed, {} reported failed by a provider that took them and never spoke \
             again, {} phantom conflicts handled",
            self.plans,
            self.noted(Note::Unmet),
            self.count(Wrong::Duplicate),
            self.count(Wrong::SilentLoss),
            self.count(Wrong::Ghost),
            self.count(Wrong::Denied),
            self.count(Wrong::Stuck),
            self.count(Wrong::Misled),
            self.count(Wrong::Hidden),
            self.noted(Note::Flagged),
            self.noted(Note::Unsent),
            self.noted(Note::Repeated),
            self.noted(Note::LiedTo),
            self.phantoms,
        )
    }
}
