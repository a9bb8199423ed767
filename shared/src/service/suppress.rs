//! Who does not want marketing: hearing of it, and heeding it.

use super::{Core, backoff::Rounds};
use crate::{
    domain::{
        channel::Channel,
        contact::{Address, Identity},
        id::TenantId,
        inbound::InboundMessage,
        message::Direction,
        parts::Interactive,
        phrases::is_one_of,
        rejection::{ProviderCode, Reason, Rejection},
        suppression::{Marketing, Suppression, Why},
        template::Template,
        time::Timestamp,
    },
    port::book::{Applied, Change, StoreError},
};

/// Meta's code for "does not want marketing from this business" (facts: meta.md 3.3).
pub(super) const UNWANTED: ProviderCode = ProviderCode::Number(131_050);

/// What is told of a customer's wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The wish.
    pub marketing: Marketing,
    /// How we know.
    pub why: Why,
    /// As of when.
    pub at: Timestamp,
}

/// Whether something new was learned of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It was.
    New,
    /// It was known, or something later is.
    Known,
}

impl Core {
    /// What is known of an address, however it is written: the latest counts.
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

    /// What is known of each spelling of an address.
    async fn opt_outs(&self, tenant: &TenantId, address: &Address) -> Result<Vec<Suppression>, StoreError> {
        let mut known = Vec::new();
        for spelling in address.spellings() {
            known.extend(self.suppressions.suppression(tenant, &spelling).await?);
        }
        Ok(known)
    }

    /// Writes down what an address wants, wherever something is known of it however it is written.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn heed(&self, tenant: &TenantId, address: &Address, wish: Wish) -> Result<Heard, StoreError> {
        let mut rounds = Rounds::default();
        loop {
            let rows = self.opt_outs(tenant, address).await?;
            let known = rows.iter().max_by_key(|it| it.as_of);
            // What somebody of the company says now counts, also against a clock that is ahead of ours.
            let at = match (wish.why, known) {
                (Why::Operator, Some(known)) => wish.at.max(known.as_of),
                _ => wish.at,
            };
            // The latest wish counts, also when it repeats an earlier one: what lies between may come late.
            let same = |it: &Suppression| it.as_of == at && it.marketing == wish.marketing;
            if known.is_some_and(|it| it.as_of > at || same(it)) {
                return Ok(Heard::Known);
            }
            let suppression = |address: &Address, rev: u64| {
                Change::Suppression(Suppression {
                    tenant: tenant.clone(),
                    address: address.clone(),
                    marketing: wish.marketing,
                    why: wish.why,
                    as_of: at,
                    rev,
                })
            };
            let changes = match rows.as_slice() {
                [] => vec![suppression(address, 0)],
                rows => rows.iter().map(|it| suppression(&it.address, it.rev)).collect(),
            };
            if self.book.apply(changes).await? == Applied::Done {
                tracing::info!(metric = "marketing_wish", %tenant, marketing = ?wish.marketing, why = ?wish.why,
                    "a customer's wish about marketing was written down");
                return Ok(Heard::New);
            }
            rounds.again(self).await?;
        }
    }

    /// Writes down what a contact wants, for every address that is known of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn heed_contact(
        &self,
        tenant: &TenantId,
        address: &Address,
        wish: Wish,
    ) -> Result<(), StoreError> {
        self.heed(tenant, address, wish).await?;
        for other in self.other_addresses(tenant, address).await? {
            self.heed(tenant, &other, wish).await?;
        }
        Ok(())
    }

    /// The other addresses of whoever has this one.
    async fn other_addresses(
        &self,
        tenant: &TenantId,
        address: &Address,
    ) -> Result<Vec<Address>, StoreError> {
        let entries = self.book.addresses(tenant, &address.spellings()).await?;
        let owner = entries.into_iter().flatten().find_map(|entry| entry.owner(self.mint.now()));
        let Some(owner) = owner else { return Ok(Vec::new()) };
        let contact = self.book.contact(tenant, owner).await?;
        let mut others = contact.map(|contact| contact.addresses).unwrap_or_default();
        others.retain(|other| !other.is_same(address) && !matches!(other, Address::Parent(_)));
        Ok(others)
    }

    /// Writes down what a customer wants, for each address that they are known by.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn heed_customer(
        &self,
        tenant: &TenantId,
        who: &Identity,
        wish: Wish,
    ) -> Result<Heard, StoreError> {
        let mut heard = Heard::Known;
        let mut addresses = who.addresses();
        // Nothing is sent to a parent id: it only leads to the others.
        if addresses.iter().any(|address| !matches!(address, Address::Parent(_))) {
            addresses.retain(|address| !matches!(address, Address::Parent(_)));
        }
        if let Some(first) = addresses.first().cloned() {
            let others = self.other_addresses(tenant, &first).await?;
            addresses.extend(others.into_iter().filter(|other| !who.addresses().contains(other)));
        }
        for address in addresses {
            if self.heed(tenant, &address, wish).await? == Heard::New {
                heard = Heard::New;
            }
        }
        Ok(heard)
    }

    /// What a customer wants about marketing who wrote one of the words for it and nothing else, or pressed such a
    /// quick reply of a template. No other message says it: not a row of a list, a caption, or a place's name.
    pub(super) fn wish_in(&self, told: &InboundMessage) -> Option<Wish> {
        let (why, payload) = match (told.kind.as_str(), &told.parts.interactive) {
            ("text", _) => (Why::Word, None),
            ("button", Some(Interactive::Reply(tapped))) => (Why::Button, tapped.id.as_ref()),
            ("button", _) => (Why::Button, None),
            _ => return None,
        };
        let says = |words: &[String]| told.text.iter().chain(payload).any(|it| is_one_of(it, words));
        let marketing = match told.direction {
            Direction::Inbound if says(&self.settings.stop_words) => Marketing::Stopped,
            Direction::Inbound if says(&self.settings.start_words) => Marketing::Resumed,
            Direction::Inbound | Direction::Outbound => return None,
        };
        Some(Wish { marketing, why, at: told.at })
    }

    /// Why a template may not be sent to an address: its contact does not want marketing, and by our copy it
    /// is that, or our copy does not know what it is for. None where it may be sent.
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

    /// Whether marketing was stopped for an address, or for another of the same contact.
    async fn is_stopped(&self, tenant: &TenantId, address: &Address) -> Result<bool, StoreError> {
        if self.stops(tenant, address).await? {
            return Ok(true);
        }
        for other in self.other_addresses(tenant, address).await? {
            if self.stops(tenant, &other).await? {
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
