//! The outcome `rejected`: the message was definitely not sent.

use crate::{
    domain::{
        attempt::{Attempt, Ended, State},
        channel::Channel,
        delivery::Handover,
        event::EventKind,
        rejection::{Reason, Rejection},
    },
    ports::store::{Commit, Record, StoreError, Write},
    usecases::{
        Outcomes,
        backoff::Rounds,
        sending::outcome::{Case, rejected},
    },
};

impl Outcomes {
    /// Commits a rejection: only the attempt is stored. Returns the accepted attempt when a status
    /// contradicts it.
    ///
    /// # Errors
    /// When the store fails; the attempt's lease then expires, and it shows as unknown.
    pub(crate) async fn refuse(
        &self,
        channel: Option<&Channel>,
        case: Case,
        rejection: &Rejection,
    ) -> Result<Option<Attempt>, StoreError> {
        let mut rounds = Rounds::default();
        let Case { mut attempt, mut conversation } = case;
        loop {
            let mut changes = Vec::new();
            match (&attempt.state, attempt.parked_acceptance.clone(), channel) {
                // A status contradicts the rejection, and a status is proof.
                (State::Sending { .. }, Some(acceptance), Some(channel)) => {
                    let case = Case { attempt, conversation };
                    return Ok(Some(Box::pin(self.accept(channel, case, &acceptance)).await?.0));
                }
                (State::Sending { .. }, ..) => {}
                (State::Unknown { .. } | State::Repeating { .. } | State::Unresolved { .. }, ..) => {
                    if let Some(mut message) =
                        self.ctx.store.message(&attempt.tenant, attempt.address).await?
                    {
                        message.handover = Handover::Rejected;
                        changes.push(Write::Put(Record::Event(
                            self.ctx.event(&message.tenant, rejected(&message)),
                        )));
                        changes.push(Write::Put(Record::Message(message)));
                    }
                }
                (State::Accepted { .. }, ..) => return Ok(Some(attempt)),
                (State::Rejected { .. }, ..) => return Ok(None),
            }
            let mut refused = attempt.clone();
            refused.state = State::Rejected { rejection: rejection.clone() };
            refused.end_try(Ended::refused(rejection));
            changes.push(Write::Put(Record::Attempt(refused)));
            if let (Reason::LowBalance, Some(channel)) = (rejection.reason, channel) {
                let kind = EventKind::LowBalance { channel: channel.id };
                changes.push(Write::Put(Record::Event(self.ctx.event(&channel.tenant, kind))));
            }
            let place = conversation.as_ref().map(|place| place.id);
            if let Some(place) = conversation.take().filter(|_| is_providers_word_on_window(rejection)) {
                changes.extend(self.window_correction(place, attempt.address.at));
            }
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                return Ok(None);
            }
            rounds.again(&self.ctx).await?;
            attempt = self.attempt_again(&attempt).await?;
            conversation = match place {
                Some(id) => self.ctx.conversation(&attempt.tenant, id).await?,
                None => None,
            };
        }
    }
}

/// A rejection by our own check says nothing new about the window; one by the provider does.
fn is_providers_word_on_window(rejection: &Rejection) -> bool {
    rejection.reason == Reason::WindowClosed && rejection.provider_code.is_some()
}
