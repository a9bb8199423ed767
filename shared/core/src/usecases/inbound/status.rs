//! Delivery statuses that webhooks report: stored on their message, or parked until it is known.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        attempt::{Attempt, State},
        channel::Channel,
        delivery::{FactKind, Facts, Handover, Noted},
        id::{MessageId, TenantId, Wamid},
        inbound::{Disposition, StatusReport},
        message::{Message, MessageAddress},
        message_lookup::MessageLookup,
        source::{INLINE, SourceKind, pieces},
        suppression::{Marketing, Why},
    },
    ports::{
        attempts::Attempts,
        provider::Acceptance,
        store::{Record, StoreError, Write},
    },
    usecases::{
        Context, OptOuts, Outcomes, Ports,
        opt_outs::{UNWANTED, Whose, Wish},
        sending::outcome::{Case, log_unlearned, reported},
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
pub(crate) enum Place {
    Message(Box<Message>),
    Attempt(Box<Attempt>),
    /// None yet: one lookup entry for each of its ids.
    Pointers(Vec<MessageLookup>),
}

/// Stores the delivery statuses and payments that providers report.
#[derive(Clone)]
pub struct StatusUpdates {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn Attempts>,
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
                Place::Message(message) => {
                    let known = (message.address, message.unknown_aliases(ids));
                    (Box::pin(self.note_on_message(channel, *message, report, raw)).await?, Some(known))
                }
                Place::Attempt(attempt) => {
                    (Box::pin(self.note_on_attempt(channel, *attempt, report, raw)).await?, None)
                }
                Place::Pointers(pointers) => {
                    let note = |parked: &mut Facts| parked.note(report.kind, report.fact.clone());
                    (park(pointers, ids, raw, note), None)
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
    ) -> Result<Place, StoreError> {
        if let Some(address) = echo {
            if let Some(message) = self.message_of(channel, address).await? {
                return Ok(Place::Message(Box::new(message)));
            }
            let attempt = self.attempts.attempt(&channel.tenant, address.id).await?;
            if let Some(attempt) = attempt
                && self.goes_through(&attempt, channel).await?
            {
                // The message of a send to a new number may be in another conversation than proposed.
                if let Some(message) = self.message_of(channel, attempt.address).await? {
                    return Ok(Place::Message(Box::new(message)));
                }
                if !matches!(attempt.state, State::Accepted { .. }) {
                    return Ok(Place::Attempt(Box::new(attempt)));
                }
            }
        }
        let mut pointers = Vec::new();
        for id in ids {
            let pointer = self.ctx.store.message_lookup(&channel.line(), id).await?;
            if let Some(address) = pointer.as_ref().and_then(|pointer| pointer.message)
                // The lookup entry belongs to this inbound address, whatever the channel was called then.
                && let Some(message) = self.ctx.store.message(&channel.tenant, address).await?
            {
                return Ok(Place::Message(Box::new(message)));
            }
            pointers.push(pointer.unwrap_or_else(|| MessageLookup {
                expires_at: Some(self.ctx.ids.now().plus(PARKED_FOR)),
                ..MessageLookup::unseen(channel, id)
            }));
        }
        Ok(Place::Pointers(pointers))
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
        if message.handover != Handover::Accepted {
            // The status proves that the provider accepted it.
            if let Some(attempt) = self.attempts.attempt(&channel.tenant, message.address.id).await? {
                Box::pin(self.settle_by_status(channel, attempt, report)).await?;
                return Ok(Decision::Retry);
            }
            // A rejected attempt expires after a month.
            message.handover = Handover::Accepted;
        }
        let mut told = Facts::default();
        told.note(report.kind, report.fact.clone());
        if message.hear(&told).is_empty() {
            return self.keep_known(&message.tenant, message.address.id, raw).await.map(Decision::Done);
        }
        if let Some(dialled) = message.nameless.clone().filter(|_| report.recipient_user.is_some())
            && let Some(place) = self.ctx.conversation(&channel.tenant, message.address.conversation).await?
        {
            let learned = self.outcomes.learn(channel, &place, Some(&dialled), &named(report)).await;
            // What could not be learned now comes with the next status.
            message.nameless = learned.is_err().then_some(dialled);
            log_unlearned(&place, learned);
        }
        let mut changes =
            vec![Write::Put(Record::Event(self.ctx.event(&message.tenant, reported(&message, report.kind))))];
        if report.fact.has_error(&UNWANTED) {
            let place = self.ctx.conversation(&channel.tenant, message.address.conversation).await?;
            let wish = Wish { marketing: Marketing::Stopped, why: Why::Refused, at: report.fact.at };
            if let Some((place, to)) = place.and_then(|place| place.recipient().map(|to| (place, to))) {
                let (contact, conversation) = (Some(place.contact), Some(place.id));
                let whose = Whose { addresses: vec![to], contact, conversation };
                changes.extend(self.opt_outs.wish_changes(&channel.tenant, &whose, wish).await?);
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
        if attempt.parked.note(report.kind, report.fact.clone()) == Noted::Known {
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
        let pieces = pieces(tenant, message, SourceKind::Status, raw);
        self.ctx.store.commit(pieces.into_iter().map(Record::NewSource).map(Write::Put).collect()).await?;
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
        let (_, place) =
            Box::pin(self.outcomes.accept(channel, Case { attempt, conversation: None }, &acceptance))
                .await?;
        log_unlearned(&place, self.outcomes.learn(channel, &place, dialled.as_ref(), &acceptance).await);
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
pub(crate) fn park(
    pointers: Vec<MessageLookup>,
    told: &[Wamid],
    raw: &str,
    note: impl Fn(&mut Facts) -> Noted,
) -> Decision<Disposition> {
    let mut changes = Vec::new();
    let mut is_kept = pointers.iter().any(|pointer| pointer.parked_sources.iter().any(|kept| kept == raw));
    for mut pointer in pointers {
        pointer.siblings =
            told.iter().filter(|id| **id != pointer.wamid).take(MOST_SIBLINGS).cloned().collect();
        let news = note(&mut pointer.parked);
        // One of the ids is enough to store it under.
        let keeps = !is_kept && pointer.parked_sources.len() < MOST_SOURCES && raw.len() <= INLINE;
        if keeps {
            pointer.parked_sources.push(raw.to_owned());
            is_kept = true;
        }
        if keeps || news == Noted::New {
            changes.push(Write::Put(Record::MessageLookup(pointer)));
        }
    }
    if changes.is_empty() {
        return Decision::Done(Disposition::Duplicate);
    }
    Decision::Commit(changes, Disposition::Parked)
}

/// A status as received, stored for those who read all sources of its message.
pub(crate) fn received(tenant: &TenantId, message: MessageId, raw: &str) -> impl Iterator<Item = Write> {
    pieces(tenant, message, SourceKind::Status, raw).into_iter().map(Record::Source).map(Write::Put)
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
