//! What a business has used up: throughput, pairs, customers, marketing and free messages.

mod pair;
mod prices;

use std::collections::{HashMap, VecDeque};

pub(crate) use self::prices::Billing;
use self::{pair::Burst, prices::ServiceMessages};
use crate::{Limits, Prices, outbound::MetaError};

/// An hour, in seconds.
const HOUR: i64 = 60 * 60;

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// The usage of all numbers.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    /// When a number sent or received messages within the last second, in Unix milliseconds.
    throughput: HashMap<String, VecDeque<i64>>,
    /// The last burst from a number to a customer.
    pairs: HashMap<(String, String), Burst>,
    /// When a business last reached a customer outside of the service window, in Unix seconds, by business and customer.
    reached: HashMap<String, HashMap<String, i64>>,
    /// When a customer got marketing outside of the service window, in Unix seconds.
    marketing: HashMap<String, Vec<i64>>,
    /// When an app made calls for an account within the last hour, in Unix seconds.
    management: HashMap<(String, String), Vec<i64>>,
    service: ServiceMessages,
}

/// A message that is accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AcceptedMessage<'a> {
    pub(crate) phone_number_id: &'a str,
    /// The business, which may have several numbers.
    pub(crate) business: &'a str,
    pub(crate) customer: &'a str,
    /// The category of the template; `None` for other messages.
    pub(crate) category: Option<&'a str>,
    pub(crate) window_is_open: bool,
    /// When it is accepted, in Unix seconds.
    pub(crate) at: i64,
}

impl Usage {
    /// Counts a message to send, or rejects it because the number or the pair is used up. `now` is in Unix milliseconds.
    pub(crate) fn try_send(
        &mut self,
        limits: &Limits,
        phone_number_id: &str,
        customer: &str,
        now: i64,
    ) -> Result<(), MetaError> {
        let sent = self.within_last_second(phone_number_id, now);
        if limits.messages_per_second.is_some_and(|limit| sent >= limit) {
            return Err(MetaError::new(130_429, "The throughput of the number is used up."));
        }
        let pair = (phone_number_id.to_owned(), customer.to_owned());
        let burst = self.pairs.get(&pair).map_or_else(|| Some(Burst::new(now)), |burst| burst.next(now));
        match burst {
            Some(burst) => drop(self.pairs.insert(pair, burst)),
            None if limits.pair_rate => {
                let details = "Too many messages to this customer in a short time. Wait and try again.";
                return Err(MetaError::new(131_056, details));
            }
            None => {}
        }
        self.record(phone_number_id, now);
        Ok(())
    }

    /// Counts a message that a number sent or received at `now`, in Unix milliseconds.
    pub(crate) fn record(&mut self, phone_number_id: &str, now: i64) {
        self.throughput.entry(phone_number_id.to_owned()).or_default().push_back(now);
    }

    /// Counts a call of an app for an account's templates, numbers or subscriptions at `now`, in Unix seconds; or rejects
    /// it.
    pub(crate) fn try_manage(
        &mut self,
        limits: &Limits,
        app: &str,
        account: &str,
        now: i64,
    ) -> Result<(), MetaError> {
        let calls = self.management.entry((app.to_owned(), account.to_owned())).or_default();
        calls.retain(|at| now - at < HOUR);
        if limits.management_calls_per_hour.is_some_and(|limit| calls.len() >= limit) {
            return Err(MetaError::new(
                80_007,
                "The app has made too many calls for this account in an hour.",
            ));
        }
        calls.push(now);
        Ok(())
    }

    /// The code with which Meta does not deliver the message, because a daily limit is used up; else counts it.
    pub(crate) fn try_deliver(&mut self, limits: &Limits, message: AcceptedMessage<'_>) -> Option<u32> {
        let category = message.category?;
        if message.window_is_open {
            return None;
        }
        let marketing = self.marketing.entry(message.customer.to_owned()).or_default();
        marketing.retain(|at| message.at - at < DAY);
        let is_marketing = category == "MARKETING";
        if is_marketing && limits.marketing_per_customer.is_some_and(|limit| marketing.len() >= limit) {
            return Some(131_049);
        }
        let reached = self.reached.entry(message.business.to_owned()).or_default();
        reached.retain(|_, at| message.at - *at < DAY);
        let is_new = !reached.contains_key(message.customer);
        if is_new && limits.customers_per_day.is_some_and(|limit| reached.len() >= limit) {
            return Some(131_048);
        }
        reached.insert(message.customer.to_owned(), message.at);
        if is_marketing {
            marketing.push(message.at);
        }
        None
    }

