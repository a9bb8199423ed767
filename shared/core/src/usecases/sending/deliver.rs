//! Calls the provider once, and commits the outcome.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    domain::{
        attempt::{Attempt, State},
        channel::Channel,
        contact::Address,
        content::Content,
        conversation::Conversation,
        delivery::AttemptOutcome,
        opt_out::{Marketing, OptOutReason},
        rejection::{Reason, Rejection},
    },
    ports::{
        clock::Deadline,
        credentials::{ChannelSecret, Freshness},
        files::FileStore,
        provider::{Acceptance, Outgoing, Provider, SendFailure},
        store::StoreError,
    },
    usecases::{
        ChannelSecrets, Context, FileLinks, OptOuts, Outcomes, Ports, Templates,
        opt_outs::{OPTED_OUT_CODE, OptOutChange},
        sending::{
            Case, Recorded, Resolved, SendCommand, SendError, Sent, log_unwritten,
            outcome::log_unstored_addresses, sent,
        },
    },
};

/// The time limit for the provider's response.
pub const PROVIDER_PATIENCE: Duration = Duration::from_secs(8);

/// The time reserved for the commit: one call to the store with its retries.
const COMMIT_RESERVE: Duration = Duration::from_secs(6);

/// The time reserved for the response itself.
const ANSWER_RESERVE: Duration = Duration::from_millis(300);

/// With less time, a call to the provider is not started.
const SHORTEST_CALL: Duration = Duration::from_millis(500);

/// With less time, a send is not started.
pub(crate) const SHORTEST_SEND: Duration = Duration::from_secs(7);

/// Calls the provider for one attempt, and commits the outcome.
#[derive(Clone)]
pub struct Delivery {
    pub(crate) ctx: Arc<Context>,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) secrets: ChannelSecrets,
    pub(crate) file_links: FileLinks,
    pub(crate) opt_outs: OptOuts,
    pub(crate) outcomes: Outcomes,
    pub(crate) templates: Templates,
}

impl Delivery {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, file_store: &Arc<dyn FileStore>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            provider: Arc::clone(&ports.provider),
            secrets: ChannelSecrets::new(ports),
            file_links: FileLinks::new(file_store),
            opt_outs: OptOuts::new(ports),
            outcomes: Outcomes::new(ports),
            templates: Templates::new(ports),
        }
    }
}

impl Delivery {
    /// Calls the provider and commits the outcome.
    pub(crate) async fn deliver_message(
        &self,
        command: &SendCommand,
        mut attempt: Attempt,
        resolved: Resolved,
    ) -> Result<Sent, SendError> {
        let Resolved { channel, to, conversation, rendered } = resolved;
        attempt.rendered = rendered;
        let called = self.call_provider(command.deadline, &attempt, &channel, &to).await;
        let case = Case { attempt: attempt.clone(), conversation };
        let (settled, otherwise) = match called {
            Ok(acceptance) => return Ok(self.record(command, &channel, &to, case, &acceptance).await),
            Err(SendFailure::Refused(rejection)) => {
                let refused = Box::pin(self.outcomes.record_rejected(Some(&channel), case, &rejection));
                let settled = self.in_time(command, refused).await;
                (settled, SendError::Rejected(self.explained(command, &channel, &to, rejection).await))
            }
            Err(SendFailure::Ambiguous(seen)) => {
                tracing::warn!(tenant = %attempt.tenant, message_id = %attempt.address.id, seen,
                    "the provider's response leaves the outcome unknown");
                let doubted = Box::pin(self.outcomes.record_unknown(&channel, case));
                (self.in_time(command, doubted).await, SendError::Unknown(attempt.address.id))
            }
        };
        match settled {
            Ok(Some(accepted)) => Ok(self.sent_after_all(command, &channel, &accepted).await),
            Ok(None) => Err(otherwise),
            Err(error) => {
                log_unwritten(&attempt, &error);
                Err(otherwise.unless_sent_again(&attempt))
            }
        }
    }

