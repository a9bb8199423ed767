//! Delivery statuses of a message: write-once facts from webhooks, and the status shown for them.

use serde::{Deserialize, Serialize};

use super::{
    payment::{self, Payment},
    provider_error::ProviderError,
    rejection::ProviderCode,
    time::Timestamp,
    written::Written,
};

/// Meta's code for "more than 24 hours since the customer's last message" (facts: meta.md 3.3).
const WINDOW_CLOSED: ProviderCode = ProviderCode::Number(131_047);

/// The delivery states that a provider reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum FactKind {
    /// The provider sent it to WhatsApp's servers.
    Sent,
    /// It arrived on a device of the recipient.
    Delivered,
    /// The recipient opened it, and has read receipts switched on.
    Read,
    /// A voice message was played.
    Played,
    /// The provider reported that it will not arrive. It may still be contradicted by a later status.
    Failed,
}

impl FactKind {
    /// The status with this name at the provider; `None` for names that are not known to us.
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

/// One delivery status as the provider reported it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    /// When it happened, by the provider's clock.
    pub at: Timestamp,
    /// The code of the provider's first error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ProviderCode>,
    /// The text of the provider's first error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// All errors that the provider reported, where that is more than the two above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProviderError>,
    /// The price, where the provider reported it with this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

/// What a message costs, in the provider's own words; Meta reports no amounts, Kaleyra's V1 nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Price {
    /// When it was reported, by the provider's clock, where that is not the time of its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(rename = "told_at")]
    pub reported_at: Option<Timestamp>,
    /// The pricing type: `regular`, `free_customer_service` …
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The pricing category: `marketing`, `utility`, `service` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The pricing model: `PMP`, per message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether it is charged; Meta will stop reporting this (facts: meta.md 4.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    /// The amount, as a decimal in the account's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
}

impl Price {
    /// Whether no field is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Fact {
    /// A fact without error or price.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self { at, error_code: None, error: None, errors: Vec::new(), price: None }
    }

    /// The same fact with the provider's errors.
    #[must_use]
    pub fn with_errors(self, errors: Vec<ProviderError>) -> Self {
        let first = errors.first();
        let error_code = first.and_then(|it| it.code.clone());
        let error = first.and_then(ProviderError::explanation).map(str::to_owned);
        // What the two fields say already is not stored twice.
        let said = first.is_none_or(|it| it.title.is_none() && it.message.is_none() && it.href.is_none());
        let errors = if said && errors.len() < 2 { Vec::new() } else { errors };
        Self { error_code, error, errors, ..self }
    }

    /// All errors that the provider reported with it.
    #[must_use]
    pub fn all_errors(&self) -> Vec<ProviderError> {
        let first = ProviderError {
            code: self.error_code.clone(),
            details: self.error.clone(),
            ..ProviderError::default()
        };
        if self.errors.is_empty() && !first.is_empty() { vec![first] } else { self.errors.clone() }
    }

    /// Merges two reports of the same status: the earlier time, the fuller errors, and the price that was
    /// reported later. The order of the two does not matter.
    fn joined(self, other: Self) -> Self {
        let at = self.at.min(other.at);
        let price = self.priced().max(other.priced()).map(|(reported_at, price)| {
            let reported_at = Some(reported_at).filter(|reported_at| *reported_at != at);
            Price { reported_at, ..price }
        });
        let said = |it: &Self| {
            let content = (it.error_code.clone(), it.error.clone(), it.errors.clone());
            (it.all_errors().len(), std::cmp::Reverse(content))
        };
        let detailed = if said(&self) >= said(&other) { self } else { other };
        Self { at, price, ..detailed }
    }

    /// Its price, with the time of its report.
    fn priced(&self) -> Option<(Timestamp, Price)> {
        let price = self.price.clone()?;
        Some((price.reported_at.unwrap_or(self.at), Price { reported_at: None, ..price }))
    }

    /// Whether one of its errors has this code.
    #[must_use]
    pub fn has_error(&self, code: &ProviderCode) -> bool {
        self.all_errors().iter().any(|error| error.code.as_ref() == Some(code))
    }
}

/// All that was reported about one message. Each status is stored once, merged from all its reports, so
/// neither order nor repetition of webhooks matters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The message left the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Fact>,
    /// The message reached a device of the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Fact>,
    /// The recipient opened the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Fact>,
    /// A voice message was played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub played: Option<Fact>,
    /// The message will not be delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Fact>,
    /// Payments for its order: they say nothing about its delivery.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
}