    /// Whether a delivered message is charged; counts free messages.
    pub(crate) fn bill(&mut self, prices: &Prices, message: AcceptedMessage<'_>) -> Billing {
        self.service.bill(prices, message)
    }

    fn within_last_second(&mut self, phone_number_id: &str, now: i64) -> usize {
        let times = self.throughput.entry(phone_number_id.to_owned()).or_default();
        while times.front().is_some_and(|at| now - at >= 1000) {
            times.pop_front();
        }
        times.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{AcceptedMessage, DAY, HOUR, Usage};
    use crate::Limits;

    fn message(customer: &str, at: i64) -> AcceptedMessage<'_> {
        AcceptedMessage {
            phone_number_id: "1001",
            business: "9",
            customer,
            category: Some("MARKETING"),
            window_is_open: false,
            at,
        }
    }

    #[test]
    fn a_number_has_a_throughput_in_and_out_together() {
        let limits = Limits { messages_per_second: Some(2), ..Limits::default() };
        let mut usage = Usage::default();
        let code =
            |usage: &mut Usage, now| usage.try_send(&limits, "1", "5", now).err().map(|error| error.code);
        assert_eq!(code(&mut usage, 1000), None);
        usage.record("1", 1500);
        assert_eq!(code(&mut usage, 1999), Some(130_429));
        assert_eq!(code(&mut usage, 2000), None, "the first is a second old");
        assert_eq!(usage.try_send(&limits, "2", "5", 2000), Ok(()), "another number");
        assert_eq!(code(&mut usage, 2001), Some(130_429));
    }

    #[test]
    fn without_a_limit_everything_passes() {
        let (limits, mut usage) = (Limits::default(), Usage::default());
        for number in 0..100 {
            assert_eq!(usage.try_send(&limits, "1", "5", number), Ok(()));
            assert_eq!(usage.try_deliver(&limits, message("5", 0)), None);
        }
    }

    #[test]
    fn an_app_makes_so_many_calls_for_an_account_in_an_hour() {
        let limits = Limits { management_calls_per_hour: Some(1), ..Limits::default() };
        let mut usage = Usage::default();
        let mut code =
            |account: &str, now| usage.try_manage(&limits, "9", account, now).err().map(|error| error.code);
        assert_eq!([code("1", 0), code("1", HOUR - 1)], [None, Some(80_007)]);
        assert_eq!(code("2", HOUR - 1), None, "another account");
        assert_eq!(code("1", HOUR), None, "a rejected call does not count");
    }

    #[test]
    fn a_pair_waits_after_a_burst() {
        let limits = Limits { pair_rate: true, ..Limits::default() };
        let mut usage = Usage::default();
        let mut code =
            |customer: &str, now| usage.try_send(&limits, "1", customer, now).err().map(|error| error.code);
        assert_eq!((code("5", 0), code("5", 1)), (None, None));
        assert_eq!(code("5", 6000), Some(131_056));
        assert_eq!(code("6", 6000), None, "another customer");
        assert_eq!(code("5", 12_000), None, "two messages, 12 seconds");
    }

    #[test]
    fn a_business_reaches_so_many_customers_in_a_day() {
        let limits = Limits { customers_per_day: Some(2), ..Limits::default() };
        let mut usage = Usage::default();
        assert_eq!(usage.try_deliver(&limits, message("5", 0)), None);
        assert_eq!(usage.try_deliver(&limits, message("6", 1)), None);
        assert_eq!(usage.try_deliver(&limits, message("7", 2)), Some(131_048));
        assert_eq!(usage.try_deliver(&limits, message("6", 2)), None, "reached already");
        let open = AcceptedMessage { window_is_open: true, ..message("7", 2) };
        assert_eq!(usage.try_deliver(&limits, open), None, "inside the window");
        assert_eq!(usage.try_deliver(&limits, message("7", DAY)), None, "the first is a day ago");
    }

    #[test]
    fn a_customer_gets_so_much_marketing_in_a_day() {
        let limits = Limits { marketing_per_customer: Some(1), ..Limits::default() };
        let mut usage = Usage::default();
        assert_eq!(usage.try_deliver(&limits, message("5", 0)), None);
        assert_eq!(usage.try_deliver(&limits, message("5", 1)), Some(131_049));
        let utility = AcceptedMessage { category: Some("UTILITY"), ..message("5", 1) };
        assert_eq!(usage.try_deliver(&limits, utility), None);
        assert_eq!(usage.try_deliver(&limits, message("5", DAY)), None);
    }
}
