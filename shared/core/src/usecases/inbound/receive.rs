//! Messages that webhooks bring: stored once, in their conversation.

use std::time::Duration;

use crate::{
    domain::{
        channel::Channel,
        contact::{Address, AddressEntry, Identity},
        conversation::{ClosingPolicy, Conversation, HandoffRequest, Happening, Status},
        delivery::{AttemptOutcome, Facts},
        event::EventKind,
        file::MediaFile,
        id::ContactId,
        inbound::{Disposition, InboundMessage, MessageOrigin},
        message::{Direction, Extent, Message, MessageAddress, Sender},
        message_lookup::MessageLookup,
        phone::Phone,
        phrases::holds_one_of,
        reference::References,
        source::SourceChunk,
    },
    ports::store::{Record, StoreError, Write},
    usecases::{Inbound, opt_outs::OptOutChange, until_committed::Decision},
};

/// A customer's message that arrives later than this after it was written counts as late.
const LATE_AFTER: Duration = Duration::from_mins(5);

/// The result of ingesting an item.
pub(crate) enum Ingested {
    /// A new message is stored, with its file.
    New(Option<MediaFile>),
    /// A stored message was completed, with its file.
    Completed(Option<MediaFile>),
    /// The item adds nothing.
    Duplicate,
}

impl Inbound {
    /// Stores a message. The provider's id identifies it: a duplicate changes nothing, unless it contains
    /// more about the message.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn receive(
        &self,
        channel: &Channel,
        inbound: &InboundMessage,
        raw: &str,
    ) -> Result<Disposition, StoreError> {
        // A message of the history, or to somebody else, is no opt-out now.
        let change =
            self.opt_outs.opt_out_in_message(inbound).filter(|_| inbound.origin == MessageOrigin::Live);
        let asks = self.asks(channel, inbound).await?;
        let ingested =
            self.ctx.until_committed(|| self.ingest_round(channel, inbound, raw, asks, change)).await?;
        if let Ingested::New(_) = &ingested
            && inbound.direction == Direction::Inbound
            && inbound.origin != MessageOrigin::History
        {
            tracing::debug!(metric = "received", tenant = %channel.tenant, channel = %channel.id,
                "a customer's message was ingested");
        }
        match ingested {
            Ingested::New(file) | Ingested::Completed(file) => {
                if let Some(file) = file {
                    self.media_requests.fetch_soon(&file).await;
                }
                Ok(Disposition::Stored)
            }
            Ingested::Duplicate => Ok(Disposition::Duplicate),
        }
    }

    /// One round of storing a message, or of completing a stored one.
    async fn ingest_round(
        &self,
        channel: &Channel,
        inbound: &InboundMessage,
        raw: &str,
        asks: HandoffRequest,
        change: Option<OptOutChange>,
    ) -> Result<Decision<Ingested>, StoreError> {
        let lookup = self.ctx.store.message_lookup(&channel.inbound_address(), &inbound.wamid).await?;
        if let Some(known) = lookup.as_ref().and_then(|lookup| lookup.message) {
            return self.complete_message(channel, inbound, raw, known).await;
        }
        let mut conversation = self
            .conversations
            .open_conversation(channel, &inbound.customer, &moved_to(inbound), inbound.at, self.ctx.ids.id())
            .await?;
        // The provider's times are whole seconds; our answer within the same second must not be sorted before it.
        let at = inbound.at.refined(self.ctx.ids.now());
        let address = MessageAddress { conversation: conversation.id, at, id: self.ctx.ids.id() };
        let (mut message, sources) = message_of(channel, inbound, address, raw);
        inbound.note_history_status(&mut message);
        message.created_at = Some(self.ctx.ids.now());
        message.late = inbound.direction == Direction::Inbound
            && inbound.origin != MessageOrigin::History
            && inbound.at.plus(LATE_AFTER) < self.ctx.ids.now();
        let file = self.media_requests.received_file(channel, inbound, address);
        message.media = file.as_ref().map(|file| Box::new(file.attachment()));
        let mut lookup = lookup.unwrap_or_else(|| MessageLookup::unseen(channel, &inbound.wamid));
        let waited = lookup.lead_to(&mut message);
        let updates = self.updates.apply_waiting(&mut message, &waited.updates).await?;
        let target = self.updates.changed_by(channel, &mut message).await?;
        let profile = (conversation.name.clone(), conversation.username.clone());
        match &inbound.moved_to {
            Some(to) => conversation.move_to(&current(inbound, to), inbound.at),
            None => conversation.update_identity(&inbound.customer, inbound.at),
        }
        let renamed = (&conversation.name, &conversation.username) != (&profile.0, &profile.1);
        let of_contact = conversation.contact;
        let (closing, now) = (self.closing_of_old_row(&conversation).await?, self.ctx.ids.now());
        let before = conversation.snapshot();
        conversation.apply(&Happening::Received { message: &message, asks, closing, now });
        for changed in &target {
            if let Write::Put(Record::Message(changed)) = changed {
                conversation.apply(&Happening::Updated(changed));
            }
        }
        let watch = match inbound.direction {
            Direction::Inbound => conversation.watch_window(now),
            Direction::Outbound => None,
        };
        let mut changes = vec![
            Write::Put(Record::MessageLookup(lookup)),
            Write::Put(Record::MessageId(channel.tenant.clone(), address)),
        ];
        changes.extend(self.received(&message, file.as_ref()));
        changes.extend(self.outcomes.unparked(&message, waited));
        changes.extend(updates);
        changes.push(Write::Put(Record::Message(message)));
        changes.extend(self.ctx.events(&channel.tenant, conversation.events_since(&before)));
        if renamed {
            changes.extend(self.contacts.profile_changed(&conversation).await?);
        }
        if let Some(change) = change {
            let customer = self.opt_outs.customer_in_conversation(&conversation, &inbound.customer).await?;
            changes.extend(self.opt_outs.opt_out_writes(&channel.tenant, &customer, change).await?);
        }
        changes.push(Write::Put(Record::Conversation(conversation)));
        changes.extend(watch.map(Record::WindowWatch).map(Write::Put));
        changes.extend(file.clone().map(Record::File).map(Write::Put));
        changes.extend(target);
        changes.extend(sources.into_iter().map(Record::Source).map(Write::Put));
        changes.extend(self.released(channel, inbound, of_contact).await?);
        Ok(Decision::Commit(changes, Ingested::New(file)))
    }

    /// The event of a new message; `None` for the history.
    fn received(&self, message: &Message, file: Option<&MediaFile>) -> Option<Write> {
        if message.history {
            return None;
        }
        let address = message.address;
        let kind = EventKind::MessageReceived {
            conversation: address.conversation,
            message: address.id,
            message_at: address.at,
            late: message.late,
            standby: message.standby,
            file: file.filter(|it| it.is_waited_for()).map(|it| it.address.id),
        };
        Some(Write::Put(Record::Event(self.ctx.event(&message.tenant, kind))))
    }

    /// Whether a customer asks for a person, with one of the company's phrases.
    async fn asks(&self, channel: &Channel, inbound: &InboundMessage) -> Result<HandoffRequest, StoreError> {
        let Some(text) = inbound.text.as_ref().filter(|_| {
            let said = inbound.origin == MessageOrigin::Live && is_said(&inbound.kind);
            said && inbound.direction == Direction::Inbound
        }) else {
            return Ok(HandoffRequest::Nothing);
        };
        let tenant = self.directory.tenant(&channel.tenant).await?;
        let asks = tenant.is_some_and(|tenant| holds_one_of(text, &tenant.handoff_phrases));
        Ok(if asks { HandoffRequest::ForPerson } else { HandoffRequest::Nothing })
    }

    /// The closing policy, for a conversation that was closed before the policy was stored.
    async fn closing_of_old_row(&self, it: &Conversation) -> Result<ClosingPolicy, StoreError> {
        if it.status != Status::Closed || it.closed_at.is_some() {
            return Ok(ClosingPolicy::default());
        }
        self.actions.closing_policy(&it.tenant).await
    }

    /// The address entries of a customer's former number, in each of its spellings: it may get a new owner.
    async fn released(
        &self,
        channel: &Channel,
        inbound: &InboundMessage,
        of_contact: ContactId,
    ) -> Result<Vec<Write>, StoreError> {
        let moved = inbound.moved_to.as_ref().and_then(|to| to.number.as_ref());
        let (Some(new), Some(old)) = (moved, &inbound.customer.number) else { return Ok(Vec::new()) };
        if new.is_same_number(old) {
            return Ok(Vec::new());
        }
        let old = Address::Number(old.clone()).spellings();
        let entries = self.ctx.store.addresses(&channel.tenant, &old).await?;
        // It may have another owner by now, when this report is late.
        let theirs = entries.into_iter().flatten().filter(|entry| entry.contact == of_contact);
        let released_at = Some(inbound.at);
        Ok(theirs.map(|entry| Write::Put(Record::Address(AddressEntry { released_at, ..entry }))).collect())
    }
}

