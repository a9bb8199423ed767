//! Bringing an attempt to its end, whoever learns of it: the sender, a callback or the clock.
//!
//! Every step reads, decides and writes under the condition that nothing changed in between; when
//! something did, it decides anew. So any two of these can race and the outcome is one of theirs.

use super::{Core, backoff::Rounds};
use crate::{
    domain::{
        attempt::{Attempt, State, Target},
        channel::Channel,
        contact::{Address, Identity},
        conversation::Conversation,
        delivery::{Facts, Handover},
        event::EventKind,
        id::Wamid,
        message::{Message, MessageAddress},
        phone::Phone,
        pointer::Pointer,
        rejection::{Reason, Rejection},
    },
    port::{
        book::{Applied, Change, StoreError},
        provider::Acceptance,
    },
};

/// An attempt together with what it is about, as last read.
pub(super) struct Case {
    pub(super) attempt: Attempt,
    pub(super) conversation: Option<Conversation>,
}

impl Core {
    /// The provider took the message: keeps it in its conversation.
    ///
    /// # Errors
    /// When the store fails; the attempt then stays as it is, and a callback or `reconcile` goes on.
    pub(super) async fn accept(
        &self,
        channel: &Channel,
        case: Case,
        acceptance: &Acceptance,
    ) -> Result<(Attempt, Conversation), StoreError> {
        let mut rounds = Rounds::default();
        let Case { mut attempt, mut conversation } = case;
        // The first look is what the sender holds in hand: no message, no pointer.
        let (mut message, mut pointer) = match attempt.state {
            State::Sending { .. } => (None, None),
            _ => self.kept(channel, &attempt, &acceptance.wamid).await?,
        };
        loop {
            let mut place = match conversation.take() {
                Some(found) => found,
                None => self.place_of(channel, &attempt, acceptance.wa_id.as_ref()).await?,
            };
            // A message in doubt lies where it lies, also when its conversation went on in another.
            match &message {
                Some(message) => attempt.address = message.address,
                None => attempt.address.conversation = place.id,
            }
            if matches!(attempt.state, State::Accepted { .. }) {
                return Ok((attempt, place));
            }
            let mut settled = self.accepted(channel, &attempt, message, pointer, &acceptance.wamid);
            place.speak(&settled.message);
            settled.attempt.request = place.request;
            let mut changes = settled.changes;
            if settled.message.facts.window_was_closed() {
                place.window_refused(settled.message.address.at);
                changes.push(Change::Event(self.event(&place.tenant, window_refused(&place))));
            }
            changes.extend([
                Change::Attempt(settled.attempt.clone()),
                Change::Message(settled.message),
                Change::Conversation(place.clone()),
            ]);
            if self.book.apply(changes).await? == Applied::Done {
                self.learn_wa_id(channel, &place, acceptance).await;
                return Ok((settled.attempt, place));
            }
            rounds.again(self).await?;
            attempt = self.attempt_again(&attempt).await?;
            (message, pointer) = self.kept(channel, &attempt, &acceptance.wamid).await?;
        }
    }

    /// It is open whether the provider took the message: lets it be seen as such.
    ///
    /// # Errors
    /// When the store fails; the attempt's lease then runs out, and `reconcile` does the same.
    pub(super) async fn doubt(&self, channel: &Channel, case: Case) -> Result<Attempt, StoreError> {
        let mut rounds = Rounds::default();
        let Case { mut attempt, mut conversation } = case;
        loop {
            if !matches!(attempt.state, State::Sending { .. }) {
                return Ok(attempt);
            }
            if let Some(wamid) = attempt.parked_wamid.clone() {
                // A status spoke before we did: the provider took it.
                let case = Case { attempt, conversation };
                let acceptance = Acceptance { wamid, wa_id: None };
                return Ok(self.accept(channel, case, &acceptance).await?.0);
            }
            let mut place = match conversation.take() {
                Some(found) => found,
                None => self.place_of(channel, &attempt, None).await?,
            };
            let mut doubtful = attempt.clone();
            doubtful.address.conversation = place.id;
            doubtful.channel = Some(channel.id);
            doubtful.state = State::Unknown { since: self.mint.now() };
            let message = doubtful.message(channel.id, Handover::Unknown, None);
            place.doubt(&message);
            let changes = vec![
                Change::Attempt(doubtful.clone()),
                Change::Event(self.event(&message.tenant, unknown(&message))),
                Change::Message(message),
                Change::Conversation(place),
            ];
            if self.book.apply(changes).await? == Applied::Done {
                tracing::warn!(metric = "outcome_unknown", tenant = %attempt.tenant, message = %attempt.address.id,
                    "a message is in doubt: the provider may or may not have taken it");
                return Ok(doubtful);
            }
            rounds.again(self).await?;
            attempt = self.attempt_again(&attempt).await?;
        }
    }

