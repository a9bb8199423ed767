//! The outcome `accepted`: the provider accepted the message.

use crate::{
    domain::{
        attempt::{Attempt, State},
        channel::Channel,
        conversation::{Conversation, Happening},
        delivery::AttemptOutcome,
        id::Wamid,
        message::{Message, MessageAddress},
        message_lookup::MessageLookup,
    },
    ports::{
        provider::Acceptance,
        store::{Record, StoreError, Write},
    },
    usecases::{
        Outcomes,
        sending::outcome::{
            Case, accepted,
            commit::{log_unstored_addresses, names},
            window_refused,
        },
        until_committed::Decision,
    },
};

struct Accepted {
    attempt: Attempt,
    message: Message,
    changes: Vec<Write>,
}

/// The data that a round of accepting an attempt decides on.
struct Seen {
    attempt: Attempt,
    /// `None` where it is still to be looked up.
    conversation: Option<Conversation>,
    message: Option<Message>,
    pointer: Option<MessageLookup>,
}

/// An accepted attempt, with its conversation.
struct Settled {
    attempt: Attempt,
    place: Conversation,
    /// Further ids of the provider's that came before the message was stored.
    siblings: Vec<Wamid>,
}

/// Whether a message is stored for the first time.
#[derive(Clone, Copy)]
enum First {
    Commit,
    Seen,
}

impl Outcomes {
    /// Commits an accepted message into its conversation.
    ///
    /// # Errors
    /// When the store fails; the attempt then stays as it is, and a webhook or the sweep finishes it.
    pub(crate) async fn record_accepted(
        &self,
        channel: &Channel,
        case: Case,
        acceptance: &Acceptance,
    ) -> Result<(Attempt, Conversation), StoreError> {
        let (tenant, id, wamid) = (&case.attempt.tenant.clone(), case.attempt.address.id, &acceptance.wamid);
        // The first round uses what the sender has already: no message, no lookup entry.
        let first = match case {
            Case { attempt, conversation } if matches!(attempt.state, State::Sending { .. }) => {
                Seen { attempt, conversation, message: None, pointer: None }
            }
            case => self.seen(channel, case, wamid).await?,
        };
        let settled = self.ctx.until_committed_from(first, |seen| async move {
            let seen = match seen {
                Some(seen) => seen,
                None => self.seen(channel, self.current_case(tenant, id, None).await?, wamid).await?,
            };
            Box::pin(self.acceptance(channel, seen, acceptance)).await
        });
        let Settled { attempt, place, siblings } = Box::pin(settled).await?;
        if !siblings.is_empty() {
            log_unstored_addresses(&place, self.learn_ids(channel, attempt.address, &siblings).await);
        }
        Ok((attempt, place))
    }

    /// An attempt with its stored message and pointer.
    async fn seen(&self, channel: &Channel, case: Case, wamid: &Wamid) -> Result<Seen, StoreError> {
        let Case { attempt, conversation } = case;
        let (message, lookup) = self.stored_message(channel, &attempt, wamid).await?;
        Ok(Seen { attempt, conversation, message, pointer: lookup })
    }

