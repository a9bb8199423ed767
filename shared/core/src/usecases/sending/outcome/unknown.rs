//! The outcome `unknown`: the provider may or may not have accepted the message.

use crate::{
    domain::{
        attempt::{Attempt, Ended, State},
        channel::Channel,
        conversation::Happening,
        delivery::AttemptOutcome,
    },
    ports::store::{Commit, Record, StoreError, Write},
    usecases::{
        Outcomes,
        sending::outcome::{Case, unknown, unresolved},
        until_committed::Decision,
    },
};

/// The result of marking an attempt's outcome as unknown.
enum Doubted {
    /// It is marked as unknown.
    Unknown,
    /// It already has an outcome: the accepted attempt, or `None` where it was not accepted.
    Known(Option<Box<Attempt>>),
}

impl Outcomes {
    /// Commits that the outcome is unknown, so that it is shown. Returns the accepted attempt when a status
    /// has decided it.
    ///
    /// # Errors
    /// When the store fails; the attempt's lease then expires, and the sweep does the same.
    pub(crate) async fn record_unknown(
        &self,
        channel: &Channel,
        case: Case,
    ) -> Result<Option<Attempt>, StoreError> {
        let (tenant, id) = (&case.attempt.tenant.clone(), case.attempt.address.id);
        let doubted = self.ctx.until_committed_from(case, |case| async move {
            let case = match case {
                Some(case) => case,
                None => self.current_case(tenant, id, None).await?,
            };
            self.doubtful(channel, case).await
        });
        match doubted.await? {
            Doubted::Known(accepted) => Ok(accepted.map(|accepted| *accepted)),
            Doubted::Unknown => {
                tracing::warn!(metric = "outcome_unknown", %tenant, message_id = %id,
                    "the outcome of a message is unknown: the provider may or may not have accepted it");
                Ok(None)
            }
        }
    }

    /// The writes that mark an attempt without an outcome as unknown.
    async fn doubtful(&self, channel: &Channel, case: Case) -> Result<Decision<Doubted>, StoreError> {
        let Case { mut attempt, conversation } = case;
        if !matches!(attempt.state, State::Sending { .. }) {
            let accepted = matches!(attempt.state, State::Accepted { .. });
            return Ok(Decision::Done(Doubted::Known(accepted.then(|| Box::new(attempt)))));
        }
        if let Some(acceptance) = attempt.parked_acceptance.clone() {
            // A status came first: the provider accepted it.
            let case = Case { attempt, conversation };
            let (accepted, _) = Box::pin(self.record_accepted(channel, case, &acceptance)).await?;
            return Ok(Decision::Done(Doubted::Known(Some(Box::new(accepted)))));
        }
        let mut place = match conversation {
            Some(found) => found,
            None => self.open_recipient_conversation(channel, &attempt, &[]).await?,
        };
        self.templates.freeze_template(channel, &mut attempt).await;
        attempt.address.conversation = place.id;
        attempt.channel = Some(channel.id);
        attempt.state = State::Unknown { since: self.ctx.ids.now() };
        attempt.end_try(Ended::Unknown);
        let message = attempt.message(channel.id, AttemptOutcome::Unknown, None);
        let before = place.snapshot();
        place.apply(&Happening::Sent(&message));
        let mut changes: Vec<Write> = self.ctx.events(&place.tenant, place.events_since(&before)).collect();
        changes.extend([
            Write::Put(Record::Attempt(attempt)),
            Write::Put(Record::Event(self.ctx.event(&message.tenant, unknown(&message)))),
            Write::Put(Record::Message(message)),
            Write::Put(Record::Conversation(place)),
        ]);
        Ok(Decision::Commit(changes, Doubted::Unknown))
    }

    /// Commits that the outcome of a retry is unknown as before. Nothing else changes.
    ///
    /// # Errors
    /// When the store fails; the lease then expires, and the sweep does the same.
    pub(crate) async fn record_unknown_again(&self, mut attempt: Attempt) -> Result<(), StoreError> {
        attempt.state = State::Unknown { since: self.ctx.ids.now() };
        // A conflict means that a webhook has just resolved it.
        self.ctx.store.commit(vec![Write::Put(Record::Attempt(attempt))]).await.map(drop)
    }

    /// Gives up on an outcome that stayed unknown for longer than the grace time: a person has to decide.
    pub(crate) async fn give_up(&self, mut attempt: Attempt) -> Result<(), StoreError> {
        let (State::Unknown { since }
        | State::Sending { lease_until: since }
        | State::Repeating { lease_until: since }) = attempt.state
        else {
            return Ok(());
        };
        attempt.state = State::Unresolved { since };
        let mut changes = vec![Write::Put(Record::Attempt(attempt.clone()))];
        if let Some(mut message) = self.ctx.store.message(&attempt.tenant, attempt.address).await? {
            message.handover = AttemptOutcome::Unresolved;
            changes.push(Write::Put(Record::Event(self.ctx.event(&message.tenant, unresolved(&message)))));
            changes.push(Write::Put(Record::Message(message)));
        }
        // A conflict means that a webhook has just resolved it; the next sweep sees that.
        if self.ctx.store.commit(changes).await? == Commit::Committed {
            tracing::warn!(metric = "outcome_unresolved", tenant = %attempt.tenant, message_id = %attempt.address.id,
                "the outcome of a message stayed unknown for longer than the grace time");
        }
        Ok(())
    }
}
