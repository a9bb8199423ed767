//! Finds or creates the one conversation between a customer and a channel.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        contact::{Address, AddressEntry, Contact, Identity, in_all_spellings},
        conversation::{Conversation, Latest, Status, UnreadMessages, Watch},
        conversation_action::Handler,
        event::EventKind,
        id::{ContactId, ConversationId, TenantId},
        phone::Phone,
        time::Timestamp,
        written::Written,
    },
    ports::{
        contacts::ContactRow,
        conversations::ConversationRow,
        store::{Record, StoreError, Write},
    },
    usecases::{Conversations, until_committed::Decision},
};

/// How far the provider's clock may be ahead of ours.
const CLOCKS_APART: Duration = Duration::from_mins(1);

/// The result of looking a customer up in the address book.
enum Opened {
    Conversation(Box<Conversation>),
    /// The number belonged to the customer once and has another owner since: only their user id identifies
    /// them.
    WithoutNumber {
        since: Option<Timestamp>,
    },
}

/// The decision of one lookup in the address book.
type Step = Decision<Opened>;

/// A customer to look up in the address book.
#[derive(Clone, Copy)]
struct Customer<'a> {
    channel: &'a Channel,
    who: &'a Identity,
    at: Timestamp,
    /// From this time on, the customer's number in the report is outdated.
    outdated: Option<Timestamp>,
    /// The addresses in the report.
    told: &'a [Address],
    /// The same in all spellings: later reports of any of them lead to the same contact.
    addresses: &'a [Address],
}

/// The address book's entries for one customer: one, or `None`, for each address.
struct Looked<'a> {
    customer: Customer<'a>,
    entries: Vec<Option<AddressEntry>>,
}

impl Looked<'_> {
    /// Whether every spelling of every address leads to this conversation.
    fn all_lead_to(&self, conversation: ConversationId) -> bool {
        let known =
            |entry: &AddressEntry| entry.conversations.get(&self.customer.channel.id) == Some(&conversation);
        self.entries.iter().all(|entry| entry.as_ref().is_some_and(known))
    }

    /// Whether the customer's parent id leads to this contact: then they are the same person, whatever other
    /// addresses they use now.
    fn parent_leads_to(&self, contact: ContactId) -> bool {
        let mut known = self.customer.addresses.iter().zip(&self.entries);
        known.any(|(address, entry)| {
            let theirs = |entry: &AddressEntry| entry.owner(self.customer.at) == Some(contact);
            matches!(address, Address::Parent(_)) && entry.as_ref().is_some_and(theirs)
        })
    }

    /// Whether a conversation is with a customer whose user id is not among the reported ones.
    fn is_another(&self, known: &Conversation) -> bool {
        known.bsuid.as_ref().is_some_and(|id| !self.customer.told.contains(&Address::Bsuid(id.clone())))
    }

    /// Whether the customer moved to this number, and a conversation under it began afterwards: it is
    /// theirs, and its first message arrived before the report of the move.
    fn began_after_moving(&self, number: &Phone, known: &Conversation) -> bool {
        let theirs = |own: &Phone| own.is_same_number(number);
        !self.customer.who.number.as_ref().is_some_and(theirs)
            && known.created_at.plus(CLOCKS_APART) >= self.customer.at
    }
}

