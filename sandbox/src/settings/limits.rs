//! Limits on sending, which are off by default (facts: meta.md 8.4, 8.6 and 8.8).

use serde::{Deserialize, Serialize};

/// The limits on messages; an absent one does not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How many messages a number exchanges in a second, in and out together; Meta's is 80. More are rejected with
    /// 130429.
    pub messages_per_second: Option<usize>,
    /// Whether a burst of messages to one customer must be waited off: up to 45 in 6 seconds, and then 6 seconds for
    /// each of them. Earlier ones are rejected with 131056.
    pub pair_rate: bool,
    /// How many customers a business reaches outside of service windows within 24 hours; Meta's tiers begin at 250.
    /// Messages to more customers fail with 131048.
    pub customers_per_day: Option<usize>,
    /// How many calls for the templates, numbers and subscriptions of an account an app may make in an hour; Meta's is 200,
    /// or 5000 for an active account. More are rejected with 80007.
    pub management_calls_per_hour: Option<usize>,
    /// How many marketing templates a customer gets outside of service windows within 24 hours; Meta's number is not
    /// published. More fail with 131049.
    pub marketing_per_customer: Option<usize>,
}
