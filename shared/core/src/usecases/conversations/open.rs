//! Finding or beginning the one conversation between a customer and a channel.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        contact::{Address, AddressEntry, Contact, Identity, Learned, in_all_spellings},
        conversation::{Conversation, Status, Watch},
        event::EventKind,
        handling::Handler,
        id::{ContactId, ConversationId, TenantId},
        phone::Phone,
        time::Timestamp,
    },
    ports::{
        contacts::ContactRow,
        conversations::ConversationRow,
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{Conversations, backoff::Rounds},
};

/// How far the provider's clock may be ahead of ours.
const CLOCKS_APART: Duration = Duration::from_mins(1);

/// How one look at the address book ended.
enum Step {
    Found(Box<Conversation>),
    Again,
    /// The number was theirs once and is somebody else's since then: their user id alone says who they are.
    WithoutNumber {
        since: Option<Timestamp>,
    },
}

/// The address book's answer for one customer: the addresses asked for, and what it has for each.
struct Looked<'a> {
    channel: &'a Channel,
    who: &'a Identity,
    at: Timestamp,
    /// Since when what is told of the customer's number is outdated.
    outdated: Option<Timestamp>,
    /// The addresses that were told.
    told: &'a [Address],
    /// The same in all spellings: whichever is told next leads to the same contact.
    addresses: &'a [Address],
    entries: Vec<Option<AddressEntry>>,
}

impl Looked<'_> {
    /// Whether the book leads from every spelling of every address to this conversation.
    fn all_lead_to(&self, conversation: ConversationId) -> bool {
        let known = |entry: &AddressEntry| entry.conversations.get(&self.channel.id) == Some(&conversation);
        self.entries.iter().all(|entry| entry.as_ref().is_some_and(known))
    }

    /// Whether the customer's id for all linked portfolios leads to this contact: then they are the same person,
    /// whatever else they go by now.
    fn parent_leads_to(&self, contact: ContactId) -> bool {
        let mut known = self.addresses.iter().zip(&self.entries);
        known.any(|(address, entry)| {
            let theirs = |entry: &AddressEntry| entry.owner(self.at) == Some(contact);
            matches!(address, Address::Parent(_)) && entry.as_ref().is_some_and(theirs)
        })
    }

    /// Whether a conversation is with somebody whose user id is none of those that were told.
    fn is_another(&self, known: &Conversation) -> bool {
        known.bsuid.as_ref().is_some_and(|id| !self.told.contains(&Address::Bsuid(id.clone())))
    }

    /// Whether a number is one that the customer is told to have moved to, and a conversation began under it
    /// afterwards: it is theirs, and was heard of before the move was.
    fn began_after_moving(&self, number: &Phone, known: &Conversation) -> bool {
        let theirs = |own: &Phone| own.is_same_number(number);
        !self.who.number.as_ref().is_some_and(theirs) && known.created_at.plus(CLOCKS_APART) >= self.at
    }
}

impl Conversations {
    /// The conversation with an address on a channel, if there is one.
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

