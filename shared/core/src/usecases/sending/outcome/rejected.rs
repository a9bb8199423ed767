//! The outcome `rejected`: the message was definitely not sent.

use crate::{
    domain::{
        attempt::{Attempt, Ended, State},
        channel::Channel,
        delivery::AttemptOutcome,
        event::EventKind,
        rejection::{Reason, Rejection},
    },
    ports::store::{Record, StoreError, Write},
    usecases::{
        Outcomes,
        sending::outcome::{Case, rejected},
        until_committed::Decision,
    },
};

impl Outcomes {
    /// Commits a rejection: only the attempt is stored. Returns the accepted attempt when a status
    /// contradicts it.
    ///
    /// # Errors
    /// When the store fails; the attempt's lease then expires, and it shows as unknown.
    pub(crate) async fn record_rejected(
        &self,
        channel: Option<&Channel>,
        case: Case,
        rejection: &Rejection,
    ) -> Result<Option<Attempt>, StoreError> {
        let (tenant, id) = (&case.attempt.tenant.clone(), case.attempt.address.id);
        let place = case.conversation.as_ref().map(|place| place.id);
        self.ctx
            .until_committed_from(case, |case| async move {
                let case = match case {
                    Some(case) => case,
                    None => self.current_case(tenant, id, place).await?,
                };
                self.refused(channel, case, rejection).await
            })
            .await
    }

    /// The writes that reject an attempt, unless it is accepted.
    async fn refused(
        &self,
        channel: Option<&Channel>,
        case: Case,
        rejection: &Rejection,
    ) -> Result<Decision<Option<Attempt>>, StoreError> {
        let Case { mut attempt, conversation } = case;
        let mut changes = Vec::new();
        match (&attempt.state, attempt.parked_acceptance.clone(), channel) {
            // A status contradicts the rejection, and a status is proof.
            (State::Sending { .. }, Some(acceptance), Some(channel)) => {
                let case = Case { attempt, conversation };
                let (accepted, _) = Box::pin(self.record_accepted(channel, case, &acceptance)).await?;
                return Ok(Decision::Done(Some(accepted)));
            }
            (State::Sending { .. }, ..) => {}
            (State::Unknown { .. } | State::Repeating { .. } | State::Unresolved { .. }, ..) => {
                if let Some(mut message) = self.ctx.store.message(&attempt.tenant, attempt.address).await? {
                    message.handover = AttemptOutcome::Rejected;
                    changes
                        .push(Write::Put(Record::Event(self.ctx.event(&message.tenant, rejected(&message)))));
                    changes.push(Write::Put(Record::Message(message)));
                }
            }
            (State::Accepted { .. }, ..) => return Ok(Decision::Done(Some(attempt))),
            (State::Rejected { .. }, ..) => return Ok(Decision::Done(None)),
        }
        let sent_at = attempt.address.at;
        attempt.state = State::Rejected { rejection: rejection.clone() };
        attempt.end_try(Ended::refused(rejection));
        changes.push(Write::Put(Record::Attempt(attempt)));
        if let (Reason::LowBalance, Some(channel)) = (rejection.reason, channel) {
            let kind = EventKind::LowBalance { channel: channel.id };
            changes.push(Write::Put(Record::Event(self.ctx.event(&channel.tenant, kind))));
        }
        if let Some(place) = conversation.filter(|_| is_providers_word_on_window(rejection)) {
            changes.extend(self.window_correction(place, sent_at));
        }
        Ok(Decision::Commit(changes, None))
    }
}

/// A rejection by our own check says nothing new about the window; one by the provider does.
fn is_providers_word_on_window(rejection: &Rejection) -> bool {
    rejection.reason == Reason::WindowClosed && rejection.provider_code.is_some()
}