impl Facts {
    /// Merges one report of a status into these facts.
    pub fn merge_report(&mut self, kind: FactKind, fact: Fact) -> Written {
        let place = match kind {
            FactKind::Sent => &mut self.sent,
            FactKind::Delivered => &mut self.delivered,
            FactKind::Read => &mut self.read,
            FactKind::Played => &mut self.played,
            FactKind::Failed => &mut self.failed,
        };
        let joined = match place.clone() {
            Some(known) => known.joined(fact),
            None => fact,
        };
        if place.as_ref() == Some(&joined) {
            return Written::Unchanged;
        }
        *place = Some(joined);
        Written::New
    }

    /// Adds a report of a payment.
    pub fn merge_payment(&mut self, payment: &Payment) -> Written {
        if payment::note(&mut self.payments, payment) { Written::New } else { Written::Unchanged }
    }

    /// The merged reports of one status.
    #[must_use]
    pub fn of(&self, kind: FactKind) -> Option<&Fact> {
        match kind {
            FactKind::Sent => self.sent.as_ref(),
            FactKind::Delivered => self.delivered.as_ref(),
            FactKind::Read => self.read.as_ref(),
            FactKind::Played => self.played.as_ref(),
            FactKind::Failed => self.failed.as_ref(),
        }
    }

    /// The price of the message: the one reported last, with whichever status.
    #[must_use]
    pub fn price(&self) -> Option<Price> {
        let all = [&self.failed, &self.sent, &self.delivered, &self.read, &self.played];
        let priced = all.into_iter().flatten().filter_map(Fact::priced);
        // Of several in the same second, that of the later status counts.
        priced.max_by_key(|(reported_at, _)| *reported_at).map(|(_, price)| price)
    }

    /// The price as of a status: the one reported with it, else the last one before it.
    #[must_use]
    pub fn price_as_of(&self, kind: FactKind) -> Option<Price> {
        let fact = self.of(kind)?;
        if fact.price.is_some() {
            return fact.priced().map(|(_, price)| price);
        }
        let all = [&self.failed, &self.sent, &self.delivered, &self.read, &self.played];
        let before = all
            .into_iter()
            .flatten()
            .filter_map(Fact::priced)
            .filter(|(reported_at, _)| *reported_at <= fact.at);
        before.max_by_key(|(reported_at, _)| *reported_at).map(|(_, price)| price)
    }

    /// Merges every report of `other`; returns the statuses that were new.
    pub fn merge_facts(&mut self, other: &Self) -> Vec<FactKind> {
        let all = [
            (FactKind::Sent, &other.sent),
            (FactKind::Delivered, &other.delivered),
            (FactKind::Read, &other.read),
            (FactKind::Played, &other.played),
            (FactKind::Failed, &other.failed),
        ];
        let reported = all.into_iter().filter_map(|(kind, fact)| Some((kind, fact.clone()?)));
        let news = reported
            .filter(|(kind, fact)| self.merge_report(*kind, fact.clone()) == Written::New)
            .map(|(kind, _)| kind)
            .collect();
        for payment in &other.payments {
            self.merge_payment(payment);
        }
        news
    }

    /// Whether the provider reported that the 24-hour window was closed for the message.
    #[must_use]
    pub fn window_was_closed(&self) -> bool {
        self.failed.as_ref().is_some_and(|fact| fact.has_error(&WINDOW_CLOSED))
    }

    /// Whether any delivery status was reported: proof that the provider accepted the message.
    #[must_use]
    pub fn tell_delivery(&self) -> bool {
        [&self.sent, &self.delivered, &self.read, &self.played, &self.failed]
            .iter()
            .any(|fact| fact.is_some())
    }

    /// Whether nothing was reported at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The outcome of our own attempt to hand a message to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The provider accepted it.
    Accepted,
    /// It may or may not have been sent; a status webhook can still decide.
    Unknown,
    /// It may or may not have been sent, and no status arrived within the grace time. A person decides.
    Unresolved,
    /// The provider rejected it after all.
    Rejected,
}

/// The one word shown for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum DeliveryStatus {
    /// Came from the customer.
    Received,
    /// The provider may or may not have accepted it: its answer was lost.
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
    /// The recipient opened it.
    Read,
    /// The recipient played the voice message.
    Played,
}

