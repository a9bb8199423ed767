//! Retries messages with an unknown outcome, for callers who chose that.

use std::time::Duration;

use crate::{
    domain::{
        attempt::{Attempt, Ended, LEASE, State},
        event::EventKind,
        rejection::{Reason, Retry},
        window::Window,
    },
    ports::{
        clock::Deadline,
        provider::SendFailure,
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{
        Sending,
        sending::{Case, Resolved, SendError, log_unwritten},
    },
};

/// The time limit of one retry, including the commit.
pub(crate) const REPEAT_PATIENCE: Duration = Duration::from_secs(20);

impl Sending {
    /// Retries a message whose outcome was unknown for the grace time, without any sign that the provider
    /// accepted it. Where it cannot be sent any more, a person has to decide.
    ///
    /// # Errors
    /// When the store fails; a later sweep continues.
    pub(crate) async fn retry_attempt(
        &self,
        mut attempt: Attempt,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let Some(Resolved { channel, to, conversation, .. }) = self.still_possible(&attempt).await? else {
            return self.outcomes.give_up(attempt).await;
        };
        let now = self.ctx.ids.now();
        attempt.state = State::Repeating { lease_until: now.plus(LEASE) };
        attempt.begin_try(now);
        // A conflict means that a webhook decided it, or that another sweep is processing it.
        if self.ctx.store.commit(vec![Write::Put(Record::Attempt(attempt.clone()))]).await?
            == Commit::Conflict
        {
            return Ok(());
        }
        attempt.rev += 1;
        tracing::info!(tenant = %attempt.tenant, message_id = %attempt.address.id,
            tries = attempt.tries, "a message with an unknown outcome is retried, as its policy allows");
        let deadline = Deadline(deadline.0.min(now.plus(REPEAT_PATIENCE)));
        let settled = match self.delivery.call_provider(deadline, &attempt, &channel, &to).await {
            Ok(acceptance) => {
                let case = Case { attempt: attempt.clone(), conversation };
                match Box::pin(self.outcomes.record_accepted(&channel, case, &acceptance)).await {
                    Ok((settled, place)) => self.outcomes.learn_parked(&channel, &settled, &place).await,
                    Err(error) => {
                        log_unwritten(&attempt, &error);
                        self.outcomes.note_acceptance(&attempt, &acceptance).await
                    }
                }
            }
            // The rejection concerns this call; an earlier one may have succeeded all the same.
            Err(SendFailure::Refused(rejection)) => {
                let mut refused = attempt.clone();
                refused.end_try(Ended::refused(&rejection));
                if rejection.reason == Reason::LowBalance {
                    let event =
                        self.ctx.event(&channel.tenant, EventKind::LowBalance { channel: channel.id });
                    self.ctx.store.commit(vec![Write::Put(Record::Event(event))]).await?;
                }
                match (rejection.reason, rejection.reason.retry()) {
                    (Reason::WindowClosed, _) => {
                        if let Some(place) = conversation {
                            // On a conflict the customer may have written, which opens it again.
                            let changes = self.outcomes.window_correction(place, self.ctx.ids.now());
                            self.ctx.store.commit(changes.into()).await?;
                        }
                        self.outcomes.give_up(refused).await
                    }
                    (_, Retry::Never) => self.outcomes.give_up(refused).await,
                    (_, Retry::Later) => self.outcomes.record_unknown_again(refused).await,
                }
            }
            Err(SendFailure::Ambiguous(_)) => {
                let mut doubtful = attempt.clone();
                doubtful.end_try(Ended::Unknown);
                self.outcomes.record_unknown_again(doubtful).await
            }
        };
        settled.inspect_err(|error| log_unwritten(&attempt, error))
    }

    /// The recipient of the message, if it can still be sent there.
    async fn still_possible(&self, attempt: &Attempt) -> Result<Option<Resolved>, StoreError> {
        let conversation = self.ctx.conversation(&attempt.tenant, attempt.address.conversation).await?;
        let Some(conversation) = conversation else { return Ok(None) };
        let channel = self.directory.channel(&attempt.tenant, conversation.channel).await?;
        let closed = matches!(conversation.window(self.ctx.ids.now()), Window::Closed { .. });
        // A disabled channel sends nothing, not even a retry.
        let channel = channel.filter(|channel| channel.disabled_rejection().is_none());
        let (Some(channel), Some(to), false) = (channel, conversation.recipient(), closed) else {
            return Ok(None);
        };
        let mut resolved = Resolved { channel, to, conversation: Some(conversation), rendered: None };
        match self.recipients.reached_by(&resolved, &attempt.content).await {
            Ok(to) => resolved.to = to,
            Err(SendError::Store(error)) => return Err(error),
            Err(_) => return Ok(None),
        }
        Ok(Some(resolved))
    }
}