    /// The conversation with a customer on a channel, begun if there is none yet. Two callers at once
    /// get the same one. Addresses not yet known are added to the contact; two contacts that turn out
    /// to be one person are united.
    ///
    /// `at` is the time of what was told about them, `proposal` the id for a new conversation.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_conversation(
        &self,
        channel: &Channel,
        who: &Identity,
        also: &[Address],
        at: Timestamp,
        mut proposal: ConversationId,
    ) -> Result<Conversation, StoreError> {
        let mut told = who.addresses();
        told.extend(also.iter().filter(|a| !who.addresses().contains(a)).cloned());
        let (mut who, mut outdated) = (who.clone(), None);
        let mut rounds = Rounds::default();
        loop {
            let addresses = in_all_spellings(&told);
            let entries = self.ctx.store.addresses(&channel.tenant, &addresses).await?;
            let looked =
                Looked { channel, who: &who, at, outdated, told: &told, addresses: &addresses, entries };
            let contacts: BTreeSet<ContactId> =
                looked.entries.iter().flatten().filter_map(|e| e.owner(at)).collect();
            let mut oldest_first = contacts.into_iter();
            let step = match (oldest_first.next(), oldest_first.next()) {
                (None, _) => self.begin(&looked, proposal, None).await?,
                (Some(contact), None) => self.complete(&looked, contact, proposal).await?,
                (Some(keep), Some(absorbed)) => match self.owned_by_another(&looked).await? {
                    Some(owner) => Step::WithoutNumber { since: owner.met_at },
                    None => self.unite(&channel.tenant, keep, absorbed).await?,
                },
            };
            match step {
                Step::WithoutNumber { since } => {
                    who.number = None;
                    outdated = since;
                    told.retain(|address| address.number().is_none());
                }
                Step::Found(conversation) => return Ok(*conversation),
                Step::Again => {
                    rounds.again(&self.ctx).await?;
                    // The id may have been what was in the way: two processes can propose the same.
                    proposal = self.ctx.ids.id();
                }
            }
        }
    }

    /// Nobody has these addresses, or no longer: a new contact.
    async fn begin(
        &self,
        looked: &Looked<'_>,
        proposal: ConversationId,
        formers: Option<Conversation>,
    ) -> Result<Step, StoreError> {
        let contact = Contact {
            id: self.ctx.ids.id(),
            tenant: looked.channel.tenant.clone(),
            name: looked.who.name.clone(),
            given_name: None,
            username: looked.who.username.clone(),
            addresses: looked.told.to_vec(),
            conversations: [(looked.channel.id, proposal)].into(),
            rev: 0,
        };
        self.keep(looked, contact, Some(proposal), formers).await
    }

    /// One contact has these addresses: its conversation, with whatever is still missing.
    async fn complete(
        &self,
        looked: &Looked<'_>,
        contact: ContactId,
        proposal: ConversationId,
    ) -> Result<Step, StoreError> {
        let (tenant, channel) = (&looked.channel.tenant, looked.channel.id);
        let all: Option<Vec<ConversationId>> = looked
            .entries
            .iter()
            .map(|entry| {
                let entry = entry.as_ref().filter(|entry| entry.owner(looked.at).is_some())?;
                entry.conversations.get(&channel).copied()
            })
            .collect();
        if let Some(id) = all.and_then(|ids| ids.first().copied())
            && let Some(conversation) = self.ctx.conversation(tenant, id).await?
        {
            return Ok(Step::Found(Box::new(conversation)));
        }
        let Some(mut contact) = self.ctx.store.contact(tenant, contact).await? else {
            return Ok(Step::Again);
        };
        if let Some(mut formers) = self.formers_conversation(looked, &contact).await? {
            if formers.met_at.is_some_and(|met| looked.at < met) {
                return Ok(Step::WithoutNumber { since: formers.met_at });
            }
            // From now on the former owner is reached by their user id only, whatever older messages say.
            formers.number = None;
            formers.wa_id = None;
            formers.met_at = formers.met_at.max(Some(looked.at));
            return self.begin(looked, proposal, Some(formers)).await;
        }
        let learned = contact.learn(looked.told);
        let mut fresh = None;
        let conversation = *contact.conversations.entry(channel).or_insert_with(|| *fresh.insert(proposal));
        if learned == Learned::Nothing
            && fresh.is_none()
            && looked.all_lead_to(conversation)
            && let Some(found) = self.ctx.conversation(tenant, conversation).await?
        {
            return Ok(Step::Found(Box::new(found)));
        }
        self.keep(looked, contact, fresh, None).await
    }

    /// The conversation with whoever has a number that was told, where that is somebody else than the user
    /// id says: on this channel they are known by another one.
    async fn owned_by_another(&self, looked: &Looked<'_>) -> Result<Option<Conversation>, StoreError> {
        if looked.who.bsuid.is_none() {
            return Ok(None);
        }
        for (address, entry) in looked.addresses.iter().zip(&looked.entries) {
            let entry = entry.as_ref().filter(|entry| entry.owner(looked.at).is_some());
            let entry = entry.filter(|entry| !looked.parent_leads_to(entry.contact));
            let id = entry.and_then(|entry| entry.conversations.get(&looked.channel.id));
            let (Some(number), Some(id)) = (address.number(), id) else { continue };
            let known = self.ctx.conversation(&looked.channel.tenant, *id).await?;
            let other = |it: &Conversation| looked.is_another(it) && !looked.began_after_moving(number, it);
            if let Some(owner) = known.filter(other) {
                return Ok(Some(owner));
            }
        }
        Ok(None)
    }

    /// The conversation with the former owner of a number that went to somebody else without anybody
    /// telling: on this channel the contact is known by another user id. (On another channel it may
    /// well be; ids differ by business portfolio.)
    async fn formers_conversation(
        &self,
        looked: &Looked<'_>,
        contact: &Contact,
    ) -> Result<Option<Conversation>, StoreError> {
        let Some(bsuid) = &looked.who.bsuid else { return Ok(None) };
        if contact.has(&Address::Bsuid(bsuid.clone())) || looked.parent_leads_to(contact.id) {
            return Ok(None);
        }
        let Some(id) = contact.conversations.get(&looked.channel.id) else { return Ok(None) };
        let known = self.ctx.conversation(&contact.tenant, *id).await?;
        Ok(known.filter(|known| looked.is_another(known)))
    }

    /// Writes a contact with its address entries and, if `fresh`, its new conversation; along with it the
    /// conversation of an address's former owner.
    async fn keep(
        &self,
        looked: &Looked<'_>,
        contact: Contact,
        fresh: Option<ConversationId>,
        formers: Option<Conversation>,
    ) -> Result<Step, StoreError> {
        let mut changes: Vec<Write> = looked
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
                        .filter(|at| looked.at <= *at),
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
        match (self.ctx.store.commit(changes).await?, begun) {
            (Commit::Committed, Some(mut conversation)) => {
                conversation.rev = 1;
                Ok(Step::Found(Box::new(conversation)))
            }
            // Without a new conversation the next look finds everything in its place.
            (Commit::Committed, None) | (Commit::Conflict, _) => Ok(Step::Again),
        }
    }

    fn new_conversation(&self, looked: &Looked<'_>, contact: &Contact, id: ConversationId) -> Conversation {
        let now = self.ctx.ids.now();
        Conversation {
            id,
            tenant: contact.tenant.clone(),
            channel: looked.channel.id,
            contact: contact.id,
            name: contact.name.clone(),
            given_name: contact.given_name.clone(),
            username: looked.who.username.clone().or_else(|| contact.username.clone()),
            number: looked.who.number.clone(),
            wa_id: None,
            bsuid: looked.who.bsuid.clone(),
            met_at: looked.outdated,
            status: Status::Active,
            handled_by: Handler::default(),
            assignee: None,
            request: None,
            last_inbound_at: None,
            last_inbound_id: None,
            window_refused_at: None,
            watch: Watch::default(),
            touched_at: None,
            last_message_at: now,
            last_message: None,
            preview: None,
            last_sender: None,
            last_bot_at: None,
            messages: 0,
            unread: 0,
            unread_at: Vec::new(),
            reported: Box::default(),
            closed_at: None,
            created_at: now,
            absorbed: Vec::new(),
            rev: 0,
        }
    }

    /// Two contacts share a customer: the older one takes over everything the younger one has.
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
            return Ok(Step::Again);
        };
        let absorbed_id = absorbed.id;
        let moved: Vec<ConversationId> = absorbed.conversations.values().copied().collect();
        let (absorbed, replaced) = keep.absorb(absorbed);
        let mut changes = vec![Write::Put(Record::Event(
            self.ctx.event(tenant, EventKind::ContactMerged { contact: keep.id, absorbed: absorbed_id }),
        ))];
        let addresses = in_all_spellings(&keep.addresses);
        for entry in self.ctx.store.addresses(tenant, &addresses).await?.into_iter().flatten() {
            // An address that was given up may have gone to somebody else since.
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
            // What is watched for the one that ends is not watched for this one.
            changes.extend(kept.watch_window(self.ctx.ids.now()).map(Record::WindowWatch).map(Write::Put));
            changes.push(Write::Put(Record::Conversation(kept)));
            changes.push(Write::Put(Record::MergedConversation(merged)));
        }
        changes.push(Write::Put(Record::Contact(keep)));
        changes.push(Write::Put(Record::MergedContact(absorbed)));
        // Done or not, the next look decides on what it finds then.
        self.ctx.store.commit(changes).await?;
        Ok(Step::Again)
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