/// The status to show: played > read > delivered > failed > sent > the outcome of our own attempt.
#[must_use]
pub fn shown(handover: AttemptOutcome, facts: &Facts) -> DeliveryStatus {
    if facts.played.is_some() {
        DeliveryStatus::Played
    } else if facts.read.is_some() {
        DeliveryStatus::Read
    } else if facts.delivered.is_some() {
        DeliveryStatus::Delivered
    } else if facts.failed.is_some() {
        DeliveryStatus::Failed
    } else if facts.sent.is_some() {
        DeliveryStatus::Sent
    } else {
        match handover {
            AttemptOutcome::Accepted => DeliveryStatus::Accepted,
            AttemptOutcome::Unknown => DeliveryStatus::Unknown,
            AttemptOutcome::Unresolved => DeliveryStatus::Unresolved,
            AttemptOutcome::Rejected => DeliveryStatus::Failed,
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
        assert_eq!(facts.merge_report(FactKind::Delivered, fact(20)), Written::New);
        assert_eq!(facts.merge_report(FactKind::Delivered, fact(20)), Written::Unchanged);
        assert_eq!(facts.merge_report(FactKind::Delivered, fact(30)), Written::Unchanged);
        assert_eq!(facts.merge_report(FactKind::Delivered, fact(10)), Written::New);
        assert_eq!(facts.delivered, Some(fact(10)));
    }

    fn priced(at: i64, category: &str) -> Fact {
        let price = Price { category: Some(category.to_owned()), ..Price::default() };
        Fact { price: Some(price), ..fact(at) }
    }

    #[test]
    fn a_price_is_stored_with_any_status_and_the_latest_is_shown() {
        let shown = |facts: &Facts| facts.price().and_then(|price| price.category);
        let reports = [
            (FactKind::Sent, priced(10, "utility")),
            (FactKind::Delivered, priced(12, "marketing")),
            (FactKind::Delivered, fact(11)),
            (FactKind::Read, fact(13)),
            (FactKind::Failed, priced(5, "service")),
        ];
        let mut first = None;
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 1, 0, 3]] {
            let mut facts = Facts::default();
            for index in order {
                let (kind, fact) = reports[index].clone();
                assert_eq!(facts.merge_report(kind, fact.clone()), Written::New);
                assert_eq!(facts.merge_report(kind, fact), Written::Unchanged);
            }
            assert_eq!(shown(&facts).as_deref(), Some("marketing"));
            assert_eq!(facts.delivered.as_ref().map(|it| it.at.millis()), Some(11));
            assert_eq!(*first.get_or_insert_with(|| facts.clone()), facts, "{order:?}");
        }
        let mut only_failed = Facts::default();
        only_failed.merge_report(FactKind::Failed, priced(1, "service"));
        assert_eq!(shown(&only_failed).as_deref(), Some("service"));
        // Of one second, that of the later status.
        only_failed.merge_report(FactKind::Played, priced(1, "utility"));
        assert_eq!(shown(&only_failed).as_deref(), Some("utility"));
    }

    #[test]
    fn all_errors_are_stored_and_a_fuller_report_counts() {
        let error = |code: i64, title: Option<&str>| ProviderError {
            code: Some(code.into()),
            title: title.map(str::to_owned),
            details: Some(format!("of {code}")),
            ..ProviderError::default()
        };
        let one = fact(5).with_errors(vec![error(131_026, None)]);
        assert!(one.errors.is_empty() && one.error.as_deref() == Some("of 131026"));
        assert_eq!(one.all_errors(), [error(131_026, None)]);
        let two = fact(9).with_errors(vec![error(131_026, Some("Undeliverable")), error(131_047, None)]);
        assert!(two.has_error(&131_047.into()) && !one.has_error(&131_047.into()));
        for (a, b) in [(&one, &two), (&two, &one)] {
            let joined = a.clone().joined(b.clone());
            assert_eq!((joined.at.millis(), joined.all_errors()), (5, two.all_errors()));
        }
    }

    #[test]
    fn old_rows_are_read_and_duplicates_change_nothing() {
        let row = r#"{"failed":{"at":5,"error_code":131026,"error":"of it","price":{"type":"regular"}}}"#;
        let facts: Facts = serde_json::from_str(row).unwrap();
        let errors = vec![ProviderError {
            code: Some(131_026.into()),
            title: Some("Undeliverable".to_owned()),
            details: Some("of it".to_owned()),
            ..ProviderError::default()
        }];
        let price = Price { kind: Some("regular".to_owned()), ..Price::default() };
        let again = Fact { price: Some(price), ..fact(5).with_errors(errors) };
        assert_eq!(facts.clone().merge_report(FactKind::Failed, again), Written::Unchanged);
        assert_eq!(serde_json::to_string(&facts).unwrap(), row);
    }

    #[test]
    fn delivered_after_failed_shows_delivered_and_read_never_falls_back() {
        let mut facts = Facts::default();
        facts.merge_report(FactKind::Failed, fact(5));
        assert_eq!(shown(AttemptOutcome::Accepted, &facts), DeliveryStatus::Failed);
        facts.merge_report(FactKind::Delivered, fact(9));
        assert_eq!(shown(AttemptOutcome::Accepted, &facts), DeliveryStatus::Delivered);
        facts.merge_report(FactKind::Read, fact(10));
        facts.merge_report(FactKind::Sent, fact(11));
        assert_eq!(shown(AttemptOutcome::Unknown, &facts), DeliveryStatus::Read);
    }
}
