//! The findings that follow from the provider's answers. No I/O.

use std::time::Duration;

use ventanilla::{
    domain::{
        channel::Channel,
        rejection::{ProviderCode, Reason, Rejection},
        time::Timestamp,
    },
    ports::{
        health_check::{Handshake, HealthFacts, Inspection, TokenFacts, Validity},
        provider::SendFailure,
    },
};

use super::Finding;

/// A token that expires sooner is reported.
const SOON: Duration = Duration::from_hours(14 * 24);

/// How long a number may receive nothing before that is reported.
const SILENCE: Duration = Duration::from_hours(72);

/// The permissions that a token at Meta needs.
const SCOPES: [&str; 2] = ["whatsapp_business_messaging", "whatsapp_business_management"];

/// Statuses of a number that can be used, if only in part or temporarily.
const USABLE: [&str; 4] = ["RESTRICTED", "FLAGGED", "RATE_LIMITED", "UNKNOWN"];

/// Meta's codes for an object that does not exist, or not for this token.
const NO_OBJECT: [i64; 2] = [100, 33];

/// Kaleyra's code for a number that does not belong to the account, and for an account that may not use this
/// API.
const NOT_OF_ACCOUNT: &str = "WA401";
const NOT_AVAILABLE: &str = "WA-401";

/// When a customer's last message arrived on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastHeard {
    /// At this time, by the provider's clock.
    At(Timestamp),
    /// No customer has ever written.
    Never,
    /// Not in the tenant's latest conversations, which were searched.
    NotLately,
}

/// The provider's answers, and the expected values.
pub(crate) struct Evidence<'a> {
    pub(crate) channel: &'a Channel,
    pub(crate) inspection: &'a Inspection,
    /// Our webhook URL, where it is known.
    pub(crate) expected: Option<&'a str>,
    pub(crate) now: Timestamp,
}

/// The findings from the provider's answers.
pub(crate) fn provider(evidence: &Evidence<'_>) -> Vec<Finding> {
    let Inspection { token, number, health, listeners, webhook, handshake } = evidence.inspection;
    let mut found = Vec::new();
    match number {
        Ok(Some(facts)) => {
            if let Some(theirs) = facts.number.clone().filter(|theirs| *theirs != evidence.channel.number) {
                found.push(Finding::NumberDiffers { theirs });
            }
            let low = |quality: &&String| ["YELLOW", "RED"].contains(&quality.as_str());
            found.extend(
                facts.quality.as_ref().filter(low).cloned().map(|quality| Finding::QualityLow { quality }),
            );
        }
        Ok(None) => {}
        Err(failure) => found.push(no_number(failure)),
    }
    // Invalid credentials get no other answers: one finding is enough.
    if found.iter().any(|it| matches!(it, Finding::CredentialsRefused { .. } | Finding::ForeignCredentials)) {
        return found;
    }
    match token {
        Ok(Some(facts)) => found.extend(of_token(facts, evidence.now)),
        Ok(None) => {}
        Err(failure) => found.push(Finding::TokenNotReported { detail: seen(failure) }),
    }
    match health {
        Ok(Some(facts)) => found.extend(of_standing(facts, evidence)),
        Ok(None) => {}
        Err(failure) => found.push(Finding::HealthNotReported { detail: seen(failure) }),
    }
    let app = token.as_ref().ok().and_then(|token| token.as_ref()?.app.clone());
    match listeners {
        Ok(Some(all)) => {
            let ours = app.as_ref().map_or(!all.is_empty(), |app| all.iter().any(|it| it.app == *app));
            if !ours {
                found.push(Finding::NotSubscribed { app });
            }
        }
        Ok(None) => {}
        Err(failure) => found.push(Finding::ListenersNotReported { detail: seen(failure) }),
    }
    match webhook {
        Ok(Some(facts)) => match &facts.fields {
            None => found.push(Finding::NoWebhook),
            Some(fields) if !fields.iter().any(|field| field == "messages") => {
                found.push(Finding::MessagesNotSubscribed);
            }
            Some(_) => {}
        },
        Ok(None) => {}
        Err(SendFailure::Refused(Rejection { reason: Reason::ProviderAuth, .. })) => {
            found.push(Finding::AppSecretWrong);
        }
        Err(failure) => found.push(Finding::WebhookNotReported { detail: seen(failure) }),
    }
    match handshake {
        Some(Handshake::Refused(status)) => found.push(Finding::HandshakeRefused { status: *status }),
        Some(Handshake::Unreachable) => found.push(Finding::HandshakeUnreachable),
        Some(Handshake::Answered) | None => {}
    }
    found
}

/// The finding from the time of a customer's last message.
pub(crate) fn silence(heard: LastHeard, now: Timestamp) -> Option<Finding> {
    match heard {
        LastHeard::At(at) if at.until(now) > SILENCE => Some(Finding::NotHeardSince { at }),
        LastHeard::Never => Some(Finding::NeverHeard),
        LastHeard::At(_) | LastHeard::NotLately => None,
    }
}

