//! What became of a message: write-once facts from callbacks, and the state shown for them.

use serde::{Deserialize, Serialize};

use super::{rejection::ProviderCode, time::Timestamp};

/// Meta's code for "more than 24 hours since the customer's last message" (facts: meta.md 3.3).
const WINDOW_CLOSED: ProviderCode = ProviderCode::Number(131_047);

/// The delivery states that a provider reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// Left the provider.
    Sent,
    /// Reached a device.
    Delivered,
    /// Was opened.
    Read,
    /// A voice message was played.
    Played,
    /// Will not arrive.
    Failed,
}

impl FactKind {
    /// The state that a provider's word stands for; `None` for words not yet known to us.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "sent" => Some(Self::Sent),
            "delivered" => Some(Self::Delivered),
            "read" => Some(Self::Read),
            "played" => Some(Self::Played),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }
}

/// One reported state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// The provider's error code, for failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ProviderCode>,
    /// The provider's error text, for failures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it costs, where the provider told it with this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

/// What a message costs, in the provider's own words; Meta tells no amounts, Kaleyra's V1 nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Price {
    /// What it counts as: `regular`, `free_customer_service` …
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Of which rate: `marketing`, `utility`, `service` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How it is reckoned: `PMP`, per message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether it is charged; will not be told any more some day (facts: meta.md 4.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    /// How much, in whatever currency the account has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
}

impl Fact {
    /// A fact without error or price.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self { at, error_code: None, error: None, price: None }
    }
}

/// All that was reported about one message. Each state is kept once: the smallest report of it
/// (by time, then by content) wins, so neither order nor repetition of callbacks can matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Left the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Fact>,
    /// Reached a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Fact>,
    /// Was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Fact>,
    /// A voice message was played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub played: Option<Fact>,
    /// Will not arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Fact>,
}

/// Whether a report changed what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// It told something new.
    New,
    /// It was known.
    Known,
}

impl Facts {
    /// Adds a report.
    pub fn note(&mut self, kind: FactKind, fact: Fact) -> Noted {
        let place = match kind {
            FactKind::Sent => &mut self.sent,
            FactKind::Delivered => &mut self.delivered,
            FactKind::Read => &mut self.read,
            FactKind::Played => &mut self.played,
            FactKind::Failed => &mut self.failed,
        };
        if place.as_ref().is_some_and(|known| *known <= fact) {
            return Noted::Known;
        }
        *place = Some(fact);
        Noted::New
    }

    /// Adds every report of `other`; gives the states that were not known.
    pub fn join(&mut self, other: &Self) -> Vec<FactKind> {
        let all = [
            (FactKind::Sent, &other.sent),
            (FactKind::Delivered, &other.delivered),
            (FactKind::Read, &other.read),
            (FactKind::Played, &other.played),
            (FactKind::Failed, &other.failed),
        ];
        let reported = all.into_iter().filter_map(|(kind, fact)| Some((kind, fact.clone()?)));
        reported
            .filter(|(kind, fact)| self.note(*kind, fact.clone()) == Noted::New)
            .map(|(kind, _)| kind)
            .collect()
    }

    /// Whether the provider says that the 24-hour window was closed for the message.
    #[must_use]
    pub fn window_was_closed(&self) -> bool {
        self.failed.as_ref().is_some_and(|fact| fact.error_code.as_ref() == Some(&WINDOW_CLOSED))
    }

    /// Whether anything was reported at all: proof that the provider took the message.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What we know of our own attempt to hand a message to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// The provider took it.
    Accepted,
    /// It may or may not have; a callback can still tell.
    Unknown,
    /// It may or may not have, and nothing was heard within the grace time. A person decides.
    Unresolved,
    /// The provider refused after all.
    Rejected,
}

/// The one word shown for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Came from the customer.
    Received,
    /// In doubt.
    Unknown,
    /// In doubt for longer than the grace time.
    Unresolved,
    /// The provider took it.
    Accepted,
    /// It left the provider.
    Sent,
    /// It will not arrive.
    Failed,
    /// It reached a device.
    Delivered,
    /// It was opened.
    Read,
    /// It was played.
    Played,
}

/// The state to show: played > read > delivered > failed > sent > what we know ourselves.
#[must_use]
pub fn shown(handover: Handover, facts: &Facts) -> Shown {
    if facts.played.is_some() {
        Shown::Played
    } else if facts.read.is_some() {
        Shown::Read
    } else if facts.delivered.is_some() {
        Shown::Delivered
    } else if facts.failed.is_some() {
        Shown::Failed
    } else if facts.sent.is_some() {
        Shown::Sent
    } else {
        match handover {
            Handover::Accepted => Shown::Accepted,
            Handover::Unknown => Shown::Unknown,
            Handover::Unresolved => Shown::Unresolved,
            Handover::Rejected => Shown::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(at: i64) -> Fact {
        Fact::at(Timestamp::from_millis(at))
    }

    #[test]
    fn a_repeated_report_is_known_and_an_earlier_one_wins() {
        let mut facts = Facts::default();
        assert_eq!(facts.note(FactKind::Delivered, fact(20)), Noted::New);
        assert_eq!(facts.note(FactKind::Delivered, fact(20)), Noted::Known);
        assert_eq!(facts.note(FactKind::Delivered, fact(30)), Noted::Known);
        assert_eq!(facts.note(FactKind::Delivered, fact(10)), Noted::New);
        assert_eq!(facts.delivered, Some(fact(10)));
    }

    #[test]
    fn delivered_after_failed_shows_delivered_and_read_never_falls_back() {
        let mut facts = Facts::default();
        facts.note(FactKind::Failed, fact(5));
        assert_eq!(shown(Handover::Accepted, &facts), Shown::Failed);
        facts.note(FactKind::Delivered, fact(9));
        assert_eq!(shown(Handover::Accepted, &facts), Shown::Delivered);
        facts.note(FactKind::Read, fact(10));
        facts.note(FactKind::Sent, fact(11));
        assert_eq!(shown(Handover::Unknown, &facts), Shown::Read);
    }
}
