//! A message told by a callback: kept once, in the conversation it belongs to.

use super::{Core, backoff::Rounds, suppress::Wish};
use crate::{
    domain::{
        channel::Channel,
        contact::{Address, AddressEntry, Identity},
        delivery::{Facts, Handover},
        event::EventKind,
        handling::{Handler, asks_for_person},
        id::ContactId,
        inbound::{Disposition, InboundMessage},
        message::{Direction, Extent, Message, MessageAddress, Sender},
        pointer::Pointer,
        reference::References,
        source::SourcePiece,
        suppression::{Marketing, Why, is_stop_word},
    },
    port::book::{Applied, Change, StoreError},
};

impl Core {
    /// Keeps a message. The provider's id is what it is known by: told again, in whatever batch, it
    /// changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn receive(
        &self,
        channel: &Channel,
        told: &InboundMessage,
        raw: &str,
    ) -> Result<Disposition, StoreError> {
        // Before the message is kept, so that a callback told again after a failure heeds it as well.
        let says_stop = |text: &String| is_stop_word(text, &self.settings.stop_words);
        if told.direction == Direction::Inbound && told.text.as_ref().is_some_and(says_stop) {
            let wish = Wish { marketing: Marketing::Stopped, why: Why::Word, at: told.at };
            self.heed_customer(&channel.tenant, &told.customer, wish).await?;
        }
        let wants_person = self.wants_person(channel, told).await?;
        let mut rounds = Rounds::default();
        loop {
            let pointer = self.book.pointer(&channel.line(), &told.wamid).await?;
            if pointer.as_ref().is_some_and(|pointer| pointer.message.is_some()) {
                return Ok(Disposition::Duplicate);
            }
            let mut conversation = self
                .open_conversation(channel, &told.customer, &moved_to(told), told.at, self.mint.id())
                .await?;
            // The provider tells whole seconds; an answer of ours in the same one must not come to lie before it.
            let at = told.at.refined(self.mint.now());
            let address = MessageAddress { conversation: conversation.id, at, id: self.mint.id() };
            let (mut message, sources) = message_told(channel, told, address, raw);
            message.created_at = Some(self.mint.now());
            let file = self.told_file(channel, told, address);
            message.media = file.as_ref().map(|file| Box::new(file.attachment()));
            if let Some(early) = &pointer {
                message.hear(&early.parked);
                early.parked_updates.iter().for_each(|update| message.update(update));
            }
            let target = self.changed_by(channel, &mut message).await?;
            conversation.meet(&current(told), told.at);
            let of_contact = conversation.contact;
            let mut watch = None;
            let before = conversation.stands();
            match told.direction {
                Direction::Inbound => {
                    conversation.hear(&message);
                    if wants_person {
                        conversation.hand_over(Handler::Human);
                    }
                    watch = conversation.watch_window(self.mint.now());
                }
                Direction::Outbound => conversation.speak(&message),
            }
            let mut changes = vec![
                Change::Pointer(pointer_to(channel, told, pointer, address)),
                Change::MessageId(channel.tenant.clone(), address),
                Change::Event(self.event(
                    &channel.tenant,
                    EventKind::MessageReceived {
                        conversation: address.conversation,
                        message: address.id,
                        message_at: address.at,
                        file: file.as_ref().filter(|it| it.is_waited_for()).map(|it| it.address.id),
                    },
                )),
                Change::Message(message),
            ];
            changes.extend(self.events(&channel.tenant, conversation.news_since(&before)));
            changes.push(Change::Conversation(conversation));
            changes.extend(watch.map(Change::WindowWatch));
            changes.extend(file.clone().map(Change::File));
            changes.extend(target);
            changes.extend(sources.into_iter().map(Change::Source));
            changes.extend(self.released(channel, told, of_contact).await?);
            if self.book.apply(changes).await? == Applied::Done {
                if let Some(file) = file {
                    self.fetch_soon(&file).await;
                }
                return Ok(Disposition::Stored);
            }
            rounds.again(self).await?;
        }
    }

    /// Whether a customer asks for a person, in the words that the company has for that.
    async fn wants_person(&self, channel: &Channel, told: &InboundMessage) -> Result<bool, StoreError> {
        let Some(text) =
            told.text.as_ref().filter(|_| told.direction == Direction::Inbound && told.kind != "system")
        else {
            return Ok(false);
        };
        let tenant = self.directory.tenant(&channel.tenant).await?;
        Ok(tenant.is_some_and(|tenant| asks_for_person(text, &tenant.handoff_phrases)))
    }

    /// The old number of a customer who moved to another: it may get a new owner, who is not them.
    async fn released(
        &self,
        channel: &Channel,
        told: &InboundMessage,
        of_contact: ContactId,
    ) -> Result<Option<Change>, StoreError> {
        let moved = told.moved_to.as_ref().and_then(|(number, _)| number.as_ref());
        let (Some(new), Some(old)) = (moved, &told.customer.number) else { return Ok(None) };
        if new == old {
            return Ok(None);
        }
        let old = [Address::Number(old.clone())];
        let entry = self.book.addresses(&channel.tenant, &old).await?.into_iter().flatten().next();
        // It may be somebody else's by now, when this is told late.
        let entry = entry.filter(|entry| entry.contact == of_contact);
        Ok(entry.map(|entry| Change::Address(AddressEntry { released_at: Some(told.at), ..entry })))
    }
}

/// The message of an item, and what of it does not fit into its row.
fn message_told(
    channel: &Channel,
    told: &InboundMessage,
    address: MessageAddress,
    raw: &str,
) -> (Message, Vec<SourcePiece>) {
    let mut message = Message {
        tenant: channel.tenant.clone(),
        channel: channel.id,
        address,
        direction: told.direction,
        sender: match told.direction {
            Direction::Inbound => Sender::Customer,
            Direction::Outbound => Sender::BusinessApp,
        },
        kind: told.kind.clone(),
        text: told.text.clone(),
        parts: told.parts.clone(),
        media: None,
        wamid: Some(told.wamid.clone()),
        aliases: Vec::new(),
        refers_to: told.refers_to.clone(),
        refers_to_message: None,
        edited: None,
        revoked_at: None,
        reactions: Vec::new(),
        extent: Extent::Whole,
        created_at: None,
        accepted_at: None,
        request: None,
        references: References::default(),
        nameless: None,
        status_due: None,
        silent_since: None,
        handover: Handover::Accepted,
        facts: Facts::default(),
        raw: Some(raw.to_owned()),
        rev: 0,
    };
    let sources = message.shed();
    (message, sources)
}

/// The pointer for a message now known, with the statuses that waited for it left to the message.
fn pointer_to(
    channel: &Channel,
    told: &InboundMessage,
    known: Option<Pointer>,
    address: MessageAddress,
) -> Pointer {
    Pointer {
        message: Some(address),
        rev: known.map_or(0, |pointer| pointer.rev),
        ..Pointer::unseen(channel, &told.wamid)
    }
}

/// Addresses that the customer has from now on, besides the one that the message came from.
fn moved_to(told: &InboundMessage) -> Vec<Address> {
    let (number, bsuid) = told.moved_to.clone().unwrap_or_default();
    number.map(Address::Number).into_iter().chain(bsuid.map(Address::Bsuid)).collect()
}

/// The customer as of this message: where they moved to, if they did.
fn current(told: &InboundMessage) -> Identity {
    let (number, bsuid) = told.moved_to.clone().unwrap_or_default();
    Identity {
        number: number.or_else(|| told.customer.number.clone()),
        bsuid: bsuid.or_else(|| told.customer.bsuid.clone()),
        name: told.customer.name.clone(),
    }
}
