//! Whether a channel is connected. Only the provider's answers about the channel decide that. What depends
//! on where the check runs (credentials that this machine cannot read, our own URL, the app's secret and its
//! webhook) does not, so that a check from the wrong place does not mark a channel as disconnected.
//!
//! Each aspect is evaluated by itself: a faulty answer of the provider bars the channel, a good one lifts
//! that, and no answer leaves it was.

use std::collections::BTreeSet;

use ventanilla::{
    domain::health_check::{Aspect, ChannelCheck, CheckAnswer, CheckOutcome},
    ports::health_check::{Inspection, InspectionAnswer},
};

use super::Finding;

/// The aspects that bar the channel after a check, given those of the check before it.
pub(crate) fn barred(
    before: Option<&ChannelCheck>,
    findings: &[Finding],
    inspection: Option<&Inspection>,
) -> BTreeSet<Aspect> {
    let against: BTreeSet<Aspect> = findings.iter().filter_map(Finding::bars).collect();
    let reported = |aspect: Aspect| inspection.is_some_and(|report| saw(report, aspect));
    let kept = before.map(known).unwrap_or_default().into_iter().filter(|aspect| !reported(*aspect));
    kept.chain(against.iter().copied()).collect()
}

/// The aspects that a stored check bars. A failed check from before aspects were stored bars all of them.
fn known(check: &ChannelCheck) -> BTreeSet<Aspect> {
    match (&check.barred, check.outcome) {
        (Some(barred), _) => barred.clone(),
        (None, CheckOutcome::Failed) => Aspect::ALL.into(),
        (None, CheckOutcome::Fine | CheckOutcome::Warned | CheckOutcome::Unknown) => BTreeSet::new(),
    }
}

/// Whether the provider reported the number's status.
pub(crate) fn answer(findings: &[Finding], inspection: Option<&Inspection>) -> CheckAnswer {
    let reported = findings.iter().any(|it| it.bars() == Some(Aspect::Number))
        || inspection.is_some_and(|report| saw(report, Aspect::Number));
    if reported { CheckAnswer::Reported } else { CheckAnswer::NotReported }
}

/// Whether the provider answered about an aspect. When it reported the number, the credentials work; an
/// aspect without an answer then does not apply to the channel.
fn saw(inspection: &Inspection, aspect: Aspect) -> bool {
    let opens = matches!(inspection.number, Ok(Some(_)));
    match aspect {
        Aspect::Number => opens,
        Aspect::Token => seen(&inspection.token, opens),
        Aspect::Standing => seen(&inspection.health, opens),
        Aspect::Subscription => seen(&inspection.listeners, opens),
    }
}

fn seen<T>(said: &InspectionAnswer<T>, opens: bool) -> bool {
    said.as_ref().is_ok_and(|facts| facts.is_some() || opens)
}

impl Finding {
    /// The aspect by which it bars the channel, if it means that the channel is not connected.
    #[must_use]
    pub fn bars(&self) -> Option<Aspect> {
        match self {
            Self::CredentialsRefused { .. }
            | Self::NumberMissing { .. }
            | Self::NumberDiffers { .. }
            | Self::OtherApi => Some(Aspect::Number),
            Self::TokenEnded { .. } | Self::TokenLacks { .. } => Some(Aspect::Token),
            Self::NumberUnusable { .. } => Some(Aspect::Standing),
            Self::NotSubscribed { .. } => Some(Aspect::Subscription),
            // What this machine has, or can reach.
            Self::NoCredentials
            | Self::CredentialsUnavailable
            | Self::ForeignCredentials
            | Self::NoAppSecret { .. }
            | Self::NoVerifyToken { .. }
            | Self::AppSecretWrong
            | Self::NoWebhook
            | Self::MessagesNotSubscribed
            | Self::WebhookNotConfigured
            | Self::CallbackElsewhere { .. }
            | Self::HandshakeRefused { .. }
            | Self::HandshakeUnreachable
            // What could not be checked.
            | Self::TokenNotReported { .. }
            | Self::NumberNotReported { .. }
            | Self::HealthNotReported { .. }
            | Self::ListenersNotReported { .. }
            | Self::WebhookNotReported { .. }
            | Self::TemplatesUnreadable { .. }
            // What still works.
            | Self::Disabled { .. }
            | Self::TokenEnds { .. }
            | Self::NumberRestricted { .. }
            | Self::QualityLow { .. }
            | Self::NoTemplateAccount
            | Self::NeverHeard
            | Self::NotHeardSince { .. }
            | Self::StrayCallbacks { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla::{
        domain::time::Timestamp,
        ports::{health_check::NumberFacts, provider::SendFailure},
    };

    fn check(outcome: CheckOutcome, barred: Option<&[Aspect]>) -> ChannelCheck {
        let barred = barred.map(|all| all.iter().copied().collect());
        let (tenant, channel) = ("acme".parse().unwrap(), "1".parse().unwrap());
        ChannelCheck {
            tenant,
            channel,
            checked_at: Timestamp::from_millis(1),
            outcome,
            barred,
            answer: CheckAnswer::Reported,
            quality: None,
            messaging_limit: None,
            rev: 1,
        }
    }

    fn told() -> Inspection {
        Inspection {
            token: Ok(None),
            number: Ok(Some(NumberFacts::default())),
            health: Ok(None),
            listeners: Ok(None),
            webhook: Ok(None),
            handshake: None,
        }
    }

    #[test]
    fn a_missing_answer_keeps_a_bar_and_a_good_one_lifts_it() {
        let before = check(CheckOutcome::Failed, Some(&[Aspect::Number, Aspect::Subscription]));
        let hidden = Inspection { listeners: Err(SendFailure::Ambiguous("no answer")), ..told() };
        assert_eq!(barred(Some(&before), &[], None), before.barred.clone().unwrap());
        assert_eq!(barred(Some(&before), &[], Some(&hidden)), [Aspect::Subscription].into());
        assert_eq!(barred(Some(&before), &[], Some(&told())), BTreeSet::new());
        assert_eq!(
            barred(None, &[Finding::NotSubscribed { app: None }], None),
            [Aspect::Subscription].into()
        );
    }

    #[test]
    fn secrets_of_another_provider_prove_nothing() {
        let before = check(CheckOutcome::Failed, Some(&[Aspect::Number, Aspect::Subscription]));
        let foreign =
            Inspection { token: Err(SendFailure::Ambiguous("foreign")), number: Ok(None), ..told() };
        assert_eq!(barred(Some(&before), &[], Some(&foreign)), before.barred.clone().unwrap());
    }

    #[test]
    fn a_check_from_before_aspects_were_stored_bars_until_the_provider_answers() {
        let failed = check(CheckOutcome::Failed, None);
        assert!(!failed.is_connected() && check(CheckOutcome::Warned, None).is_connected());
        assert_eq!(barred(Some(&failed), &[Finding::HandshakeUnreachable], None).len(), 4);
        assert_eq!(barred(Some(&failed), &[Finding::HandshakeUnreachable], Some(&told())), BTreeSet::new());
    }
}
