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
        parts::Interactive,
        phrases::is_one_of,
        rejection::{ProviderCode, Reason, Rejection},
        suppression::{Marketing, Suppression, Why},
        template::Template,
        time::Timestamp,
    },
    ports::{
        store::{Record, StoreError, Write},
        suppression::Suppressions,
    },
    usecases::{Context, Ports, until_committed::Decision},
};

/// Meta's code for "does not want marketing from this business" (facts: meta.md 3.3).
pub(crate) const UNWANTED: ProviderCode = ProviderCode::Number(131_050);

/// A change of a customer's choice about marketing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Whether they opted out or in.
    pub marketing: Marketing,
    /// How the choice was made.
    pub why: Why,
    /// The time from which it holds.
    pub at: Timestamp,
}

/// Whether a change of a choice was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The change was recorded.
    New,
    /// The same choice, or a later one, was stored already.
    Known,
}

/// The customer whose choice it is.
pub(crate) struct Whose {
    pub(crate) addresses: Vec<Address>,
    pub(crate) contact: Option<ContactId>,
    /// The conversation that the event is about.
    pub(crate) conversation: Option<ConversationId>,
}

impl Whose {
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
    pub(crate) suppressions: Arc<dyn Suppressions>,
}

impl OptOuts {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { ctx: Arc::clone(&ports.ctx), suppressions: Arc::clone(&ports.suppressions) }
    }
}