    /// The message was definitely not sent: nothing of it is kept but the attempt.
    ///
    /// # Errors
    /// When the store fails; the attempt's lease then runs out and it shows as in doubt.
    pub(super) async fn refuse(
        &self,
        channel: Option<&Channel>,
        case: Case,
        rejection: &Rejection,
    ) -> Result<(), StoreError> {
        let mut rounds = Rounds::default();
        let Case { mut attempt, mut conversation } = case;
        loop {
            let mut changes = Vec::new();
            match (&attempt.state, &attempt.parked_wamid, channel) {
                // A status contradicts the refusal, and a status cannot be wrong about that.
                (State::Sending { .. }, Some(wamid), Some(channel)) => {
                    let acceptance = Acceptance { wamid: wamid.clone(), wa_id: None };
                    self.accept(channel, Case { attempt, conversation }, &acceptance).await?;
                    return Ok(());
                }
                (State::Sending { .. }, ..) => {}
                (State::Unknown { .. } | State::Unresolved { .. }, ..) => {
                    if let Some(mut message) = self.book.message(&attempt.tenant, attempt.address).await? {
                        message.handover = Handover::Rejected;
                        changes.push(Change::Event(self.event(&message.tenant, rejected(&message))));
                        changes.push(Change::Message(message));
                    }
                }
                (State::Accepted { .. } | State::Rejected { .. }, ..) => return Ok(()),
            }
            let mut refused = attempt.clone();
            refused.state = State::Rejected { rejection: rejection.clone() };
            changes.push(Change::Attempt(refused));
            let place = conversation.as_ref().map(|place| place.id);
            if let Some(mut place) = conversation.take().filter(|_| is_providers_word_on_window(rejection)) {
                place.window_refused(attempt.address.at);
                changes.push(Change::Event(self.event(&place.tenant, window_refused(&place))));
                changes.push(Change::Conversation(place));
            }
            if self.book.apply(changes).await? == Applied::Done {
                return Ok(());
            }
            rounds.again(self).await?;
            attempt = self.attempt_again(&attempt).await?;
            conversation = match place {
                Some(id) => self.conversation(&attempt.tenant, id).await?,
                None => None,
            };
        }
    }

    /// A message stayed in doubt for longer than the grace time: a person has to decide.
    pub(super) async fn give_up(&self, mut attempt: Attempt) -> Result<(), StoreError> {
        let (State::Unknown { since } | State::Sending { lease_until: since }) = attempt.state else {
            return Ok(());
        };
        attempt.state = State::Unresolved { since };
        let mut changes = vec![Change::Attempt(attempt.clone())];
        if let Some(mut message) = self.book.message(&attempt.tenant, attempt.address).await? {
            message.handover = Handover::Unresolved;
            changes.push(Change::Event(self.event(&message.tenant, unresolved(&message))));
            changes.push(Change::Message(message));
        }
        // A conflict means that a callback resolved it this very moment; the next sweep sees.
        if self.book.apply(changes).await? == Applied::Done {
            tracing::warn!(metric = "outcome_unresolved", tenant = %attempt.tenant, message = %attempt.address.id,
                "a message stayed in doubt for longer than the grace time");
        }
        Ok(())
    }

    /// The changes that make an attempt accepted, besides those of its conversation.
    fn accepted(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        message: Option<Message>,
        pointer: Option<Pointer>,
        wamid: &Wamid,
    ) -> Accepted {
        let mut attempt = attempt.clone();
        attempt.channel = Some(channel.id);
        attempt.state = State::Accepted { wamid: wamid.clone() };
        let mut message =
            message.unwrap_or_else(|| attempt.message(channel.id, Handover::Accepted, Some(wamid.clone())));
        message.handover = Handover::Accepted;
        message.wamid = Some(wamid.clone());
        let mut joined = message.facts.join(&attempt.parked);
        let mut pointer = pointer.unwrap_or_else(|| Pointer {
            phone_number_id: channel.phone_number_id.clone(),
            wamid: wamid.clone(),
            tenant: channel.tenant.clone(),
            channel: channel.id,
            message: None,
            parked: Facts::default(),
            expires_at: None,
            rev: 0,
        });
        joined.extend(message.facts.join(&pointer.parked));
        pointer.parked = Facts::default();
        pointer.message = Some(message.address);
        pointer.expires_at = None;
        let mut changes =
            vec![Change::Pointer(pointer), Change::Event(self.event(&message.tenant, accepted(&message)))];
        for status in joined {
            let MessageAddress { conversation, id, at } = message.address;
            let kind = EventKind::MessageStatus { conversation, message: id, message_at: at, status };
            changes.push(Change::Event(self.event(&message.tenant, kind)));
        }
        Accepted { attempt, message, changes }
    }