impl Conversations {
    /// The conversation with an address on a channel; `None` where there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn conversation_with(
        &self,
        channel: &Channel,
        address: &Address,
    ) -> Result<Option<Conversation>, StoreError> {
        let now = self.ctx.ids.now();
        let entries = self.ctx.store.addresses(&channel.tenant, &address.spellings()).await?;
        let mut current = entries.into_iter().flatten().filter(|entry| entry.owner(now).is_some());
        let known = current.find_map(|entry| entry.conversations.get(&channel.id).copied());
        match known {
            Some(id) => self.ctx.conversation(&channel.tenant, id).await,
            None => Ok(None),
        }
    }

    /// The conversation with a customer on a channel, created if there is none yet. Two concurrent calls get
    /// the same one. Unknown addresses are added to the contact; two contacts that turn out to be one person
    /// are merged.
    ///
    /// `at` is the time of the report about them, `proposal` the id for a new conversation.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_conversation(
        &self,
        channel: &Channel,
        who: &Identity,
        also: &[Address],
        at: Timestamp,
        proposal: ConversationId,
    ) -> Result<Conversation, StoreError> {
        let mut reported = who.addresses();
        reported.extend(also.iter().filter(|a| !who.addresses().contains(a)).cloned());
        let (mut who, mut outdated) = (who.clone(), None);
        loop {
            let addresses = in_all_spellings(&reported);
            let customer =
                Customer { channel, who: &who, at, outdated, told: &reported, addresses: &addresses };
            let opened = self
                .ctx
                .until_committed_from(proposal, |proposal| async move {
                    // The id may have caused the conflict: two processes can propose the same.
                    self.look(customer, proposal.unwrap_or_else(|| self.ctx.ids.id())).await
                })
                .await?;
            match opened {
                Opened::Conversation(conversation) => return Ok(*conversation),
                Opened::WithoutNumber { since } => {
                    who.number = None;
                    outdated = since;
                    reported.retain(|address| address.number().is_none());
                }
            }
        }
    }

    /// Reads the address book, and decides from its entries.
    async fn look(&self, customer: Customer<'_>, proposal: ConversationId) -> Result<Step, StoreError> {
        let tenant = &customer.channel.tenant;
        let entries = self.ctx.store.addresses(tenant, customer.addresses).await?;
        let looked = Looked { customer, entries };
        let contacts: BTreeSet<ContactId> =
            looked.entries.iter().flatten().filter_map(|e| e.owner(customer.at)).collect();
        let mut oldest_first = contacts.into_iter();
        match (oldest_first.next(), oldest_first.next()) {
            (None, _) => self.begin(&looked, proposal, None).await,
            (Some(contact), None) => self.complete(&looked, contact, proposal).await,
            (Some(keep), Some(absorbed)) => match self.owned_by_another(&looked).await? {
                Some(owner) => Ok(Decision::Done(Opened::WithoutNumber { since: owner.met_at })),
                None => self.unite(tenant, keep, absorbed).await,
            },
        }
    }

    /// No contact has these addresses now: creates one.
    async fn begin(
        &self,
        looked: &Looked<'_>,
        proposal: ConversationId,
        formers: Option<Conversation>,
    ) -> Result<Step, StoreError> {
        let contact = Contact {
            id: self.ctx.ids.id(),
            tenant: looked.customer.channel.tenant.clone(),
            name: looked.customer.who.name.clone(),
            given_name: None,
            username: looked.customer.who.username.clone(),
            addresses: looked.customer.told.to_vec(),
            conversations: [(looked.customer.channel.id, proposal)].into(),
            rev: 0,
        };
        self.commit_contact(looked, contact, Some(proposal), formers).await
    }

    /// One contact has these addresses: finds or creates its conversation, and adds what is missing.
    async fn complete(
        &self,
        looked: &Looked<'_>,
        contact: ContactId,
        proposal: ConversationId,
    ) -> Result<Step, StoreError> {
        let (tenant, channel) = (&looked.customer.channel.tenant, looked.customer.channel.id);
        let all: Option<Vec<ConversationId>> = looked
            .entries
            .iter()
            .map(|entry| {
                let entry = entry.as_ref().filter(|entry| entry.owner(looked.customer.at).is_some())?;
                entry.conversations.get(&channel).copied()
            })
            .collect();
        if let Some(id) = all.and_then(|ids| ids.first().copied())
            && let Some(conversation) = self.ctx.conversation(tenant, id).await?
        {
            return Ok(Decision::Done(Opened::Conversation(Box::new(conversation))));
        }
        let Some(mut contact) = self.ctx.store.contact(tenant, contact).await? else {
            return Ok(Decision::Retry);
        };
        if let Some(mut formers) = self.formers_conversation(looked, &contact).await? {
            if formers.met_at.is_some_and(|met| looked.customer.at < met) {
                return Ok(Decision::Done(Opened::WithoutNumber { since: formers.met_at }));
            }
            // From now on the former owner is reached only by their user id, whatever older messages say.
            formers.number = None;
            formers.wa_id = None;
            formers.met_at = formers.met_at.max(Some(looked.customer.at));
            return self.begin(looked, proposal, Some(formers)).await;
        }
        let learned = contact.add_addresses(looked.customer.told);
        let mut fresh = None;
        let conversation = *contact.conversations.entry(channel).or_insert_with(|| *fresh.insert(proposal));
        if learned == Written::Unchanged
            && fresh.is_none()
            && looked.all_lead_to(conversation)
            && let Some(found) = self.ctx.conversation(tenant, conversation).await?
        {
            return Ok(Decision::Done(Opened::Conversation(Box::new(found))));
        }
        self.commit_contact(looked, contact, fresh, None).await
    }

    /// The conversation with the owner of a reported number, where the user id belongs to another customer:
    /// on this channel they have another user id.
    async fn owned_by_another(&self, looked: &Looked<'_>) -> Result<Option<Conversation>, StoreError> {
        if looked.customer.who.bsuid.is_none() {
            return Ok(None);
        }
        for (address, entry) in looked.customer.addresses.iter().zip(&looked.entries) {
            let entry = entry.as_ref().filter(|entry| entry.owner(looked.customer.at).is_some());
            let entry = entry.filter(|entry| !looked.parent_leads_to(entry.contact));
            let id = entry.and_then(|entry| entry.conversations.get(&looked.customer.channel.id));
            let (Some(number), Some(id)) = (address.number(), id) else { continue };
            let known = self.ctx.conversation(&looked.customer.channel.tenant, *id).await?;
            let other = |it: &Conversation| looked.is_another(it) && !looked.began_after_moving(number, it);
            if let Some(owner) = known.filter(other) {
                return Ok(Some(owner));
            }
        }
        Ok(None)
    }

    /// The conversation with the former owner of a number that changed hands without a report: on this
    /// channel the contact has another user id. (On another channel that is normal; ids differ by business
    /// portfolio.)
    async fn formers_conversation(
        &self,
        looked: &Looked<'_>,
        contact: &Contact,
    ) -> Result<Option<Conversation>, StoreError> {
        let Some(bsuid) = &looked.customer.who.bsuid else { return Ok(None) };
        if contact.has(&Address::Bsuid(bsuid.clone())) || looked.parent_leads_to(contact.id) {
            return Ok(None);
        }
        let Some(id) = contact.conversations.get(&looked.customer.channel.id) else { return Ok(None) };
        let known = self.ctx.conversation(&contact.tenant, *id).await?;
        Ok(known.filter(|known| looked.is_another(known)))
    }

    /// Commits a contact with its address entries and, if `fresh`, its new conversation; also the
    /// conversation of an address's former owner.
    async fn commit_contact(
        &self,
        looked: &Looked<'_>,
        contact: Contact,
        fresh: Option<ConversationId>,
        formers: Option<Conversation>,
    ) -> Result<Step, StoreError> {
        let mut changes: Vec<Write> = looked
            .customer
            .addresses
            .iter()
            .zip(&looked.entries)
            .map(|(address, entry)| {
                Write::Put(Record::Address(AddressEntry {
                    tenant: contact.tenant.clone(),
                    address: address.clone(),
                    contact: contact.id,
                    released_at: entry
                        .as_ref()
                        .and_then(|entry| entry.released_at)
                        .filter(|at| looked.customer.at <= *at),
                    conversations: contact.conversations.clone(),
                    rev: entry.as_ref().map_or(0, |entry| entry.rev),
                }))
            })
            .collect();
        changes.extend(formers.map(Record::Conversation).map(Write::Put));
        let begun = fresh.map(|id| self.new_conversation(looked, &contact, id));
        if let Some(conversation) = &begun {
            changes.push(Write::Put(Record::Conversation(conversation.clone())));
            changes.push(Write::Put(Record::Event(
                self.ctx
                    .event(&contact.tenant, EventKind::ConversationCreated { conversation: conversation.id }),
            )));
        }
        changes.push(Write::Put(Record::Contact(contact)));
        if let Some(mut conversation) = begun {
            conversation.rev = 1;
            return Ok(Decision::Commit(changes, Opened::Conversation(Box::new(conversation))));
        }
        // Committed or not, the next lookup finds the entries as they are then.
        self.ctx.store.commit(changes).await?;
        Ok(Decision::Retry)
    }

    fn new_conversation(&self, looked: &Looked<'_>, contact: &Contact, id: ConversationId) -> Conversation {
        let now = self.ctx.ids.now();
        Conversation {
            id,
            tenant: contact.tenant.clone(),
            channel: looked.customer.channel.id,
            contact: contact.id,
            name: contact.name.clone(),
            given_name: contact.given_name.clone(),
            username: looked.customer.who.username.clone().or_else(|| contact.username.clone()),
            number: looked.customer.who.number.clone(),
            wa_id: None,
            bsuid: looked.customer.who.bsuid.clone(),
            met_at: looked.customer.outdated,
            status: Status::Active,
            handled_by: Handler::default(),
            assignee: None,
            request: None,
            last_inbound_at: None,
            last_inbound_id: None,
            window_refused_at: None,
            watch: Watch::default(),
            touched_at: None,
            latest: Latest::none(now),
            last_bot_at: None,
            messages: 0,
            unread: UnreadMessages::default(),
            reported: Box::default(),
            closed_at: None,
            created_at: now,
            absorbed: Vec::new(),
            rev: 0,
        }
    }

    /// Two contacts are one customer: merges the younger one into the older one.
    async fn unite(
        &self,
        tenant: &TenantId,
        keep: ContactId,
        absorbed: ContactId,
    ) -> Result<Step, StoreError> {
        let keep = self.ctx.store.contact_row(tenant, keep).await?;
        let absorbed = self.ctx.store.contact_row(tenant, absorbed).await?;
        let (Some(ContactRow::Current(mut keep)), Some(ContactRow::Current(absorbed))) = (keep, absorbed)
        else {
            return Ok(Decision::Retry);
        };
        let absorbed_id = absorbed.id;
        let moved: Vec<ConversationId> = absorbed.conversations.values().copied().collect();
        let (absorbed, replaced) = keep.absorb(absorbed);
        let mut changes = vec![Write::Put(Record::Event(
            self.ctx.event(tenant, EventKind::ContactMerged { contact: keep.id, absorbed: absorbed_id }),
        ))];
        let addresses = in_all_spellings(&keep.addresses);
        for entry in self.ctx.store.addresses(tenant, &addresses).await?.into_iter().flatten() {
            // An address that was given up may have another owner since.
            if entry.contact == keep.id || entry.contact == absorbed_id {
                changes.push(Write::Put(Record::Address(AddressEntry {
                    contact: keep.id,
                    conversations: keep.conversations.clone(),
                    ..entry
                })));
            }
        }
        for id in moved {
            let Some(mut conversation) = self.unmerged(tenant, id).await? else { continue };
            conversation.contact = keep.id;
            let kept = match replaced.iter().find(|(old, _)| *old == id) {
                Some((_, kept)) => self.unmerged(tenant, *kept).await?,
                None => None,
            };
            let Some(mut kept) = kept else {
                changes.push(Write::Put(Record::Conversation(conversation)));
                continue;
            };
            let merged = kept.absorb(conversation);
            // The reminder of the merged conversation does not count for this one.
            changes.extend(kept.watch_window(self.ctx.ids.now()).map(Record::WindowWatch).map(Write::Put));
            changes.push(Write::Put(Record::Conversation(kept)));
            changes.push(Write::Put(Record::MergedConversation(merged)));
        }
        changes.push(Write::Put(Record::Contact(keep)));
        changes.push(Write::Put(Record::MergedContact(absorbed)));
        // Committed or not, the next round decides on what it finds then.
        self.ctx.store.commit(changes).await?;
        Ok(Decision::Retry)
    }

    /// The conversation of this very id, unless it was merged into another.
    async fn unmerged(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let row = self.ctx.store.conversation_row(tenant, id).await?;
        Ok(row.and_then(ConversationRow::current))
    }
}
