//! The outcome `unknown`: the provider may or may not have accepted the message.

use crate::{
    domain::{
        attempt::{Attempt, Ended, State},
        channel::Channel,
        conversation::Happening,
        delivery::Handover,
    },
    ports::store::{Commit, Record, StoreError, Write},
    usecases::{
        Outcomes,
        backoff::Rounds,
        sending::outcome::{Case, unknown, unresolved},
    },
};

impl Outcomes {
    /// Commits that the outcome is unknown, so that it is shown. Returns the accepted attempt when a status
    /// has decided it.
    ///
    /// # Errors
    /// When the store fails; the attempt's lease then expires, and the sweep does the same.
    pub(crate) async fn doubt(&self, channel: &Channel, case: Case) -> Result<Option<Attempt>, StoreError> {
        let mut rounds = Rounds::default();
        let Case { mut attempt, mut conversation } = case;
        loop {
            if !matches!(attempt.state, State::Sending { .. }) {
                return Ok(matches!(attempt.state, State::Accepted { .. }).then_some(attempt));
            }
            if let Some(acceptance) = attempt.parked_acceptance.clone() {
                // A status arrived first: the provider accepted it.
                let case = Case { attempt, conversation };
                return Ok(Some(Box::pin(self.accept(channel, case, &acceptance)).await?.0));
            }
            let mut place = match conversation.take() {
                Some(found) => found,
                None => self.place_of(channel, &attempt, &[]).await?,
            };
            self.templates.freeze_template(channel, &mut attempt).await;
            let mut doubtful = attempt.clone();
            doubtful.address.conversation = place.id;
            doubtful.channel = Some(channel.id);
            doubtful.state = State::Unknown { since: self.ctx.ids.now() };
            doubtful.end_try(Ended::Unknown);
            let message = doubtful.message(channel.id, Handover::Unknown, None);
            let before = place.stands();
            place.apply(&Happening::Sent(&message));
            let mut changes: Vec<Write> = self.ctx.events(&place.tenant, place.news_since(&before)).collect();
            changes.extend([
                Write::Put(Record::Attempt(doubtful)),
                Write::Put(Record::Event(self.ctx.event(&message.tenant, unknown(&message)))),
                Write::Put(Record::Message(message)),
                Write::Put(Record::Conversation(place)),
            ]);
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                tracing::warn!(metric = "outcome_unknown", tenant = %attempt.tenant, message_id = %attempt.address.id,
                    "the outcome of a message is unknown: the provider may or may not have accepted it");
                return Ok(None);
            }
            rounds.again(&self.ctx).await?;
            attempt = self.attempt_again(&attempt).await?;
        }
    }

    /// Commits that the outcome of a retry is unknown as before. Nothing else changes.
    ///
    /// # Errors
    /// When the store fails; the lease then expires, and the sweep does the same.
    pub(crate) async fn doubt_again(&self, mut attempt: Attempt) -> Result<(), StoreError> {
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
            message.handover = Handover::Unresolved;
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
