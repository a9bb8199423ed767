//! The outcome `accepted`: the provider accepted the message.

use crate::{
    domain::{
        attempt::{Attempt, State},
        channel::Channel,
        conversation::{Conversation, Happening},
        delivery::Handover,
        id::Wamid,
        message::{Message, MessageAddress},
        message_lookup::MessageLookup,
    },
    ports::{
        provider::Acceptance,
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{
        Outcomes,
        backoff::Rounds,
        sending::outcome::{
            Case, accepted,
            commit::{log_unlearned, names},
            window_refused,
        },
    },
};

struct Accepted {
    attempt: Attempt,
    message: Message,
    changes: Vec<Write>,
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
    pub(crate) async fn accept(
        &self,
        channel: &Channel,
        case: Case,
        acceptance: &Acceptance,
    ) -> Result<(Attempt, Conversation), StoreError> {
        let mut rounds = Rounds::default();
        let Case { mut attempt, mut conversation } = case;
        // The first round uses what the sender has already: no message, no lookup entry.
        let (mut message, mut pointer) = match attempt.state {
            State::Sending { .. } => (None, None),
            _ => self.kept(channel, &attempt, &acceptance.wamid).await?,
        };
        loop {
            let mut place = match conversation.take() {
                Some(found) => found,
                None => self.place_of(channel, &attempt, &names(acceptance)).await?,
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
                return Ok((attempt, place));
            }
            self.templates.freeze_template(channel, &mut attempt).await;
            let first = if message.is_none() { First::Commit } else { First::Seen };
            let siblings = pointer.as_mut().map(|pointer| std::mem::take(&mut pointer.siblings));
            let mut settled = self.accepted(channel, &attempt, message, pointer, &acceptance.wamid).await?;
            let target = self.updates.changed_by(channel, &mut settled.message).await?;
            if place.bsuid.is_none() {
                settled.message.nameless.clone_from(&place.number);
            }
            let before = place.stands();
            place.apply(&match first {
                First::Commit => Happening::Sent(&settled.message),
                // It changed the conversation when its outcome was unknown.
                First::Seen => Happening::Confirmed(&settled.message),
            });
            settled.attempt.request = place.request;
            let mut changes = settled.changes;
            changes.extend(target);
            changes.extend(self.ctx.events(&place.tenant, place.news_since(&before)));
            if settled.message.facts.window_was_closed() {
                place.apply(&Happening::WindowRefused { sent_at: settled.message.address.at });
                changes
                    .push(Write::Put(Record::Event(self.ctx.event(&place.tenant, window_refused(&place)))));
            }
            changes.extend([
                Write::Put(Record::Attempt(settled.attempt.clone())),
                Write::Put(Record::Message(settled.message)),
                Write::Put(Record::Conversation(place.clone())),
            ]);
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                if let Some(siblings) = siblings.filter(|siblings| !siblings.is_empty()) {
                    let learned = self.learn_ids(channel, settled.attempt.address, &siblings).await;
                    log_unlearned(&place, learned);
                }
                return Ok((settled.attempt, place));
            }
            rounds.again(&self.ctx).await?;
            attempt = self.attempt_again(&attempt).await?;
            (message, pointer) = self.kept(channel, &attempt, &acceptance.wamid).await?;
        }
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
        self.learn(channel, place, attempt.target.number(), parked).await?;
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
        let mut rounds = Rounds::default();
        loop {
            let Some(mut message) = self.ctx.store.message(&channel.tenant, address).await? else {
                return Ok(());
            };
            let mut changes = Vec::new();
            for id in message.unknown_aliases(ids) {
                let pointer = self.ctx.store.message_lookup(&channel.line(), &id).await?;
                let mut pointer = pointer.unwrap_or_else(|| MessageLookup::unseen(channel, &id));
                if pointer.message.is_some_and(|known| known != address) {
                    tracing::warn!(tenant = %channel.tenant, message_id = %address.id,
                        "the provider has one id for two messages; it stays with the first");
                    continue;
                }
                let waited = pointer.lead_to(&mut message);
                changes.extend(self.updates.apply_waiting(&mut message, &waited.updates).await?);
                changes.extend(self.unparked(&message, waited));
                changes.push(Write::Put(Record::MessageLookup(pointer)));
                message.aliases.push(id);
            }
            if changes.is_empty() {
                return Ok(());
            }
            changes.push(Write::Put(Record::Message(message)));
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                return Ok(());
            }
            rounds.again(&self.ctx).await?;
        }
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
        let mut rounds = Rounds::default();
        loop {
            let mut attempt = self.attempt_again(attempt).await?;
            if !matches!(attempt.state, State::Sending { .. } | State::Repeating { .. }) {
                return Ok(());
            }
            attempt.parked_acceptance = Some(acceptance.clone());
            if self.ctx.store.commit(vec![Write::Put(Record::Attempt(attempt))]).await? == Commit::Committed {
                return Ok(());
            }
            rounds.again(&self.ctx).await?;
        }
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
        let (message, pointer) = self.kept(channel, &attempt, wamid).await?;
        let mut pointer = pointer.unwrap_or_else(|| MessageLookup::unseen(channel, wamid));
        attempt.accepted_try();
        let mut changes = vec![Write::Put(Record::Attempt(attempt.clone()))];
        if let Some(mut message) = message {
            let waited = pointer.lead_to(&mut message);
            changes.extend(self.updates.apply_waiting(&mut message, &waited.updates).await?);
            changes.extend(self.unparked(&message, waited));
            changes.push(Write::Put(Record::Message(message)));
        }
        pointer.message = Some(attempt.address);
        pointer.expires_at = None;
        changes.push(Write::Put(Record::MessageLookup(pointer)));
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
        pointer: Option<MessageLookup>,
        wamid: &Wamid,
    ) -> Result<Accepted, StoreError> {
        let mut attempt = attempt.clone();
        attempt.channel = Some(channel.id);
        attempt.state = State::Accepted { wamid: wamid.clone() };
        attempt.accepted_try();
        let mut message =
            message.unwrap_or_else(|| attempt.message(channel.id, Handover::Accepted, Some(wamid.clone())));
        message.handover = Handover::Accepted;
        message.accepted_at = Some(self.ctx.ids.now());
        message.wamid = Some(wamid.clone());
        // A status clears it again, even one that arrived already.
        message.status_due = Some(self.ctx.ids.now().plus(self.ctx.settings.status_patience));
        let mut known = message.hear(&attempt.parked);
        let mut pointer = pointer.unwrap_or_else(|| MessageLookup::unseen(channel, wamid));
        let mut waited = pointer.lead_to(&mut message);
        let updates = self.updates.apply_waiting(&mut message, &waited.updates).await?;
        known.append(&mut waited.statuses);
        waited.statuses = known;
        let mut changes = vec![
            Write::Put(Record::MessageLookup(pointer)),
            Write::Put(Record::Event(self.ctx.event(&message.tenant, accepted(&message)))),
        ];
        changes.extend(self.unparked(&message, waited));
        changes.extend(updates);
        Ok(Accepted { attempt, message, changes })
    }
}
