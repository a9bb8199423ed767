//! The 24-hour customer service window.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    id::{ConversationId, TenantId},
    time::Timestamp,
};

/// How long a customer's message keeps the window open, by the provider's timestamp.
pub const WINDOW: Duration = Duration::from_hours(24);

/// How long after a customer's message somebody is told that the window will close: an hour before it does.
pub const WARNED_AFTER: Duration = Duration::from_hours(23);

/// That a window's end is watched: there is one for each conversation whose window is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowWatch {
    /// Whose conversation it is.
    pub tenant: TenantId,
    /// Which.
    pub conversation: ConversationId,
    /// When it is looked at: an hour before the window would close if the customer wrote no more.
    pub due_at: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// How far our clock and the provider's may differ: within it the provider decides.
pub const GREY: Duration = Duration::from_mins(1);

/// What we know of a conversation's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The customer never wrote to us that we know of; the provider decides.
    Unheard,
    /// Free-form messages may be sent until then.
    Open {
        /// When it closes.
        expires_at: Timestamp,
    },
    /// Around the closing time; the provider decides.
    Grey {
        /// When it closed or closes.
        expires_at: Timestamp,
    },
    /// Only templates may be sent.
    Closed {
        /// When it closed.
        since: Timestamp,
    },
}

/// The window as of `now`.
///
/// `last_inbound` is the provider's timestamp of the customer's latest message. `refused` is when we
/// sent the latest message that the provider refused because the window was closed: it knows better
/// than our clock, until the customer writes again. Providers tell whole seconds, so what falls into
/// the same second counts as written after it.
#[must_use]
pub fn window(last_inbound: Option<Timestamp>, refused: Option<Timestamp>, now: Timestamp) -> Window {
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
        window(Some(HEARD), None, HEARD.plus(span))
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
    fn the_providers_refusal_closes_it_until_the_customer_writes_again() {
        let refused = HEARD.plus(Duration::from_hours(1));
        let now = HEARD.plus(Duration::from_hours(2));
        assert_eq!(window(Some(HEARD), Some(refused), now), Window::Closed { since: refused });
        assert_eq!(window(None, Some(refused), now), Window::Closed { since: refused });
        let again = refused;
        assert_eq!(window(Some(again), Some(refused), now), Window::Open { expires_at: again.plus(WINDOW) });
    }

    #[test]
    fn somebody_never_heard_from_is_left_to_the_provider() {
        assert_eq!(window(None, None, HEARD), Window::Unheard);
    }
}
