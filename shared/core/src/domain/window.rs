//! The 24-hour customer service window: when free-form messages may be sent.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    id::{ConversationId, TenantId},
    time::Timestamp,
};

/// How long a customer's message keeps the window open, by the provider's timestamp.
pub const WINDOW: Duration = Duration::from_hours(24);

/// How long after a customer's message the reminder is due: an hour before the window closes.
pub const WARNED_AFTER: Duration = Duration::from_hours(23);

/// A reminder for the end of a window: one for each conversation whose window is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowWatch {
    /// The tenant of the conversation.
    pub tenant: TenantId,
    /// The conversation whose window closes.
    pub conversation: ConversationId,
    /// When the reminder is due: an hour before the window would close if the customer wrote no more.
    pub due_at: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// How far our clock and the provider's may differ: within it the provider decides.
pub const GREY: Duration = Duration::from_mins(1);

/// The state of a conversation's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// No message of the customer is known, or their latest action may have opened the window; the provider
    /// decides.
    Unheard,
    /// Free-form messages may be sent.
    Open {
        /// When the window closes.
        expires_at: Timestamp,
    },
    /// Around the closing time; the provider decides.
    Grey {
        /// When it closed or closes.
        expires_at: Timestamp,
    },
    /// Only templates may be sent.
    Closed {
        /// When the window closed.
        since: Timestamp,
    },
}

/// The window as of `now`.
///
/// `last_inbound` is the provider's timestamp of the customer's latest message. `refused` is when we sent
/// the latest message that the provider rejected for a closed window: it knows better than our clock, until
/// the customer writes again. Providers report whole seconds, so what falls into the same second counts as
/// written after it.
///
/// `touched` is the provider's time of the customer's latest reaction or call. Whether either opens the
/// window is not documented for certain, so for 24 hours nothing is claimed of a window that messages do not
/// hold open.
#[must_use]
pub fn window(
    last_inbound: Option<Timestamp>,
    touched: Option<Timestamp>,
    refused: Option<Timestamp>,
    now: Timestamp,
) -> Window {
    let by_messages = by_messages(last_inbound, refused, now);
    let since_refusal = |at: Timestamp| refused.is_none_or(|refused| at.seconds() >= refused.seconds());
    let may_be_open = touched.is_some_and(|at| now < at.plus(WINDOW + GREY) && since_refusal(at));
    match by_messages {
        Window::Closed { .. } if may_be_open => Window::Unheard,
        certain => certain,
    }
}

fn by_messages(last_inbound: Option<Timestamp>, refused: Option<Timestamp>, now: Timestamp) -> Window {
    if let Some(since) = refused
        && last_inbound.is_none_or(|heard| heard.seconds() < since.seconds())
    {
        return Window::Closed { since };
    }
    let Some(heard) = last_inbound else { return Window::Unheard };
    let expires_at = heard.plus(WINDOW);
    if now < expires_at {
        Window::Open { expires_at }
    } else if now < expires_at.plus(GREY) {
        Window::Grey { expires_at }
    } else {
        Window::Closed { since: expires_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEARD: Timestamp = Timestamp::from_fixed(1_772_533_800_000);

    fn after(span: Duration) -> Window {
        window(Some(HEARD), None, None, HEARD.plus(span))
    }

    #[test]
    fn it_is_open_for_24_hours_to_the_millisecond() {
        let expires_at = HEARD.plus(WINDOW);
        let tick = Duration::from_millis(1);
        assert_eq!(after(WINDOW.saturating_sub(tick)), Window::Open { expires_at });
        assert_eq!(after(WINDOW), Window::Grey { expires_at });
        assert_eq!(after((WINDOW + GREY).saturating_sub(tick)), Window::Grey { expires_at });
        assert_eq!(after(WINDOW + GREY), Window::Closed { since: expires_at });
    }

    #[test]
    fn the_providers_rejection_closes_it_until_the_customer_writes_again() {
        let refused = HEARD.plus(Duration::from_hours(1));
        let now = HEARD.plus(Duration::from_hours(2));
        assert_eq!(window(Some(HEARD), None, Some(refused), now), Window::Closed { since: refused });
        assert_eq!(window(None, None, Some(refused), now), Window::Closed { since: refused });
        let again = refused;
        assert_eq!(
            window(Some(again), None, Some(refused), now),
            Window::Open { expires_at: again.plus(WINDOW) }
        );
    }

    #[test]
    fn a_customer_who_never_wrote_is_left_to_the_provider() {
        assert_eq!(window(None, None, None, HEARD), Window::Unheard);
    }

    #[test]
    fn a_reaction_leaves_a_closed_window_to_the_provider_for_24_hours_and_an_open_one_as_it_is() {
        let touched = HEARD.plus(WINDOW + Duration::from_hours(3));
        let at = |span| window(Some(HEARD), Some(touched), None, HEARD.plus(span));
        assert_eq!(at(WINDOW + Duration::from_hours(4)), Window::Unheard);
        let since = HEARD.plus(WINDOW);
        assert_eq!(at(WINDOW * 2 + Duration::from_hours(4)), Window::Closed { since });
        assert_eq!(at(WINDOW / 2), Window::Open { expires_at: since });
        // A rejection later than the reaction proves that it did not open the window.
        let refused = touched.plus(Duration::from_mins(1));
        let now = refused.plus(Duration::from_mins(1));
        assert_eq!(window(Some(HEARD), Some(touched), Some(refused), now), Window::Closed { since: refused });
    }
}
