//! Delivery statuses that webhooks report: stored on their message, or parked until it is known.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        attempt::{Attempt, State},
        channel::Channel,
        delivery::{AttemptOutcome, FactKind, Facts},
        id::{MessageId, TenantId, Wamid},
        inbound::{Disposition, StatusReport},
        message::{Message, MessageAddress},
        message_lookup::MessageLookup,
        opt_out::{Marketing, OptOutReason},
        source::{INLINE, SourceKind, chunks},
        written::Written,
    },
    ports::{
        attempts::AttemptRecords,
        provider::Acceptance,
        store::{Record, StoreError, Write},
    },
    usecases::{
        Context, OptOuts, Outcomes, Ports,
        opt_outs::{OPTED_OUT_CODE, OptOutChange, OptOutCustomer},
        sending::outcome::{Case, log_unstored_addresses, reported},
        until_committed::Decision,
    },
};

/// How long a status is parked: as long as Meta may repeat a webhook, and a day.
pub(crate) const PARKED_FOR: Duration = Duration::from_hours(8 * 24);

/// Ids stored beside a parked one: a provider has two or three for a message.
const MOST_SIBLINGS: usize = 4;

/// Parked statuses as received per message.
const MOST_SOURCES: usize = 8;

/// The row that a status belongs to.
pub(crate) enum StatusTarget {
    Message(Box<Message>),
    Attempt(Box<Attempt>),
    /// None yet: one lookup entry for each of its ids.
    Pointers(Vec<MessageLookup>),
}

/// Stores the delivery statuses and payments that providers report.
#[derive(Clone)]
pub struct StatusUpdates {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) opt_outs: OptOuts,
    pub(crate) outcomes: Outcomes,
}

impl StatusUpdates {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            opt_outs: OptOuts::new(ports),
            outcomes: Outcomes::new(ports),
        }
    }
}