impl OptOuts {
    /// The stored choice of an address, in any spelling: the latest counts. `None` where there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn opt_out(
        &self,
        tenant: &TenantId,
        address: &Address,
    ) -> Result<Option<Suppression>, StoreError> {
        Ok(self.opt_outs(tenant, address).await?.into_iter().max_by_key(|it| it.as_of))
    }

    /// The stored choice of each spelling of an address.
    async fn opt_outs(&self, tenant: &TenantId, address: &Address) -> Result<Vec<Suppression>, StoreError> {
        let mut known = Vec::new();
        for spelling in address.spellings() {
            known.extend(self.suppressions.suppression(tenant, &spelling).await?);
        }
        Ok(known)
    }

    /// Records a choice for one address, and no other of its contact's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn heed(&self, tenant: &TenantId, address: &Address, wish: Wish) -> Result<Heard, StoreError> {
        let whose = Whose { addresses: vec![address.clone()], ..self.whose(tenant, address, None).await? };
        self.heed_all(tenant, &whose, wish).await
    }

    /// Records a contact's choice, for every known address.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn heed_contact(
        &self,
        tenant: &TenantId,
        address: &Address,
        wish: Wish,
    ) -> Result<(), StoreError> {
        let whose = self.whose(tenant, address, None).await?;
        self.heed_all(tenant, &whose, wish).await.map(drop)
    }

    /// Records a choice that a customer made on a channel, for each known address.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn heed_customer(
        &self,
        channel: &Channel,
        who: &Identity,
        wish: Wish,
    ) -> Result<Heard, StoreError> {
        let told = reachable(who);
        let Some(first) = told.first() else { return Ok(Heard::Known) };
        let mut whose = self.whose(&channel.tenant, first, Some(channel.id)).await?;
        whose.add(told);
        self.heed_all(&channel.tenant, &whose, wish).await
    }

    async fn heed_all(&self, tenant: &TenantId, whose: &Whose, wish: Wish) -> Result<Heard, StoreError> {
        self.ctx
            .until_committed(|| async {
                let changes = self.wish_changes(tenant, whose, wish).await?;
                if changes.is_empty() {
                    return Ok(Decision::Done(Heard::Known));
                }
                Ok(Decision::Commit(changes, Heard::New))
            })
            .await
    }

    /// The writes that record a choice, for every spelling that has a row: all or nothing, with an event if
    /// that changes whether marketing may be sent. Empty when the choice is stored already.
    pub(crate) async fn wish_changes(
        &self,
        tenant: &TenantId,
        whose: &Whose,
        wish: Wish,
    ) -> Result<Vec<Write>, StoreError> {
        let (mut changes, mut was_stopped) = (Vec::new(), false);
        for address in &whose.addresses {
            let rows = self.opt_outs(tenant, address).await?;
            let known = rows.iter().max_by_key(|it| it.as_of);
            was_stopped |= known.is_some_and(|it| it.marketing == Marketing::Stopped);
            // A choice that an agent sets now counts, also against a provider's clock that is ahead of ours.
            let at = match (wish.why, known) {
                (Why::Operator, Some(known)) => wish.at.max(known.as_of),
                _ => wish.at,
            };
            // The latest choice counts, also when it repeats an earlier one: one in between may arrive late.
            let same = |it: &Suppression| it.as_of == at && it.marketing == wish.marketing;
            if known.is_some_and(|it| it.as_of > at || same(it)) {
                continue;
            }
            let suppression = |address: &Address, rev: u64| {
                Write::Put(Record::Suppression(Suppression {
                    tenant: tenant.clone(),
                    address: address.clone(),
                    marketing: wish.marketing,
                    why: wish.why,
                    as_of: at,
                    rev,
                }))
            };
            match rows.as_slice() {
                [] => changes.push(suppression(address, 0)),
                rows => changes.extend(rows.iter().map(|it| suppression(&it.address, it.rev))),
            }
        }
        if changes.is_empty() {
            return Ok(changes);
        }
        tracing::info!(%tenant, marketing = ?wish.marketing, why = ?wish.why,
            "a customer's choice about marketing was recorded");
        if was_stopped != (wish.marketing == Marketing::Stopped) {
            changes.push(Write::Put(Record::Event(self.ctx.event(tenant, told_of(whose, wish)))));
        }
        Ok(changes)
    }

    /// The owner of an address, with all addresses that messages can go to, this one first.
    async fn whose(
        &self,
        tenant: &TenantId,
        address: &Address,
        channel: Option<ChannelId>,
    ) -> Result<Whose, StoreError> {
        let mut whose = Whose { addresses: vec![address.clone()], contact: None, conversation: None };
        let entries = self.ctx.store.addresses(tenant, &address.spellings()).await?;
        let owner = entries.into_iter().flatten().find_map(|entry| entry.owner(self.ctx.ids.now()));
        let Some(owner) = owner else { return Ok(whose) };
        let Some(contact) = self.ctx.store.contact(tenant, owner).await? else { return Ok(whose) };
        whose.contact = Some(contact.id);
        let on_channel = channel.and_then(|channel| contact.conversations.get(&channel));
        whose.conversation = on_channel.or_else(|| contact.conversations.values().next()).copied();
        whose.add(contact.addresses);
        Ok(whose)
    }

    /// The customer of a conversation, with the addresses that their message brought.
    pub(crate) async fn whose_conversation(
        &self,
        place: &Conversation,
        who: &Identity,
    ) -> Result<Whose, StoreError> {
        let contact = self.ctx.store.contact(&place.tenant, place.contact).await?;
        let (contact_id, conversation) = (Some(place.contact), Some(place.id));
        let mut whose = Whose { addresses: reachable(who), contact: contact_id, conversation };
        whose.add(contact.map(|contact| contact.addresses).unwrap_or_default());
        Ok(whose)
    }

    /// The choice of a customer who wrote exactly an opt-out or opt-in word, or pressed such a quick reply
    /// of a template. No other message counts: not a row of a list, a caption, or the name of a location.
    pub(crate) fn wish_in(&self, told: &InboundMessage) -> Option<Wish> {
        let (why, payload) = match (told.kind.as_str(), &told.parts.interactive) {
            ("text", _) => (Why::Word, None),
            ("button", Some(Interactive::Reply(tapped))) => (Why::Button, tapped.id.as_ref()),
            ("button", _) => (Why::Button, None),
            _ => return None,
        };
        let says = |words: &[String]| told.text.iter().chain(payload).any(|it| is_one_of(it, words));
        let marketing = match told.direction {
            Direction::Inbound if says(&self.ctx.settings.stop_words) => Marketing::Stopped,
            Direction::Inbound if says(&self.ctx.settings.start_words) => Marketing::Resumed,
            Direction::Inbound | Direction::Outbound => return None,
        };
        Some(Wish { marketing, why, at: told.at })
    }

    /// Why a template may not be sent to an address: the contact opted out, and the template is marketing by
    /// our cache, or the cache does not know its category. `None` where it may be sent.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unwanted(
        &self,
        channel: &Channel,
        to: &Address,
        known: Option<&Template>,
    ) -> Result<Option<Rejection>, StoreError> {
        if known.is_some_and(|template| template.told.category.is_asked_for()) {
            return Ok(None);
        }
        let stopped = self.is_stopped(&channel.tenant, to).await?;
        Ok(stopped.then(|| Reason::Suppressed.because("the customer does not want marketing messages")))
    }

    /// Whether an address, or another of the same contact, opted out.
    async fn is_stopped(&self, tenant: &TenantId, address: &Address) -> Result<bool, StoreError> {
        // Its own first: mostly that decides.
        if self.stops(tenant, address).await? {
            return Ok(true);
        }
        for other in self.whose(tenant, address, None).await?.addresses.iter().skip(1) {
            if self.stops(tenant, other).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn stops(&self, tenant: &TenantId, address: &Address) -> Result<bool, StoreError> {
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
fn told_of(whose: &Whose, wish: Wish) -> EventKind {
    let choice = MarketingChoice {
        contact: whose.contact,
        conversation: whose.conversation,
        addresses: whose.addresses.clone(),
        reason: wish.why,
        since: wish.at,
    };
    match wish.marketing {
        Marketing::Stopped => EventKind::OptedOut(choice),
        Marketing::Resumed => EventKind::OptedIn(choice),
    }
}
