//! Opt-outs from marketing: recorded, listed and enforced.

use std::sync::Arc;

use crate::{
    domain::{
        channel::Channel,
        contact::{Address, Identity},
        conversation::Conversation,
        event::{EventKind, MarketingChoice},
        id::{ChannelId, ContactId, ConversationId, TenantId},
        inbound::InboundMessage,
        message::Direction,
        opt_out::{Marketing, OptOut, OptOutReason},
        parts::Interactive,
        phrases::is_one_of,
        rejection::{ProviderCode, Reason, Rejection},
        template::Template,
        time::Timestamp,
        written::Written,
    },
    ports::{
        opt_out::OptOutRecords,
        store::{Record, StoreError, Write},
    },
    usecases::{Context, Ports, until_committed::Decision},
};

/// Meta's code for "does not want marketing from this business" (facts: meta.md 3.3).
pub(crate) const OPTED_OUT_CODE: ProviderCode = ProviderCode::Number(131_050);

/// A change of a customer's choice about marketing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptOutChange {
    /// Whether they opted out or in.
    pub marketing: Marketing,
    /// How the choice was made.
    pub why: OptOutReason,
    /// The time from which it holds.
    pub at: Timestamp,
}

/// The customer whose choice it is.
pub(crate) struct OptOutCustomer {
    pub(crate) addresses: Vec<Address>,
    pub(crate) contact: Option<ContactId>,
    /// The conversation that the event is about.
    pub(crate) conversation: Option<ConversationId>,
}

impl OptOutCustomer {
    /// Adds addresses that are not among theirs yet. Nothing is sent to a parent id: it only leads to the
    /// others.
    fn add(&mut self, addresses: Vec<Address>) {
        for address in addresses.into_iter().filter(|address| !matches!(address, Address::Parent(_))) {
            if !self.addresses.iter().any(|known| known.is_same(&address)) {
                self.addresses.push(address);
            }
        }
    }
}

/// Records and enforces opt-outs from marketing.
#[derive(Clone)]
pub struct OptOuts {
    pub(crate) ctx: Arc<Context>,
    pub(crate) opt_out_records: Arc<dyn OptOutRecords>,
}

impl OptOuts {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { ctx: Arc::clone(&ports.ctx), opt_out_records: Arc::clone(&ports.opt_out_records) }
    }
}