/// Whether the text of a message of this kind is what the customer says now: not the name of a location or
/// contact, nor an earlier text.
fn is_said(kind: &str) -> bool {
    !matches!(kind, "system" | "location" | "contacts" | "reaction" | "edit" | "revoke")
}

/// The message of an item, and the pieces that do not fit into its row.
fn message_of(
    channel: &Channel,
    inbound: &InboundMessage,
    address: MessageAddress,
    raw: &str,
) -> (Message, Vec<SourceChunk>) {
    let mut message = Message {
        tenant: channel.tenant.clone(),
        channel: channel.id,
        address,
        direction: inbound.direction,
        sender: match (inbound.direction, inbound.origin) {
            (Direction::Inbound, _) => Sender::Customer,
            (Direction::Outbound, MessageOrigin::Standby) => Sender::MetaAgent,
            (Direction::Outbound, _) => Sender::BusinessApp,
        },
        kind: inbound.kind.clone(),
        text: inbound.text.clone(),
        parts: inbound.parts.clone(),
        media: None,
        wamid: Some(inbound.wamid.clone()),
        aliases: Vec::new(),
        refers_to: inbound.refers_to.clone(),
        refers_to_message: None,
        edited: None,
        revoked_at: None,
        reactions: Vec::new(),
        extent: Extent::Whole,
        created_at: None,
        accepted_at: None,
        late: false,
        standby: inbound.origin == MessageOrigin::Standby,
        history: inbound.origin == MessageOrigin::History,
        sent_by: None,
        broadcast: None,
        request: None,
        references: References::default(),
        nameless: None,
        status_due: None,
        silent_since: None,
        handover: AttemptOutcome::Accepted,
        facts: Facts::default(),
        raw: Some(raw.to_owned()),
        rev: 0,
    };
    let sources = message.split_off_chunks();
    (message, sources)
}

/// New addresses of the customer, besides the one that the message came from.
fn moved_to(inbound: &InboundMessage) -> Vec<Address> {
    inbound.moved_to.as_ref().map(Identity::addresses).unwrap_or_default()
}

/// The identity of a customer who moved, as of this message.
fn current(inbound: &InboundMessage, to: &Identity) -> Identity {
    let was = inbound.customer.clone();
    let elsewhere = |to: &Phone| was.number.as_ref().is_none_or(|from| !from.is_same_number(to));
    let id = if to.number.as_ref().is_some_and(elsewhere) { None } else { was.bsuid };
    Identity {
        number: to.number.clone().or(was.number),
        bsuid: to.bsuid.clone().or(id),
        parent: to.parent.clone().or(was.parent),
        ..inbound.customer.clone()
    }
}