    /// Follow-ups of a rejection once it is committed, as far as there is time: adds what can be sent
    /// instead, and records an opt-out or a template that cannot be sent. If that fails, the next rejection
    /// does it.
    async fn explained(
        &self,
        command: &SendCommand,
        channel: &Channel,
        to: &Address,
        rejection: Rejection,
    ) -> Rejection {
        if rejection.provider_code.as_ref() == Some(&OPTED_OUT_CODE) {
            let change = OptOutChange {
                marketing: Marketing::Stopped,
                why: OptOutReason::Refused,
                at: self.ctx.ids.now(),
            };
            let heeded = self
                .in_time(command, Box::pin(self.opt_outs.apply_opt_out(&channel.tenant, to, change)))
                .await;
            if let Err(error) = heeded {
                tracing::warn!(tenant = %channel.tenant, %error, "an opt-out could not be recorded");
            }
        }
        if let (Content::Template(sent), Some(code)) = (&command.content, &rejection.provider_code) {
            let heeded = Box::pin(self.templates.mark_rejected_template(channel, sent, code));
            if let Err(error) = self.in_time(command, heeded).await {
                tracing::warn!(tenant = %channel.tenant, %error, "a rejected template could not be marked in the cache");
            }
        }
        let explanation =
            async { Ok::<_, StoreError>(self.templates.with_templates(channel, rejection.clone()).await) };
        self.in_time(command, Box::pin(explanation)).await.unwrap_or(rejection)
    }

    /// A status arrived before the response, or instead of it, and proves that the provider accepted the
    /// message.
    async fn sent_after_all(&self, command: &SendCommand, channel: &Channel, accepted: &Attempt) -> Sent {
        let id = accepted.address.conversation;
        let found = Box::pin(self.ctx.conversation(&accepted.tenant, id));
        let conversation: Option<Conversation> =
            self.in_time::<_, StoreError>(command, found).await.ok().flatten();
        if let Some(place) = &conversation {
            let learn = Box::pin(self.outcomes.learn_parked(channel, accepted, place));
            log_unstored_addresses(place, self.in_time(command, learn).await);
        }
        taken(accepted, channel, conversation.as_ref(), Recorded::Now)
    }

    /// Commits a message that the provider accepted. Whatever fails now, the customer has it.
    async fn record(
        &self,
        command: &SendCommand,
        channel: &Channel,
        to: &Address,
        case: Case,
        acceptance: &Acceptance,
    ) -> Sent {
        let (attempt, conversation) = (case.attempt.clone(), case.conversation.clone());
        match self.in_time(command, Box::pin(self.outcomes.record_accepted(channel, case, acceptance))).await
        {
            Ok((attempt, conversation)) => {
                // It is committed; what more can be learned must not change the answer.
                let learn = Box::pin(async {
                    self.outcomes
                        .add_reported_addresses(channel, &conversation, to.number(), acceptance)
                        .await?;
                    self.outcomes.learn_parked(channel, &attempt, &conversation).await
                });
                log_unstored_addresses(&conversation, self.in_time(command, learn).await);
                spelled(taken(&attempt, channel, Some(&conversation), Recorded::Now), acceptance)
            }
            Err(error) => {
                log_unwritten(&attempt, &error);
                // One row, apart from the conversation, which others write as well.
                let note = Box::pin(self.outcomes.note_acceptance(&attempt, acceptance));
                if let Err(error) = self.in_time(command, note).await {
                    log_unwritten(&attempt, &error);
                }
                let wamid = acceptance.wamid.clone();
                let accepted = Attempt { state: State::Accepted { wamid }, ..attempt };
                spelled(taken(&accepted, channel, conversation.as_ref(), Recorded::Later), acceptance)
            }
        }
    }

    /// Runs work at the store within the time that the request has left.
    pub(crate) async fn in_time<T, E: From<StoreError>>(
        &self,
        command: &SendCommand,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let left = self.ctx.ids.now().until(command.deadline.0).saturating_sub(ANSWER_RESERVE);
        let late = || StoreError::Unavailable("no time was left".to_owned());
        tokio::time::timeout(left, work).await.unwrap_or_else(|_| Err(late().into()))
    }

