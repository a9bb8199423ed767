//! What Meta remembers about the templates of an account: their creations, and the names it blocks.

use std::collections::HashMap;

/// An hour, in seconds.
const HOUR: i64 = 60 * 60;

/// How long the name of a deleted template stays blocked, in seconds (facts: template-rules.md 2).
const BLOCKED_FOR: i64 = 30 * 24 * HOUR;

/// The history of all accounts.
#[derive(Debug, Default)]
pub(crate) struct TemplateHistory {
    /// When an account created templates, in Unix seconds.
    creations: HashMap<String, Vec<i64>>,
    /// Until when an account cannot use a name in a language, in Unix seconds.
    blocked: HashMap<(String, String, String), i64>,
}

impl TemplateHistory {
    /// Counts one more creation, unless there were `limit` within the last hour; `false` if there were.
    pub(crate) fn try_create(&mut self, account: &str, limit: usize, now: i64) -> bool {
        let creations = self.creations.entry(account.to_owned()).or_default();
        creations.retain(|at| now - at < HOUR);
        let may = creations.len() < limit;
        if may {
            creations.push(now);
        }
        may
    }

    /// Blocks the name of a deleted template in its language.
    pub(crate) fn block(&mut self, account: &str, name: &str, language: &str, now: i64) {
        self.blocked.insert(key(account, name, language), now + BLOCKED_FOR);
    }

    /// Whether the name is blocked in this language.
    pub(crate) fn is_blocked(&self, account: &str, name: &str, language: &str, now: i64) -> bool {
        self.blocked.get(&key(account, name, language)).is_some_and(|until| now < *until)
    }
}

fn key(account: &str, name: &str, language: &str) -> (String, String, String) {
    (account.to_owned(), name.to_owned(), language.to_owned())
}

#[cfg(test)]
mod tests {
    use super::TemplateHistory;

    #[test]
    fn creations_count_for_an_hour_and_by_account() {
        let mut history = TemplateHistory::default();
        assert!(history.try_create("1", 2, 1000) && history.try_create("1", 2, 1001));
        assert!(!history.try_create("1", 2, 4599));
        assert!(history.try_create("2", 2, 4599));
        assert!(history.try_create("1", 2, 4600), "the first is an hour old");
        assert!(!history.try_create("1", 2, 4600));
    }

    #[test]
    fn a_name_is_blocked_for_thirty_days_in_its_language() {
        let mut history = TemplateHistory::default();
        history.block("1", "visit", "es", 0);
        assert!(history.is_blocked("1", "visit", "es", 2_591_999));
        assert!(!history.is_blocked("1", "visit", "es", 2_592_000));
        assert!(!history.is_blocked("1", "visit", "en", 0) && !history.is_blocked("2", "visit", "es", 0));
    }
}
