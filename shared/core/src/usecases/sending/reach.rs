//! The address that a message is sent to, where the named one does not do: some content needs a phone
//! number, and nothing can be sent to a parent id.

use std::borrow::Cow;

use crate::{
    domain::{
        channel::{Capability, Channel},
        contact::{Address, Contact, in_all_spellings},
        content::Content,
        conversation::Conversation,
        phone::Phone,
        rejection::Reason,
    },
    ports::store::StoreError,
    usecases::{
        Recipients,
        sending::{Resolved, SendError, nothing_to_send_to},
    },
};

/// Meta rejects them with 131062 (facts: meta.md 2.4).
const AUTHENTICATION: &str =
    "an authentication template is sent to a phone number only, and none is known of this customer";

/// Why a provider without user ids is no way to a customer without a number.
fn no_user_ids(provider: &str) -> String {
    let (first, rest) = provider.split_at_checked(1).unwrap_or_default();
    let provider = format!("{}{rest}", first.to_ascii_uppercase());
    format!(
        "{provider} is not known to reach customers by a user id, and no phone number is known of this one"
    )
}

impl Recipients {
    /// The address for a message: the named one, unless it needs a phone number; then a known number of the
    /// same customer.
    pub(crate) async fn reached_by(
        &self,
        resolved: &Resolved,
        content: &Content,
    ) -> Result<Address, SendError> {
        let to = match &resolved.to {
            Address::Number(_) => return Ok(resolved.to.clone()),
            Address::Bsuid(_) => resolved.to.clone(),
            Address::Parent(_) => self.instead_of_parent(resolved).await?.ok_or_else(nothing_to_send_to)?,
        };
        if to.number().is_some() {
            return Ok(to);
        }
        match self.why_a_number(&resolved.channel, content).await? {
            None => Ok(to),
            Some(why) => match self.number_of(resolved).await? {
                Some(number) => Ok(Address::Number(number)),
                None => Err(SendError::Rejected(Reason::Unsupported.because(why))),
            },
        }
    }

    /// Why a message can be sent to a phone number only; none where it can go to a user id.
    async fn why_a_number(
        &self,
        channel: &Channel,
        content: &Content,
    ) -> Result<Option<Cow<'static, str>>, StoreError> {
        if !channel.access.supports(Capability::UserIds) {
            return Ok(Some(no_user_ids(channel.access.provider()).into()));
        }
        let Content::Template(sent) = content else { return Ok(None) };
        let known = self.templates.known_template(channel, sent).await?;
        let needed = known.is_some_and(|template| template.details.category.is_authentication());
        Ok(needed.then_some(AUTHENTICATION.into()))
    }

    /// The phone number of a customer who was named by something else.
    async fn number_of(&self, resolved: &Resolved) -> Result<Option<Phone>, StoreError> {
        if let Some(number) = resolved.conversation.as_ref().and_then(|it| it.number.clone()) {
            return Ok(Some(number));
        }
        let found = self.addresses_of(resolved).await?;
        Ok(found.into_iter().find_map(|address| address.number().cloned()))
    }

    /// The address of a customer who was named by a parent id.
    async fn instead_of_parent(&self, resolved: &Resolved) -> Result<Option<Address>, StoreError> {
        if let Some(to) = resolved.conversation.as_ref().and_then(Conversation::recipient) {
            return Ok(Some(to));
        }
        let found = self.addresses_of(resolved).await?;
        let by_number = found.iter().find(|address| address.number().is_some());
        let by_id = || found.iter().find(|address| matches!(address, Address::Bsuid(_)));
        Ok(by_number.or_else(by_id).cloned())
    }

    /// The current addresses of a customer, the latest first.
    async fn addresses_of(&self, resolved: &Resolved) -> Result<Vec<Address>, StoreError> {
        let Some(contact) = self.contact_of(resolved).await? else { return Ok(Vec::new()) };
        let spellings = in_all_spellings(&contact.addresses);
        let entries = self.ctx.store.addresses(&contact.tenant, &spellings).await?;
        let now = self.ctx.ids.now();
        let own = |address: &&Address| {
            let mut entries = entries.iter().flatten().filter(|entry| entry.address.is_same(address));
            entries.any(|entry| entry.owner(now) == Some(contact.id))
        };
        Ok(contact.addresses.iter().rev().filter(own).cloned().collect())
    }

    async fn contact_of(&self, resolved: &Resolved) -> Result<Option<Contact>, StoreError> {
        let tenant = &resolved.channel.tenant;
        let id = if let Some(conversation) = &resolved.conversation {
            Some(conversation.contact)
        } else {
            let entries = self.ctx.store.addresses(tenant, &resolved.to.spellings()).await?;
            entries.into_iter().flatten().find_map(|entry| entry.owner(self.ctx.ids.now()))
        };
        match id {
            Some(id) => self.ctx.store.contact(tenant, id).await,
            None => Ok(None),
        }
    }
}
