//! The conversation and the rows of an attempt's message.

use crate::{
    domain::{
        attempt::{Attempt, Target},
        channel::Channel,
        contact::{Address, Identity},
        conversation::Conversation,
        id::{ConversationId, MessageId, TenantId, Wamid},
        message::Message,
        message_lookup::MessageLookup,
        phone::Phone,
    },
    ports::{
        provider::Acceptance,
        store::{Record, StoreError, Write},
    },
    usecases::{Outcomes, sending::outcome::Case},
};

impl Outcomes {
    /// The conversation of an attempt's message, created if need be.
    pub(crate) async fn open_recipient_conversation(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        reported: &[Address],
    ) -> Result<Conversation, StoreError> {
        let proposal = attempt.address.conversation;
        match &attempt.target {
            Target::Number(to) => {
                let who = Identity::of(to.clone());
                // The number's user id may have a contact already: then it is that one.
                let reported = if to.number().is_some() { reported } else { &[] };
                Box::pin(self.conversations.open_conversation(
                    channel,
                    &who,
                    reported,
                    attempt.address.at,
                    proposal,
                ))
                .await
            }
            Target::Conversation => {
                self.ctx.conversation(&attempt.tenant, proposal).await?.ok_or_else(|| {
                    StoreError::Corrupt(format!("attempt {} has no conversation", attempt.address.id))
                })
            }
        }
    }

    /// The stored message of an attempt, and the lookup entry of the provider's id for it.
    pub(crate) async fn stored_message(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        wamid: &Wamid,
    ) -> Result<(Option<Message>, Option<MessageLookup>), StoreError> {
        let message = self.ctx.store.message(&attempt.tenant, attempt.address).await?;
        let lookup = self.ctx.store.message_lookup(&channel.inbound_address(), wamid).await?;
        Ok((message, lookup))
    }

    /// The current attempt, and a conversation of its tenant, where one is named.
    ///
    /// # Errors
    /// Those of [`Outcomes::current_attempt`].
    pub(crate) async fn current_case(
        &self,
        tenant: &TenantId,
        id: MessageId,
        conversation: Option<ConversationId>,
    ) -> Result<Case, StoreError> {
        let attempt = self.current_attempt(tenant, id).await?;
        let conversation = match conversation {
            Some(id) => self.ctx.conversation(tenant, id).await?,
            None => None,
        };
        Ok(Case { attempt, conversation })
    }

    /// The current state of an attempt.
    ///
    /// # Errors
    /// When the store fails. [`StoreError::Corrupt`] when there is none: attempts outlive everything that reads
    /// them.
    pub(crate) async fn current_attempt(
        &self,
        tenant: &TenantId,
        id: MessageId,
    ) -> Result<Attempt, StoreError> {
        let found = self.attempts.attempt(tenant, id).await?;
        found.ok_or_else(|| StoreError::Corrupt(format!("attempt {id} has gone")))
    }

    /// Adds the provider's addresses of a recipient to their contact: another spelling of the number, or
    /// their user id. A webhook may use either, and must not create a second contact.
    ///
    /// `dialled` is the number that the message was sent to; when the conversation has another one by now,
    /// its customer has moved, and addresses of the old number are no longer theirs. `None` is for a message
    /// to a user id.
    pub(crate) async fn add_reported_addresses(
        &self,
        channel: &Channel,
        place: &Conversation,
        dialled: Option<&Phone>,
        acceptance: &Acceptance,
    ) -> Result<(), StoreError> {
        let (Some(dialled), Some(number)) = (dialled, &place.number) else { return Ok(()) };
        let new = |id: &&Phone| *id != number && place.wa_id.as_ref() != Some(*id);
        let wa_id = acceptance.wa_id.as_ref().filter(new);
        let bsuid = acceptance.user_id.as_ref().filter(|_| place.bsuid.is_none());
        if !number.is_same_number(dialled) || (wa_id.is_none() && bsuid.is_none()) {
            return Ok(());
        }
        let also: Vec<Address> = names(acceptance);
        let (number, bsuid_known) = (Some(dialled.clone()), place.bsuid.clone());
        let who = Identity { number, bsuid: bsuid_known, ..Identity::default() };
        let opened = self.conversations.open_conversation(channel, &who, &also, self.ctx.ids.now(), place.id);
        let mut found = Box::pin(opened).await?;
        found.wa_id = wa_id.cloned().or(found.wa_id);
        found.bsuid = found.bsuid.or_else(|| bsuid.cloned());
        // On a conflict it was learned, or the next message brings it.
        self.ctx.store.commit(vec![Write::Put(Record::Conversation(found))]).await.map(drop)
    }
}

/// Only logs a failure to learn addresses: the message is stored, and the next one to the same number brings
/// them again.
pub(crate) fn log_unstored_addresses(place: &Conversation, learned: Result<(), StoreError>) {
    if let Err(error) = learned {
        tracing::warn!(tenant = %place.tenant, conversation = %place.id, %error,
            "the provider's addresses of a recipient could not be stored");
    }
}

/// The provider's addresses of a recipient.
pub(crate) fn names(acceptance: &Acceptance) -> Vec<Address> {
    let number = acceptance.wa_id.clone().map(Address::Number);
    let user = acceptance.user_id.clone().map(Address::Bsuid);
    let parent = acceptance.parent_user_id.clone().map(Address::Parent);
    number.into_iter().chain(user).chain(parent).collect()
}
