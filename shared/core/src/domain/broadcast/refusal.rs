//! What a refusal means for the recipients who are still to come.

use crate::domain::rejection::{ProviderCode, Reason, Rejection};

/// Meta's code for a number that sent too much that was not wanted: more of it makes it worse (facts: meta.md 3.3).
const UNWANTED_BY_MANY: i64 = 131_048;

/// Meta's code for a recipient in a country that the account may not send to: it says nothing of the others.
const COUNTRY: i64 = 130_497;

/// Meta's codes for a number or an account that sent too much within some time, whoever it went to.
const TOO_MUCH: [i64; 4] = [4, 613, 80_007, 130_429];

/// Meta's codes for a template that is not there, paused, or disabled.
const TEMPLATE_GONE: [i64; 3] = [132_001, 132_015, 132_016];

/// Whether everybody else would be refused in the same way, so that to go on would only do harm.
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

/// Whether a refusal passes with time and for everybody at once: nobody is given up for it.
pub(super) fn concerns_the_time(rejection: &Rejection) -> bool {
    match (rejection.reason, &rejection.provider_code) {
        (Reason::ProviderDown, _) => true,
        (Reason::RateLimited, Some(ProviderCode::Number(code))) => TOO_MUCH.contains(code),
        _ => false,
    }
}

/// Whether a refusal passes with time, so that the same recipient is tried again.
#[must_use]
pub fn passes(rejection: &Rejection) -> bool {
    matches!(rejection.reason, Reason::RateLimited | Reason::ProviderDown) && !concerns_all(rejection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_everybody_would_meet_stops_it() {
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