impl StatusUpdates {
    /// Stores a delivery status, regardless of order and repetition.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn record_status(
        &self,
        channel: &Channel,
        report: &StatusReport,
        raw: &str,
    ) -> Result<Disposition, StoreError> {
        let ids = &ids(report);
        let decided = self.ctx.until_committed(|| async {
            let (decision, message) = match self.place_of_status(channel, report.echo, ids).await? {
                StatusTarget::Message(message) => {
                    let known = (message.address, message.unknown_aliases(ids));
                    (Box::pin(self.note_on_message(channel, *message, report, raw)).await?, Some(known))
                }
                StatusTarget::Attempt(attempt) => {
                    (Box::pin(self.note_on_attempt(channel, *attempt, report, raw)).await?, None)
                }
                StatusTarget::Pointers(lookups) => {
                    let note = |parked: &mut Facts| parked.merge_report(report.kind, report.fact.clone());
                    (park_status(lookups, ids, raw, note), None)
                }
            };
            Ok::<_, StoreError>(decision.map(|disposition| (disposition, message)))
        });
        let (disposition, message) = decided.await?;
        if let Some((address, new)) = message.filter(|(_, new)| !new.is_empty()) {
            self.outcomes.learn_ids(channel, address, &new).await?;
        }
        count(channel, report.kind, disposition);
        Ok(disposition)
    }

    /// Finds the row of a status: by our own callback data first, then by the provider's ids.
    pub(crate) async fn place_of_status(
        &self,
        channel: &Channel,
        echo: Option<MessageAddress>,
        ids: &[Wamid],
    ) -> Result<StatusTarget, StoreError> {
        if let Some(address) = echo {
            if let Some(message) = self.message_of(channel, address).await? {
                return Ok(StatusTarget::Message(Box::new(message)));
            }
            let attempt = self.attempts.attempt(&channel.tenant, address.id).await?;
            if let Some(attempt) = attempt
                && self.goes_through(&attempt, channel).await?
            {
                // The message of a send to a new number may be in another conversation than proposed.
                if let Some(message) = self.message_of(channel, attempt.address).await? {
                    return Ok(StatusTarget::Message(Box::new(message)));
                }
                if !matches!(attempt.state, State::Accepted { .. }) {
                    return Ok(StatusTarget::Attempt(Box::new(attempt)));
                }
            }
        }
        let mut lookups = Vec::new();
        for id in ids {
            let lookup = self.ctx.store.message_lookup(&channel.inbound_address(), id).await?;
            if let Some(address) = lookup.as_ref().and_then(|lookup| lookup.message)
                // The lookup entry belongs to this inbound address, whatever the channel was called then.
                && let Some(message) = self.ctx.store.message(&channel.tenant, address).await?
            {
                return Ok(StatusTarget::Message(Box::new(message)));
            }
            lookups.push(lookup.unwrap_or_else(|| MessageLookup {
                expires_at: Some(self.ctx.ids.now().plus(PARKED_FOR)),
                ..MessageLookup::unseen(channel, id)
            }));
        }
        Ok(StatusTarget::Pointers(lookups))
    }

    /// Whether an attempt uses this channel. A send into a conversation stores its channel only with its
    /// outcome.
    async fn goes_through(&self, attempt: &Attempt, channel: &Channel) -> Result<bool, StoreError> {
        if let Some(own) = attempt.channel {
            return Ok(own == channel.id);
        }
        let place = self.ctx.store.conversation(&attempt.tenant, attempt.address.conversation).await?;
        Ok(place.is_none_or(|place| place.channel == channel.id))
    }

    /// A message, if it belongs to the webhook's channel.
    async fn message_of(
        &self,
        channel: &Channel,
        address: MessageAddress,
    ) -> Result<Option<Message>, StoreError> {
        let message = self.ctx.store.message(&channel.tenant, address).await?;
        Ok(message.filter(|message| message.channel == channel.id))
    }

    async fn note_on_message(
        &self,
        channel: &Channel,
        mut message: Message,
        report: &StatusReport,
        raw: &str,
    ) -> Result<Decision<Disposition>, StoreError> {
        if message.handover != AttemptOutcome::Accepted {
            // The status proves that the provider accepted it.
            if let Some(attempt) = self.attempts.attempt(&channel.tenant, message.address.id).await? {
                Box::pin(self.settle_by_status(channel, attempt, report)).await?;
                return Ok(Decision::Retry);
            }
            // A rejected attempt expires after a month.
            message.handover = AttemptOutcome::Accepted;
        }
        let mut facts = Facts::default();
        facts.merge_report(report.kind, report.fact.clone());
        if message.merge_facts(&facts).is_empty() {
            return self.keep_known(&message.tenant, message.address.id, raw).await.map(Decision::Done);
        }
        if let Some(dialled) = message.nameless.clone().filter(|_| report.recipient_user.is_some())
            && let Some(place) = self.ctx.conversation(&channel.tenant, message.address.conversation).await?
        {
            let learned =
                self.outcomes.add_reported_addresses(channel, &place, Some(&dialled), &named(report)).await;
            // What could not be learned now comes with the next status.
            message.nameless = learned.is_err().then_some(dialled);
            log_unstored_addresses(&place, learned);
        }
        let mut changes =
            vec![Write::Put(Record::Event(self.ctx.event(&message.tenant, reported(&message, report.kind))))];
        if report.fact.has_error(&OPTED_OUT_CODE) {
            let place = self.ctx.conversation(&channel.tenant, message.address.conversation).await?;
            let change = OptOutChange {
                marketing: Marketing::Stopped,
                why: OptOutReason::Refused,
                at: report.fact.at,
            };
            if let Some((place, to)) = place.and_then(|place| place.recipient().map(|to| (place, to))) {
                let (contact, conversation) = (Some(place.contact), Some(place.id));
                let customer = OptOutCustomer { addresses: vec![to], contact, conversation };
                changes.extend(self.opt_outs.opt_out_writes(&channel.tenant, &customer, change).await?);
            }
        }
        if report.kind == FactKind::Failed && message.facts.window_was_closed() {
            let place = self.ctx.conversation(&channel.tenant, message.address.conversation).await?;
            changes.extend(
                place.into_iter().flat_map(|it| self.outcomes.window_correction(it, message.address.at)),
            );
        }
        changes.extend(received(&message.tenant, message.address.id, raw));
        changes.push(Write::Put(Record::Message(message)));
        Ok(Decision::Commit(changes, Disposition::Stored))
    }

    async fn note_on_attempt(
        &self,
        channel: &Channel,
        mut attempt: Attempt,
        report: &StatusReport,
        raw: &str,
    ) -> Result<Decision<Disposition>, StoreError> {
        if !matches!(attempt.state, State::Sending { .. }) {
            // Rejected or unknown by our own record, yet the provider reports a status.
            Box::pin(self.settle_by_status(channel, attempt, report)).await?;
            return Ok(Decision::Retry);
        }
        if attempt.parked.merge_report(report.kind, report.fact.clone()) == Written::Unchanged {
            return self.keep_known(&attempt.tenant, attempt.address.id, raw).await.map(Decision::Done);
        }
        attempt.parked_acceptance = Some(named(report).joined(attempt.parked_acceptance.take()));
        let mut changes: Vec<Write> = received(&attempt.tenant, attempt.address.id, raw).collect();
        changes.push(Write::Put(Record::Attempt(attempt)));
        Ok(Decision::Commit(changes, Disposition::Parked))
    }

    /// Stores a status that is no news of its message's delivery: it may contain something else. A duplicate
    /// conflicts, and changes nothing.
    pub(crate) async fn keep_known(
        &self,
        tenant: &TenantId,
        message: MessageId,
        raw: &str,
    ) -> Result<Disposition, StoreError> {
        let chunks = chunks(tenant, message, SourceKind::Status, raw);
        self.ctx.store.commit(chunks.into_iter().map(Record::NewSource).map(Write::Put).collect()).await?;
        Ok(Disposition::Duplicate)
    }

    async fn settle_by_status(
        &self,
        channel: &Channel,
        attempt: Attempt,
        report: &StatusReport,
    ) -> Result<(), StoreError> {
        tracing::info!(tenant = %channel.tenant, message_id = %attempt.address.id,
            "a status decides the outcome of a message");
        let dialled = attempt.target.number().cloned();
        let acceptance = named(report);
        let (_, place) = Box::pin(self.outcomes.record_accepted(
            channel,
            Case { attempt, conversation: None },
            &acceptance,
        ))
        .await?;
        log_unstored_addresses(
            &place,
            self.outcomes.add_reported_addresses(channel, &place, dialled.as_ref(), &acceptance).await,
        );
        Ok(())
    }
}