    /// Calls the provider, and once more when the token was rejected and there is a new one.
    pub(crate) async fn call_provider(
        &self,
        deadline: Deadline,
        attempt: &Attempt,
        channel: &Channel,
        to: &Address,
    ) -> Result<Acceptance, SendFailure> {
        let called = self.call_refreshing(deadline, attempt, channel, to).await;
        count(channel, &called);
        called
    }

    async fn call_refreshing(
        &self,
        deadline: Deadline,
        attempt: &Attempt,
        channel: &Channel,
        to: &Address,
    ) -> Result<Acceptance, SendFailure> {
        let secret = self.secrets.secret(channel, Freshness::Cached).await?;
        let first = self.call_with(deadline, attempt, channel, to, &secret).await;
        match first {
            // The token may have been rotated. The rejection is definite, so one retry is safe.
            Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::ProviderAuth => {
                match self.secrets.secret(channel, Freshness::Refreshed).await {
                    Ok(fresh) if fresh != secret => {
                        self.call_with(deadline, attempt, channel, to, &fresh).await
                    }
                    _ => Err(SendFailure::Refused(rejection)),
                }
            }
            other => other,
        }
    }
}

impl Delivery {
    async fn call_with(
        &self,
        deadline: Deadline,
        attempt: &Attempt,
        channel: &Channel,
        to: &Address,
        secret: &ChannelSecret,
    ) -> Result<Acceptance, SendFailure> {
        let left = self.ctx.ids.now().until(deadline.0).saturating_sub(COMMIT_RESERVE);
        if left < SHORTEST_CALL {
            return Err(SendFailure::Refused(Rejection::of(Reason::ProviderDown)));
        }
        let content = self.file_links.with_address(channel, &attempt.content)?;
        let echo = attempt.address.to_echo();
        let outgoing = Outgoing {
            channel,
            secret,
            to,
            content: &content,
            quotes: attempt.quotes.as_ref(),
            references: &attempt.references,
            echo: &echo,
            timeout: left.min(PROVIDER_PATIENCE),
        };
        let begun = Instant::now();
        let answer = self.provider.send(outgoing).await;
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(metric = "provider_ms", value = millis, tenant = %channel.tenant, channel = %channel.id,
            "the provider was called");
        answer
    }
}

/// Counts the result of a provider call in the metrics. (An unknown one is counted once it is committed.)
fn count(channel: &Channel, called: &Result<Acceptance, SendFailure>) {
    let (tenant, channel) = (&channel.tenant, channel.id);
    tracing::debug!(metric = "sent", %tenant, %channel, "a send call ended");
    match called {
        Ok(_) => tracing::debug!(metric = "accepted", %tenant, %channel, "the provider accepted a message"),
        Err(SendFailure::Ambiguous(_)) => {}
        Err(SendFailure::Refused(rejection)) => {
            tracing::debug!(metric = "failed", %tenant, %channel, "the provider rejected a message");
            match rejection.reason {
                Reason::LowBalance => tracing::error!(metric = "low_balance", %tenant, %channel,
                    "the channel's account at the provider has no money left; its messages are rejected"),
                Reason::ProviderAuth => tracing::error!(metric = "credentials_refused", %tenant, %channel,
                    "the provider rejects the channel's credentials, or there are none; its messages are rejected"),
                _ => {}
            }
        }
    }
}

/// The result of a message that was just sent.
fn taken(
    attempt: &Attempt,
    channel: &Channel,
    conversation: Option<&Conversation>,
    recorded: Recorded,
) -> Sent {
    let sent = sent(attempt, conversation, recorded);
    let message = attempt.message(channel.id, AttemptOutcome::Accepted, sent.wamid.clone());
    Sent { message: Some(Box::new(message)), ..sent }
}

/// The result with the number as the provider has just spelled it.
fn spelled(sent: Sent, acceptance: &Acceptance) -> Sent {
    let Some(wa_id) = &acceptance.wa_id else { return sent };
    let another = sent.number.as_ref() != Some(wa_id);
    Sent { wa_id: another.then(|| Box::new(wa_id.clone())), ..sent }
}