    /// The writes that accept an attempt, with its message and its conversation.
    async fn acceptance(
        &self,
        channel: &Channel,
        seen: Seen,
        acceptance: &Acceptance,
    ) -> Result<Decision<Settled>, StoreError> {
        let Seen { mut attempt, conversation, message, pointer: mut lookup } = seen;
        let mut place = match conversation {
            Some(found) => found,
            None => self.open_recipient_conversation(channel, &attempt, &names(acceptance)).await?,
        };
        // An unknown message stays where it is stored, even when its conversation was merged.
        match &message {
            Some(message) => attempt.address = message.address,
            None => attempt.address.conversation = place.id,
        }
        if let State::Accepted { wamid } = &attempt.state {
            if *wamid != acceptance.wamid && attempt.tries > 1 && channel.ids_agree() {
                attempt = self.taken_twice(channel, attempt, &acceptance.wamid).await?;
            }
            return Ok(Decision::Done(Settled { attempt, place, siblings: Vec::new() }));
        }
        self.templates.freeze_template(channel, &mut attempt).await;
        let first = if message.is_none() { First::Commit } else { First::Seen };
        let siblings = lookup.as_mut().map(|lookup| std::mem::take(&mut lookup.siblings));
        let mut settled = self.accepted(channel, &attempt, message, lookup, &acceptance.wamid).await?;
        let target = self.updates.changed_by(channel, &mut settled.message).await?;
        if place.bsuid.is_none() {
            settled.message.nameless.clone_from(&place.number);
        }
        let before = place.snapshot();
        place.apply(&match first {
            First::Commit => Happening::Sent(&settled.message),
            // It moved the conversation when its outcome was unknown.
            First::Seen => Happening::Confirmed(&settled.message),
        });
        settled.attempt.request = place.request;
        let mut changes = settled.changes;
        changes.extend(target);
        changes.extend(self.ctx.events(&place.tenant, place.events_since(&before)));
        if settled.message.facts.window_was_closed() {
            place.apply(&Happening::WindowRefused { sent_at: settled.message.address.at });
            changes.push(Write::Put(Record::Event(self.ctx.event(&place.tenant, window_refused(&place)))));
        }
        changes.extend([
            Write::Put(Record::Attempt(settled.attempt.clone())),
            Write::Put(Record::Message(settled.message)),
            Write::Put(Record::Conversation(place.clone())),
        ]);
        let siblings = siblings.unwrap_or_default();
        Ok(Decision::Commit(changes, Settled { attempt: settled.attempt, place, siblings }))
    }

    /// Learns the recipient's addresses from statuses that arrived before the message was stored.
    ///
    /// # Errors
    /// When the store fails; the message is committed all the same.
    pub(crate) async fn learn_parked(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        place: &Conversation,
    ) -> Result<(), StoreError> {
        let Some(parked) = &attempt.parked_acceptance else { return Ok(()) };
        self.add_reported_addresses(channel, place, attempt.target.number(), parked).await?;
        let ids: Vec<Wamid> = std::iter::once(&parked.wamid).chain(&parked.aliases).cloned().collect();
        if matches!(&attempt.state, State::Accepted { wamid } if ids == [wamid.clone()]) {
            return Ok(());
        }
        self.learn_ids(channel, attempt.address, &ids).await
    }

    /// Stores further ids of the provider's for a message: a status may name any of them.
    ///
    /// # Errors
    /// When the store fails; the next status that finds the message another way brings them again.
    pub(crate) async fn learn_ids(
        &self,
        channel: &Channel,
        address: MessageAddress,
        ids: &[Wamid],
    ) -> Result<(), StoreError> {
        self.ctx
            .until_committed(|| async {
                let Some(mut message) = self.ctx.store.message(&channel.tenant, address).await? else {
                    return Ok(Decision::Done(()));
                };
                let mut changes = Vec::new();
                for id in message.unknown_aliases(ids) {
                    let lookup = self.ctx.store.message_lookup(&channel.inbound_address(), &id).await?;
                    let mut lookup = lookup.unwrap_or_else(|| MessageLookup::unseen(channel, &id));
                    if lookup.message.is_some_and(|known| known != address) {
                        tracing::warn!(tenant = %channel.tenant, message_id = %address.id,
                        "the provider has one id for two messages; it stays with the first");
                        continue;
                    }
                    let waited = lookup.lead_to(&mut message);
                    changes.extend(self.updates.apply_waiting(&mut message, &waited.updates).await?);
                    changes.extend(self.unparked(&message, waited));
                    changes.push(Write::Put(Record::MessageLookup(lookup)));
                    message.aliases.push(id);
                }
                if changes.is_empty() {
                    return Ok(Decision::Done(()));
                }
                changes.push(Write::Put(Record::Message(message)));
                Ok(Decision::Commit(changes, ()))
            })
            .await
    }