/// Counts a new status in the metrics.
fn count(channel: &Channel, kind: FactKind, disposition: Disposition) {
    let (tenant, channel) = (&channel.tenant, channel.id);
    if disposition == Disposition::Duplicate {
        return;
    }
    match kind {
        FactKind::Delivered => {
            tracing::debug!(metric = "delivered", %tenant, %channel, "a message was delivered");
        }
        FactKind::Failed => {
            tracing::debug!(metric = "failed", %tenant, %channel, "a message will not be delivered");
        }
        FactKind::Sent | FactKind::Read | FactKind::Played => {}
    }
}

/// Parks a report at the ids that lead to no message yet.
pub(crate) fn park_status(
    lookups: Vec<MessageLookup>,
    ids: &[Wamid],
    raw: &str,
    note: impl Fn(&mut Facts) -> Written,
) -> Decision<Disposition> {
    let mut changes = Vec::new();
    let mut is_kept = lookups.iter().any(|lookup| lookup.parked_sources.iter().any(|kept| kept == raw));
    for mut lookup in lookups {
        lookup.siblings = ids.iter().filter(|id| **id != lookup.wamid).take(MOST_SIBLINGS).cloned().collect();
        let news = note(&mut lookup.parked);
        // One of the ids is enough to store it under.
        let keeps = !is_kept && lookup.parked_sources.len() < MOST_SOURCES && raw.len() <= INLINE;
        if keeps {
            lookup.parked_sources.push(raw.to_owned());
            is_kept = true;
        }
        if keeps || news == Written::New {
            changes.push(Write::Put(Record::MessageLookup(lookup)));
        }
    }
    if changes.is_empty() {
        return Decision::Done(Disposition::Duplicate);
    }
    Decision::Commit(changes, Disposition::Parked)
}

/// A status as received, stored for those who read all sources of its message.
pub(crate) fn received(tenant: &TenantId, message: MessageId, raw: &str) -> impl Iterator<Item = Write> {
    chunks(tenant, message, SourceKind::Status, raw).into_iter().map(Record::Source).map(Write::Put)
}

/// Every provider's id in a status.
fn ids(report: &StatusReport) -> Vec<Wamid> {
    std::iter::once(&report.wamid).chain(&report.aliases).cloned().collect()
}

/// What a status proves about the message's acceptance.
fn named(report: &StatusReport) -> Acceptance {
    Acceptance {
        wamid: report.wamid.clone(),
        aliases: report.aliases.clone(),
        wa_id: report.recipient.clone(),
        user_id: report.recipient_user.clone(),
        parent_user_id: report.recipient_parent.clone(),
    }
}
