//! A message told by a callback: kept once, in the conversation it belongs to.

use super::{Core, backoff::Rounds};
use crate::{
    domain::{
        channel::Channel,
        contact::{Address, AddressEntry, Contact, Identity},
        conversation::Conversation,
        delivery::{Facts, Handover},
        event::EventKind,
        handling::Handler,
        id::ContactId,
        inbound::{Disposition, InboundMessage},
        message::{Direction, Extent, Message, MessageAddress, Sender},
        phone::Phone,
        phrases::holds_one_of,
        pointer::Pointer,
        reference::References,
        source::SourcePiece,
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
        let wish = self.wish_in(told);
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
            let known_as = conversation.username.clone();
            match &told.moved_to {
                Some(to) => conversation.move_to(&current(told, to), told.at),
                None => conversation.meet(&told.customer, told.at),
            }
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
            changes.extend(self.renamed(&conversation, known_as.as_deref()).await?);
            if let Some(wish) = wish {
                let whose = self.whose_conversation(&conversation, &told.customer).await?;
                changes.extend(self.wish_changes(&channel.tenant, &whose, wish).await?);
            }
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
            told.text.as_ref().filter(|_| told.direction == Direction::Inbound && is_said(&told.kind))
        else {
            return Ok(false);
        };
        let tenant = self.directory.tenant(&channel.tenant).await?;
        Ok(tenant.is_some_and(|tenant| holds_one_of(text, &tenant.handoff_phrases)))
    }

    /// The contact of a customer who goes by another user name than before.
    async fn renamed(
        &self,
        conversation: &Conversation,
        before: Option<&str>,
    ) -> Result<Option<Change>, StoreError> {
        if conversation.username.as_deref() == before {
            return Ok(None);
        }
        let contact = self.book.contact(&conversation.tenant, conversation.contact).await?;
        let contact = contact.filter(|contact| contact.username != conversation.username);
        Ok(contact
            .map(|contact| Change::Contact(Contact { username: conversation.username.clone(), ..contact })))
    }

    /// The old number of a customer who moved to another, in each of its spellings: it may get a new owner, who is
    /// not them.
    async fn released(
        &self,
        channel: &Channel,
        told: &InboundMessage,
        of_contact: ContactId,
    ) -> Result<Vec<Change>, StoreError> {
        let moved = told.moved_to.as_ref().and_then(|to| to.number.as_ref());
        let (Some(new), Some(old)) = (moved, &told.customer.number) else { return Ok(Vec::new()) };
        if new.is_same_number(old) {
            return Ok(Vec::new());
        }
        let old = Address::Number(old.clone()).spellings();
        let entries = self.book.addresses(&channel.tenant, &old).await?;
        // It may be somebody else's by now, when this is told late.
        let theirs = entries.into_iter().flatten().filter(|entry| entry.contact == of_contact);
        let released_at = Some(told.at);
        Ok(theirs.map(|entry| Change::Address(AddressEntry { released_at, ..entry })).collect())
    }
}

/// Whether the text of a message of this kind is what the customer says now: not what a place or a person is called, nor
/// what was said before.
fn is_said(kind: &str) -> bool {
    !matches!(kind, "system" | "location" | "contacts" | "reaction" | "edit" | "revoke")
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
    told.moved_to.as_ref().map(Identity::addresses).unwrap_or_default()
}

/// The customer who moved, as of this message.
fn current(told: &InboundMessage, to: &Identity) -> Identity {
    let was = told.customer.clone();
    let elsewhere = |to: &Phone| was.number.as_ref().is_none_or(|from| !from.is_same_number(to));
    let id = if to.number.as_ref().is_some_and(elsewhere) { None } else { was.bsuid };
    Identity {
        number: to.number.clone().or(was.number),
        bsuid: to.bsuid.clone().or(id),
        parent: to.parent.clone().or(was.parent),
        ..told.customer.clone()
    }
}