impl OptOuts {
    /// The stored choice of an address, in any spelling: the latest counts. `None` where there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn opt_out(&self, tenant: &TenantId, address: &Address) -> Result<Option<OptOut>, StoreError> {
        Ok(self.opt_outs(tenant, address).await?.into_iter().max_by_key(|it| it.as_of))
    }

    /// The stored choice of each spelling of an address.
    async fn opt_outs(&self, tenant: &TenantId, address: &Address) -> Result<Vec<OptOut>, StoreError> {
        let mut known = Vec::new();
        for spelling in address.spellings() {
            known.extend(self.opt_out_records.opt_out(tenant, &spelling).await?);
        }
        Ok(known)
    }

    /// Records a choice for one address, and no other of its contact's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn apply_opt_out(
        &self,
        tenant: &TenantId,
        address: &Address,
        change: OptOutChange,
    ) -> Result<Written, StoreError> {
        let customer = OptOutCustomer {
            addresses: vec![address.clone()],
            ..self.customer_of(tenant, address, None).await?
        };
        self.apply_to_addresses(tenant, &customer, change).await
    }

    /// Records a contact's choice, for every known address.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn apply_contact_opt_out(
        &self,
        tenant: &TenantId,
        address: &Address,
        change: OptOutChange,
    ) -> Result<(), StoreError> {
        let customer = self.customer_of(tenant, address, None).await?;
        self.apply_to_addresses(tenant, &customer, change).await.map(drop)
    }

    /// Records a choice that a customer made on a channel, for each known address.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn apply_customer_opt_out(
        &self,
        channel: &Channel,
        who: &Identity,
        change: OptOutChange,
    ) -> Result<Written, StoreError> {
        let addresses = reachable(who);
        let Some(first) = addresses.first() else { return Ok(Written::Unchanged) };
        let mut customer = self.customer_of(&channel.tenant, first, Some(channel.id)).await?;
        customer.add(addresses);
        self.apply_to_addresses(&channel.tenant, &customer, change).await
    }

    async fn apply_to_addresses(
        &self,
        tenant: &TenantId,
        customer: &OptOutCustomer,
        change: OptOutChange,
    ) -> Result<Written, StoreError> {
        self.ctx
            .until_committed(|| async {
                let changes = self.opt_out_writes(tenant, customer, change).await?;
                if changes.is_empty() {
                    return Ok(Decision::Done(Written::Unchanged));
                }
                Ok(Decision::Commit(changes, Written::New))
            })
            .await
    }

    /// The writes that record a choice, for every spelling that has a row: all or nothing, with an event if
    /// that changes whether marketing may be sent. Empty when the choice is stored already.
    pub(crate) async fn opt_out_writes(
        &self,
        tenant: &TenantId,
        customer: &OptOutCustomer,
        change: OptOutChange,
    ) -> Result<Vec<Write>, StoreError> {
        let (mut changes, mut was_stopped) = (Vec::new(), false);
        for address in &customer.addresses {
            let rows = self.opt_outs(tenant, address).await?;
            let known = rows.iter().max_by_key(|it| it.as_of);
            was_stopped |= known.is_some_and(|it| it.marketing == Marketing::Stopped);
            // A choice that an agent sets now counts, also against a provider's clock that is ahead of ours.
            let at = match (change.why, known) {
                (OptOutReason::Operator, Some(known)) => change.at.max(known.as_of),
                _ => change.at,
            };
            // The latest choice counts, also when it repeats an earlier one: one in between may arrive late.
            let same = |it: &OptOut| it.as_of == at && it.marketing == change.marketing;
            if known.is_some_and(|it| it.as_of > at || same(it)) {
                continue;
            }
            let record = |address: &Address, rev: u64| {
                Write::Put(Record::OptOut(OptOut {
                    tenant: tenant.clone(),
                    address: address.clone(),
                    marketing: change.marketing,
                    why: change.why,
                    as_of: at,
                    rev,
                }))
            };
            match rows.as_slice() {
                [] => changes.push(record(address, 0)),
                rows => changes.extend(rows.iter().map(|it| record(&it.address, it.rev))),
            }
        }
        if changes.is_empty() {
            return Ok(changes);
        }
        tracing::info!(%tenant, marketing = ?change.marketing, why = ?change.why,
            "a customer's choice about marketing was recorded");
        if was_stopped != (change.marketing == Marketing::Stopped) {
            changes.push(Write::Put(Record::Event(self.ctx.event(tenant, opt_out_event(customer, change)))));
        }
        Ok(changes)
    }

    /// The owner of an address, with all addresses that messages can go to, this one first.
    async fn customer_of(
        &self,
        tenant: &TenantId,
        address: &Address,
        channel: Option<ChannelId>,
    ) -> Result<OptOutCustomer, StoreError> {
        let mut customer =
            OptOutCustomer { addresses: vec![address.clone()], contact: None, conversation: None };
        let entries = self.ctx.store.addresses(tenant, &address.spellings()).await?;
        let owner = entries.into_iter().flatten().find_map(|entry| entry.owner(self.ctx.ids.now()));
        let Some(owner) = owner else { return Ok(customer) };
        let Some(contact) = self.ctx.store.contact(tenant, owner).await? else { return Ok(customer) };
        customer.contact = Some(contact.id);
        let on_channel = channel.and_then(|channel| contact.conversations.get(&channel));
        customer.conversation = on_channel.or_else(|| contact.conversations.values().next()).copied();
        customer.add(contact.addresses);
        Ok(customer)
    }

    /// The customer of a conversation, with the addresses that their message brought.
    pub(crate) async fn customer_in_conversation(
        &self,
        place: &Conversation,
        who: &Identity,
    ) -> Result<OptOutCustomer, StoreError> {
        let contact = self.ctx.store.contact(&place.tenant, place.contact).await?;
        let (contact_id, conversation) = (Some(place.contact), Some(place.id));
        let mut customer = OptOutCustomer { addresses: reachable(who), contact: contact_id, conversation };
        customer.add(contact.map(|contact| contact.addresses).unwrap_or_default());
        Ok(customer)
    }

    /// The choice of a customer who wrote exactly an opt-out or opt-in word, or pressed such a quick reply
    /// of a template. No other message counts: not a row of a list, a caption, or the name of a location.
    pub(crate) fn opt_out_in_message(&self, inbound: &InboundMessage) -> Option<OptOutChange> {
        let (why, payload) = match (inbound.kind.as_str(), &inbound.parts.interactive) {
            ("text", _) => (OptOutReason::Word, None),
            ("button", Some(Interactive::Reply(tapped))) => (OptOutReason::Button, tapped.id.as_ref()),
            ("button", _) => (OptOutReason::Button, None),
            _ => return None,
        };
        let says = |words: &[String]| inbound.text.iter().chain(payload).any(|it| is_one_of(it, words));
        let marketing = match inbound.direction {
            Direction::Inbound if says(&self.ctx.settings.stop_words) => Marketing::Stopped,
            Direction::Inbound if says(&self.ctx.settings.start_words) => Marketing::Resumed,
            Direction::Inbound | Direction::Outbound => return None,
        };
        Some(OptOutChange { marketing, why, at: inbound.at })
    }

    /// Why a template may not be sent to an address: the contact opted out, and the template is marketing by
    /// our cache, or the cache does not know its category. `None` where it may be sent.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn opt_out_rejection(
        &self,
        channel: &Channel,
        to: &Address,
        known: Option<&Template>,
    ) -> Result<Option<Rejection>, StoreError> {
        if known.is_some_and(|template| template.details.category.is_asked_for()) {
            return Ok(None);
        }
        let stopped = self.is_opted_out(&channel.tenant, to).await?;
        Ok(stopped.then(|| Reason::Suppressed.because("the customer does not want marketing messages")))
    }

    /// Whether an address, or another of the same contact, opted out.
    async fn is_opted_out(&self, tenant: &TenantId, address: &Address) -> Result<bool, StoreError> {
        // Its own first: mostly that decides.
        if self.is_address_opted_out(tenant, address).await? {
            return Ok(true);
        }
        for other in self.customer_of(tenant, address, None).await?.addresses.iter().skip(1) {
            if self.is_address_opted_out(tenant, other).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_address_opted_out(&self, tenant: &TenantId, address: &Address) -> Result<bool, StoreError> {
        let known = self.opt_out(tenant, address).await?;
        Ok(known.is_some_and(|it| it.marketing == Marketing::Stopped))
    }
}

/// The addresses of a customer that messages can go to; a parent id where they have no other.
fn reachable(who: &Identity) -> Vec<Address> {
    let mut addresses = who.addresses();
    if addresses.iter().any(|address| !matches!(address, Address::Parent(_))) {
        addresses.retain(|address| !matches!(address, Address::Parent(_)));
    }
    addresses
}

/// The event of a choice that changes what may be sent.
fn opt_out_event(customer: &OptOutCustomer, change: OptOutChange) -> EventKind {
    let choice = MarketingChoice {
        contact: customer.contact,
        conversation: customer.conversation,
        addresses: customer.addresses.clone(),
        reason: change.why,
        since: change.at,
    };
    match change.marketing {
        Marketing::Stopped => EventKind::OptedOut(choice),
        Marketing::Resumed => EventKind::OptedIn(choice),
    }
}
