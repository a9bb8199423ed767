//! Which messages are charged (facts: onboarding.md 3).

use std::collections::HashMap;

use time::OffsetDateTime;

use super::AcceptedMessage;
use crate::{PriceRules, Prices};

/// What the `pricing` of a status says about the charge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Billing {
    /// Whether the message is charged.
    pub(crate) billable: bool,
}

impl Billing {
    /// The `type` of the pricing. For the free service messages of a month it is not documented.
    pub(crate) fn kind(self) -> &'static str {
        if self.billable { "regular" } else { "free_customer_service" }
    }
}

/// How many service messages a number sent, by number, year and month.
#[derive(Debug, Default)]
pub(super) struct ServiceMessages(HashMap<(String, i32, u8), u32>);

impl ServiceMessages {
    /// Whether a message is charged; counts it if it is a service message.
    pub(super) fn bill(&mut self, prices: &Prices, message: AcceptedMessage<'_>) -> Billing {
        let billable = match (prices.rules, message.category) {
            (PriceRules::Since202507, None) => false,
            (PriceRules::Since202507, Some("UTILITY")) => !message.window_is_open,
            (_, Some(_)) => true,
            (PriceRules::Since202610, None) => self.count(message) > prices.free_service_messages,
        };
        Billing { billable }
    }

    fn count(&mut self, message: AcceptedMessage<'_>) -> u32 {
        let date = OffsetDateTime::from_unix_timestamp(message.at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let month = (message.phone_number_id.to_owned(), date.year(), u8::from(date.month()));
        let count = self.0.entry(month).or_default();
        *count += 1;
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::ServiceMessages;
    use crate::{PriceRules, Prices, usage::AcceptedMessage};

    /// Midnight of 2026-11-30, UTC.
    const NOVEMBER: i64 = 1_795_996_800;

    fn message(category: Option<&str>, at: i64) -> AcceptedMessage<'_> {
        AcceptedMessage {
            phone_number_id: "1001",
            business: "9",
            customer: "5",
            category,
            window_is_open: true,
            at,
        }
    }

    #[test]
    fn since_october_2026_the_first_service_messages_of_a_month_are_free() {
        let prices = Prices { free_service_messages: 2, ..Prices::default() };
        let mut service = ServiceMessages::default();
        let mut billable = |number: &str, at| {
            let message = AcceptedMessage { phone_number_id: number, ..message(None, at) };
            service.bill(&prices, message).billable
        };
        assert_eq!([1, 2, 3].map(|_| billable("1", NOVEMBER)), [false, false, true]);
        assert!(!billable("2", NOVEMBER), "each number counts for itself");
        assert!(!billable("1", NOVEMBER + 86_400), "a new month");
    }

    #[test]
    fn utility_in_the_window_was_free_until_october_2026() {
        let billable = |rules, category| {
            let prices = Prices { rules, free_service_messages: 0 };
            ServiceMessages::default().bill(&prices, message(category, NOVEMBER)).billable
        };
        let (old, new) = (PriceRules::Since202507, PriceRules::Since202610);
        assert_eq!([billable(old, Some("UTILITY")), billable(new, Some("UTILITY"))], [false, true]);
        assert_eq!([billable(old, Some("MARKETING")), billable(new, Some("MARKETING"))], [true, true]);
        assert_eq!([billable(old, None), billable(new, None)], [false, true]);
    }
}
