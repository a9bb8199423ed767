//! The intent to send, and the use of an idempotency key that has a result already.

use crate::{
    domain::{
        attempt::{Attempt, LEASE, State, Target},
        idempotency::{KeyRecord, REMEMBERED},
        message::MessageAddress,
        rejection::Retry,
    },
    ports::store::{Commit, Record, StoreError, Write},
    usecases::{
        Sending, TemplateValidation,
        sending::{
            Recorded, Replay, ResolvedRecipient, SendCommand, SendError, SendOutcome, log_unwritten, sent,
        },
    },
};

/// The result of writing an intent.
pub(crate) enum IntentOutcome {
    /// It is new: continue.
    Mine(Attempt),
    /// The key has this earlier attempt.
    Earlier(Attempt),
}

impl Sending {
    pub(crate) fn build_attempt(&self, command: &SendCommand, recipient: &ResolvedRecipient) -> Attempt {
        let now = self.ctx.ids.now();
        let (conversation, channel, target) = match recipient {
            ResolvedRecipient::Conversation(id) => (*id, None, Target::Conversation),
            ResolvedRecipient::Address { channel, to } => {
                (self.ctx.ids.id(), Some(channel.id), Target::Number(to.clone()))
            }
        };
        let address = MessageAddress { conversation, at: now, id: self.ctx.ids.id() };
        Attempt {
            channel,
            quotes: command.quotes.clone(),
            request: command.request,
            references: command.references.clone(),
            sent_by: command.sent_by.clone().map(Box::new),
            broadcast: command.broadcast,
            policy: command.policy,
            ..Attempt::new(command.tenant.clone(), address, target, command.content.clone())
        }
    }

    /// Commits the intent. With a key, exactly one of any number of requests gets `Mine`.
    pub(crate) async fn write_intent(
        &self,
        command: &SendCommand,
        mut attempt: Attempt,
    ) -> Result<IntentOutcome, SendError> {
        let mut record = command.key.as_ref().map(|key| KeyRecord {
            tenant: command.tenant.clone(),
            key: key.hashed(command.operation),
            fingerprint: command.fingerprint(),
            message: attempt.address.id,
            expires_at: self.ctx.ids.now().plus(REMEMBERED),
            rev: 0,
        });
        for _ in 0..4 {
            let mut changes = vec![Write::Put(Record::Attempt(attempt.clone()))];
            changes.extend(record.clone().map(Record::Key).map(Write::Put));
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                attempt.rev = 1;
                return Ok(IntentOutcome::Mine(attempt));
            }
            // Either the key is in use, or a new id happened to be.
            attempt.address.id = self.ctx.ids.id();
            let Some(mine) = record.as_mut() else { continue };
            mine.message = attempt.address.id;
            let Some(known) = self.attempts.key(&command.tenant, &mine.key).await? else {
                mine.rev = 0;
                continue;
            };
            if known.expires_at <= self.ctx.ids.now() {
                mine.rev = known.rev;
                continue;
            }
            if known.fingerprint != mine.fingerprint {
                return Err(SendError::KeyReused);
            }
            let earlier = self.attempts.attempt(&command.tenant, known.message).await?;
            let gone = || StoreError::Corrupt(format!("attempt {} has gone", known.message));
            return Ok(IntentOutcome::Earlier(earlier.ok_or_else(gone)?));
        }
        Err(StoreError::Unavailable("the intent could not be written".to_owned()).into())
    }
}

impl TemplateValidation {
    /// Whether an earlier request with the same key began to send the message.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn is_begun(&self, command: &SendCommand) -> Result<bool, StoreError> {
        let Some(key) = &command.key else { return Ok(false) };
        let known = self.attempts.key(&command.tenant, &key.hashed(command.operation)).await?;
        Ok(known.is_some_and(|known| known.expires_at > self.ctx.ids.now()))
    }
}

impl Sending {
    /// Reclaims an earlier attempt that was rejected temporarily; any other is returned as the `Err`.
    pub(crate) async fn reclaim(&self, earlier: Attempt) -> Result<IntentOutcome, SendError> {
        let State::Rejected { rejection } = &earlier.state else {
            return Ok(IntentOutcome::Earlier(earlier));
        };
        if rejection.reason.retry() == Retry::Never {
            return Ok(IntentOutcome::Earlier(earlier));
        }
        let mut mine = earlier.clone();
        mine.state = State::Sending { lease_until: self.ctx.ids.now().plus(LEASE) };
        // It is sent now, so now is its time in the conversation.
        mine.address.at = self.ctx.ids.now();
        mine.begin_try(mine.address.at);
        match self.ctx.store.commit(vec![Write::Put(Record::Attempt(mine.clone()))]).await {
            Ok(Commit::Committed) => {
                mine.rev += 1;
                Ok(IntentOutcome::Mine(mine))
            }
            Ok(Commit::Conflict) => Err(SendError::InProgress),
            Err(error) => Err(Box::pin(self.give_back(earlier, mine, error)).await),
        }
    }

    /// It is unknown whether an attempt was reclaimed; the write may still be on its way. Ensures that it is
    /// not sent, and returns the error for the caller.
    async fn give_back(&self, earlier: Attempt, mine: Attempt, error: StoreError) -> SendError {
        let error = SendError::Store(error);
        // The same rejection with a new revision: a write that arrives later conflicts.
        let barred = match self.ctx.store.commit(vec![Write::Put(Record::Attempt(earlier.clone()))]).await {
            Ok(Commit::Committed) => return error,
            Ok(Commit::Conflict) => self.attempts.attempt(&mine.tenant, mine.address.id).await,
            Err(unwritten) => Err(unwritten),
        };
        match barred {
            Ok(Some(found)) if found.state == mine.state && found.rev == earlier.rev + 1 => {
                self.withdraw(found, error).await
            }
            // Another request with the key has it.
            Ok(_) => SendError::InProgress,
            Err(unwritten) => {
                log_unwritten(&mine, &unwritten);
                error.unless_sent_again(&mine)
            }
        }
    }

    /// The answer of an earlier request with the same key, as it is now.
    pub(crate) async fn replay_outcome(
        &self,
        command: &SendCommand,
        earlier: &Attempt,
    ) -> Result<SendOutcome, SendError> {
        let outcome = match &earlier.state {
            State::Accepted { .. } => {
                let id = earlier.address.conversation;
                let conversation = self.ctx.conversation(&command.tenant, id).await?;
                Ok(sent(earlier, conversation.as_ref(), Recorded::Now))
            }
            State::Rejected { rejection } => Err(SendError::Rejected(rejection.clone())),
            State::Sending { lease_until } if *lease_until > self.ctx.ids.now() => {
                return Err(SendError::InProgress);
            }
            State::Sending { .. }
            | State::Unknown { .. }
            | State::Repeating { .. }
            | State::Unresolved { .. } => Err(SendError::Unknown(earlier.address.id)),
        };
        Ok(SendOutcome { outcome, replay: Replay::Replayed, message: Some(earlier.address.id) })
    }
}
