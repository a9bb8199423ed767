//! What a rejection means for the other recipients of a broadcast.

use crate::domain::rejection::{ProviderCode, Reason, Rejection};

/// Meta's code for a number that sent too much spam: more of it makes it worse (facts: meta.md 3.3).
const UNWANTED_BY_MANY: i64 = 131_048;

/// Meta's code for a recipient in a country that the account may not send to: it says nothing about the
/// others.
const COUNTRY: i64 = 130_497;

/// Meta's codes for a rate limit of a number or an account, whoever the recipient is.
const TOO_MUCH: [i64; 4] = [4, 613, 80_007, 130_429];

/// Meta's codes for a template that does not exist, is paused, or is disabled.
const TEMPLATE_GONE: [i64; 3] = [132_001, 132_015, 132_016];

/// Whether every other recipient would be rejected for the same reason, so that going on would only do harm.
#[must_use]
pub fn concerns_all(rejection: &Rejection) -> bool {
    match (rejection.reason, &rejection.provider_code) {
        (Reason::AccountBlocked, Some(ProviderCode::Number(code))) => *code != COUNTRY,
        (Reason::ProviderAuth | Reason::LowBalance | Reason::AccountBlocked | Reason::ChannelDisabled, _) => {
            true
        }
        (Reason::TemplateProblem, Some(ProviderCode::Number(code))) => TEMPLATE_GONE.contains(code),
        (Reason::RateLimited, Some(ProviderCode::Number(code))) => *code == UNWANTED_BY_MANY,
        _ => false,
    }
}

/// Whether a rejection is temporary and concerns every recipient: no recipient is given up for it.
pub(super) fn concerns_the_time(rejection: &Rejection) -> bool {
    match (rejection.reason, &rejection.provider_code) {
        (Reason::ProviderDown, _) => true,
        (Reason::RateLimited, Some(ProviderCode::Number(code))) => TOO_MUCH.contains(code),
        _ => false,
    }
}

/// Whether a rejection is temporary, so that the same recipient is retried.
#[must_use]
pub fn passes(rejection: &Rejection) -> bool {
    matches!(rejection.reason, Reason::RateLimited | Reason::ProviderDown) && !concerns_all(rejection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rejection_that_concerns_all_stops_it() {
        let coded = |reason, code| Rejection {
            provider_code: Some(ProviderCode::Number(code)),
            ..Rejection::of(reason)
        };
        assert!(concerns_all(&coded(Reason::TemplateProblem, 132_015)));
        assert!(concerns_all(&coded(Reason::RateLimited, 131_048)));
        assert!(concerns_all(&Rejection::of(Reason::LowBalance)));
        assert!(concerns_all(&Rejection::of(Reason::ChannelDisabled)));
        assert!(concerns_all(&coded(Reason::AccountBlocked, 131_031)));
        assert!(concerns_all(&Rejection::of(Reason::AccountBlocked)));
        assert!(!concerns_all(&coded(Reason::AccountBlocked, 130_497)));
        assert!(!concerns_all(&coded(Reason::TemplateProblem, 132_012)));
        assert!(!concerns_all(&coded(Reason::RateLimited, 131_056)));
        assert!(!concerns_all(&coded(Reason::RecipientUnreachable, 131_026)));
    }
}
