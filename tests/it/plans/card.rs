//! The report card: how many plans there were, and what was found.

use std::fmt;

use super::{
    judge::{Verdict, Wrong},
    trouble::Trouble,
    way::Way,
};

/// What a number of plans came to.
#[derive(Default)]
pub(super) struct Card {
    pub(super) plans: usize,
    pub(super) flagged: usize,
    pub(super) unsent: usize,
    pub(super) repeated: usize,
    pub(super) lied_to: usize,
    pub(super) unmet: usize,
    pub(super) phantoms: usize,
    wrong: Vec<Wrong>,
    /// The plans that something is wrong with, in full.
    pub(super) bad: Vec<String>,
}

impl Card {
    pub(super) fn add(&mut self, way: Way, plan: &[Trouble], verdict: &Verdict) {
        self.plans += 1;
        self.flagged += usize::from(verdict.flagged);
        self.unsent += usize::from(verdict.unsent);
        self.repeated += usize::from(verdict.repeated);
        self.lied_to += usize::from(verdict.lied_to);
        self.unmet += usize::from(verdict.unmet);
        self.phantoms += verdict.phantoms;
        self.wrong.extend(&verdict.wrong);
        if !verdict.wrong.is_empty() {
            self.bad.push(format!("{way:?} with {plan:?}: {:?}", verdict.wrong));
        }
    }

    pub(super) fn count(&self, what: Wrong) -> usize {
        self.wrong.iter().filter(|wrong| **wrong == what).count()
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
            self.unmet,
            self.count(Wrong::Duplicate),
            self.count(Wrong::SilentLoss),
            self.count(Wrong::Ghost),
            self.count(Wrong::Denied),
            self.count(Wrong::Stuck),
            self.count(Wrong::Misled),
            self.count(Wrong::Hidden),
            self.flagged,
            self.unsent,
            self.repeated,
            self.lied_to,
            self.phantoms,
        )
    }
}