fn no_number(failure: &SendFailure) -> Finding {
    let SendFailure::Refused(rejection) = failure else {
        return Finding::NumberNotReported { detail: seen(failure) };
    };
    let detail = seen(failure);
    match (&rejection.provider_code, rejection.reason) {
        (Some(ProviderCode::Number(code)), _) if NO_OBJECT.contains(code) => {
            Finding::NumberMissing { detail }
        }
        (Some(ProviderCode::Word(code)), _) if code == NOT_OF_ACCOUNT => Finding::NumberMissing { detail },
        (Some(ProviderCode::Word(code)), Reason::ProviderAuth) if code == NOT_AVAILABLE => Finding::OtherApi,
        (None, Reason::ProviderAuth) => Finding::ForeignCredentials,
        (Some(_), Reason::ProviderAuth) => Finding::CredentialsRefused { detail },
        _ => Finding::NumberNotReported { detail },
    }
}

fn of_token(facts: &TokenFacts, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    match (facts.validity, facts.expires_at) {
        (Validity::Invalid, at) => found.push(Finding::TokenEnded { at }),
        (Validity::Valid, Some(at)) if at <= now => found.push(Finding::TokenEnded { at: Some(at) }),
        (Validity::Valid, Some(at)) if now.until(at) < SOON => found.push(Finding::TokenEnds { at }),
        (Validity::Valid, _) => {}
    }
    if !facts.scopes.is_empty() {
        let missing = SCOPES.into_iter().filter(|scope| !facts.scopes.iter().any(|own| own == scope));
        found.extend(missing.map(|scope| Finding::TokenLacks { scope }));
    }
    found
}

fn of_standing(facts: &HealthFacts, evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    match facts.status.as_deref() {
        None | Some("CONNECTED") => {}
        Some(status) if USABLE.contains(&status) => {
            found.push(Finding::NumberRestricted { status: status.to_owned() });
        }
        Some(status) => found.push(Finding::NumberUnusable { status: status.to_owned() }),
    }
    // Without our own address its end must do, which names our app.
    let Some(ending) = evidence.channel.access.app_webhook_path() else { return found };
    let Some(destination) = &facts.callback else {
        found.push(Finding::WebhookNotConfigured);
        return found;
    };
    let (url, set_at) = (&destination.url, destination.set_at);
    let (right, expected) = match evidence.expected {
        Some(expected) => (url == expected, expected.to_owned()),
        None => (url.ends_with(&ending), format!("…{ending}")),
    };
    if !right {
        found.push(Finding::CallbackElsewhere { url: destination.shown().to_owned(), set_at, expected });
    }
    found
}

/// A short description of a failed call, without any content.
pub(crate) fn seen(failure: &SendFailure) -> String {
    match failure {
        SendFailure::Refused(Rejection { reason, provider_code: Some(code), .. }) => {
            format!("{}, code {code}", reason.code())
        }
        SendFailure::Refused(rejection) => rejection.reason.code().to_owned(),
        SendFailure::Ambiguous(seen) => (*seen).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(validity: Validity, expires_at: Option<Timestamp>) -> Vec<&'static str> {
        let scopes = SCOPES.map(str::to_owned).to_vec();
        let facts = TokenFacts { app: None, validity, expires_at, scopes };
        let now = Timestamp::from_seconds(1_800_000_000);
        of_token(&facts, now).iter().map(Finding::code).collect()
    }

    #[test]
    fn a_token_is_reported_two_weeks_before_it_expires_and_after() {
        let day = |number: i64| Some(Timestamp::from_seconds(1_800_000_000 + number * 86_400));
        assert_eq!(codes(Validity::Valid, None), [""; 0]);
        assert_eq!(codes(Validity::Valid, day(14)), [""; 0]);
        assert_eq!(codes(Validity::Valid, day(13)), ["token_ends"]);
        assert_eq!(codes(Validity::Valid, day(0)), ["token_ended"]);
        assert_eq!(codes(Validity::Invalid, None), ["token_ended"]);
    }

    #[test]
    fn silence_is_reported_after_three_days() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let ago = |hours: i64| LastHeard::At(Timestamp::from_seconds(1_800_000_000 - hours * 3_600));
        assert_eq!(silence(ago(72), now), None);
        assert!(matches!(silence(ago(73), now), Some(Finding::NotHeardSince { .. })));
        assert_eq!(silence(LastHeard::Never, now), Some(Finding::NeverHeard));
        assert_eq!(silence(LastHeard::NotLately, now), None);
    }

    #[test]
    fn a_failed_call_is_described_without_the_provider_s_text() {
        let rejection =
            Rejection { provider_code: Some(190.into()), ..Reason::ProviderAuth.because("secret") };
        assert_eq!(seen(&SendFailure::Refused(rejection)), "provider_auth, code 190");
    }
}