    /// The conversation that an attempt's message belongs into, begun if need be.
    async fn place_of(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        wa_id: Option<&Phone>,
    ) -> Result<Conversation, StoreError> {
        let proposal = attempt.address.conversation;
        match &attempt.target {
            Target::Number(Address::Number(number)) => {
                let who = Identity::of_number(number.clone());
                // The other spelling of the number may be a contact already: then it is theirs.
                let also: Vec<Address> = wa_id.cloned().map(Address::Number).into_iter().collect();
                self.open_conversation(channel, &who, &also, proposal).await
            }
            Target::Number(Address::Bsuid(bsuid)) => {
                let who = Identity { number: None, bsuid: Some(bsuid.clone()), name: None };
                self.open_conversation(channel, &who, &[], proposal).await
            }
            Target::Conversation => self.conversation(&attempt.tenant, proposal).await?.ok_or_else(|| {
                StoreError::Corrupt(format!("attempt {} has no conversation", attempt.address.id))
            }),
        }
    }

    /// What is already kept of an attempt's message and of the provider's id for it.
    async fn kept(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        wamid: &Wamid,
    ) -> Result<(Option<Message>, Option<Pointer>), StoreError> {
        let message = self.book.message(&attempt.tenant, attempt.address).await?;
        let pointer = self.book.pointer(&channel.phone_number_id, wamid).await?;
        Ok((message, pointer))
    }

    async fn attempt_again(&self, attempt: &Attempt) -> Result<Attempt, StoreError> {
        let id = attempt.address.id;
        let found = self.attempts.attempt(&attempt.tenant, id).await?;
        found.ok_or_else(|| StoreError::Corrupt(format!("attempt {id} has gone")))
    }

    /// WhatsApp may spell a number differently from how it was dialled; a callback will then come
    /// under that spelling, and must not make a second contact.
    async fn learn_wa_id(&self, channel: &Channel, place: &Conversation, acceptance: &Acceptance) {
        let Some(wa_id) = &acceptance.wa_id else { return };
        let Some(number) = &place.number else { return };
        if wa_id == number || place.wa_id.as_ref() == Some(wa_id) {
            return;
        }
        let who = Identity { number: Some(number.clone()), bsuid: place.bsuid.clone(), name: None };
        let also = [Address::Number(wa_id.clone())];
        let learned = async {
            let mut found = self.open_conversation(channel, &who, &also, place.id).await?;
            found.wa_id = Some(wa_id.clone());
            self.book.apply(vec![Change::Conversation(found)]).await
        };
        // The message is kept; the next send to this number learns the spelling if this one could not.
        if let Err(error) = learned.await {
            tracing::warn!(tenant = %channel.tenant, conversation = %place.id, %error,
                "the provider's spelling of a number could not be kept");
        }
    }
}

struct Accepted {
    attempt: Attempt,
    message: Message,
    changes: Vec<Change>,
}

fn window_refused(place: &Conversation) -> EventKind {
    EventKind::WindowRefused { conversation: place.id, channel: place.channel }
}

/// A refusal found by us says nothing new about the window; one by the provider does.
fn is_providers_word_on_window(rejection: &Rejection) -> bool {
    rejection.reason == Reason::WindowClosed && rejection.provider_code.is_some()
}

macro_rules! about {
    ($name:ident, $kind:ident) => {
        fn $name(message: &Message) -> EventKind {
            EventKind::$kind {
                conversation: message.address.conversation,
                message: message.address.id,
                message_at: message.address.at,
            }
        }
    };
}
about!(accepted, MessageAccepted);
about!(unknown, MessageUnknown);
about!(rejected, MessageRejected);
about!(unresolved, MessageUnresolved);