    /// Stores only the acceptance when nothing more can be written: the sweep does the rest.
    ///
    /// # Errors
    /// When the store fails for this one row, too.
    pub(crate) async fn note_acceptance(
        &self,
        attempt: &Attempt,
        acceptance: &Acceptance,
    ) -> Result<(), StoreError> {
        let (tenant, id) = (&attempt.tenant, attempt.address.id);
        self.ctx
            .until_committed(|| async {
                let mut attempt = self.current_attempt(tenant, id).await?;
                if !matches!(attempt.state, State::Sending { .. } | State::Repeating { .. }) {
                    return Ok(Decision::Done(()));
                }
                attempt.parked_acceptance = Some(acceptance.clone());
                Ok(Decision::Commit(vec![Write::Put(Record::Attempt(attempt))], ()))
            })
            .await
    }

    /// A retry was accepted although an earlier call had been: its id leads to the same message.
    async fn taken_twice(
        &self,
        channel: &Channel,
        mut attempt: Attempt,
        wamid: &Wamid,
    ) -> Result<Attempt, StoreError> {
        tracing::warn!(metric = "taken_twice", tenant = %attempt.tenant, message_id = %attempt.address.id,
            "the provider accepted a retried message twice");
        let (message, lookup) = self.stored_message(channel, &attempt, wamid).await?;
        let mut lookup = lookup.unwrap_or_else(|| MessageLookup::unseen(channel, wamid));
        attempt.accepted_try();
        let mut changes = vec![Write::Put(Record::Attempt(attempt.clone()))];
        if let Some(mut message) = message {
            let waited = lookup.lead_to(&mut message);
            changes.extend(self.updates.apply_waiting(&mut message, &waited.updates).await?);
            changes.extend(self.unparked(&message, waited));
            changes.push(Write::Put(Record::Message(message)));
        }
        lookup.message = Some(attempt.address);
        lookup.expires_at = None;
        changes.push(Write::Put(Record::MessageLookup(lookup)));
        // On a conflict, our callback data still leads statuses here.
        self.ctx.store.commit(changes).await?;
        Ok(attempt)
    }

    /// The writes of an accepted attempt, besides those of its conversation.
    async fn accepted(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        message: Option<Message>,
        lookup: Option<MessageLookup>,
        wamid: &Wamid,
    ) -> Result<Accepted, StoreError> {
        let mut attempt = attempt.clone();
        attempt.channel = Some(channel.id);
        attempt.state = State::Accepted { wamid: wamid.clone() };
        attempt.accepted_try();
        let mut message = message
            .unwrap_or_else(|| attempt.message(channel.id, AttemptOutcome::Accepted, Some(wamid.clone())));
        message.handover = AttemptOutcome::Accepted;
        message.accepted_at = Some(self.ctx.ids.now());
        message.wamid = Some(wamid.clone());
        // A status clears it again, even one that arrived already.
        message.status_due = Some(self.ctx.ids.now().plus(self.ctx.settings.status_patience));
        let mut known = message.merge_facts(&attempt.parked);
        let mut lookup = lookup.unwrap_or_else(|| MessageLookup::unseen(channel, wamid));
        let mut waited = lookup.lead_to(&mut message);
        let updates = self.updates.apply_waiting(&mut message, &waited.updates).await?;
        known.append(&mut waited.statuses);
        waited.statuses = known;
        let mut changes = vec![
            Write::Put(Record::MessageLookup(lookup)),
            Write::Put(Record::Event(self.ctx.event(&message.tenant, accepted(&message)))),
        ];
        changes.extend(self.unparked(&message, waited));
        changes.extend(updates);
        Ok(Accepted { attempt, message, changes })
    }
}
