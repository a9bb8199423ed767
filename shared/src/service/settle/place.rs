//! Where an attempt's message belongs, and what is kept of it.

use crate::{
    domain::{
        attempt::{Attempt, Target},
        channel::Channel,
        contact::{Address, Identity},
        conversation::Conversation,
        id::Wamid,
        message::Message,
        phone::Phone,
        pointer::Pointer,
    },
    port::{
        book::{Change, StoreError},
        provider::Acceptance,
    },
    service::Core,
};

impl Core {
    /// The conversation that an attempt's message belongs into, begun if need be.
    pub(super) async fn place_of(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        wa_id: Option<&Phone>,
    ) -> Result<Conversation, StoreError> {
        let proposal = attempt.address.conversation;
        match &attempt.target {
            Target::Number(Address::Number(number)) => {
                let who = Identity::of_number(number.clone());
                // The other spelling of the number may be a contact already: then it is theirs.
                let also: Vec<Address> = wa_id.cloned().map(Address::Number).into_iter().collect();
                self.open_conversation(channel, &who, &also, proposal).await
            }
            Target::Number(Address::Bsuid(bsuid)) => {
                let who = Identity { number: None, bsuid: Some(bsuid.clone()), name: None };
                self.open_conversation(channel, &who, &[], proposal).await
            }
            Target::Conversation => self.conversation(&attempt.tenant, proposal).await?.ok_or_else(|| {
                StoreError::Corrupt(format!("attempt {} has no conversation", attempt.address.id))
            }),
        }
    }

    /// What is already kept of an attempt's message and of the provider's id for it.
    pub(super) async fn kept(
        &self,
        channel: &Channel,
        attempt: &Attempt,
        wamid: &Wamid,
    ) -> Result<(Option<Message>, Option<Pointer>), StoreError> {
        let message = self.book.message(&attempt.tenant, attempt.address).await?;
        let pointer = self.book.pointer(&channel.phone_number_id, wamid).await?;
        Ok((message, pointer))
    }

    pub(super) async fn attempt_again(&self, attempt: &Attempt) -> Result<Attempt, StoreError> {
        let id = attempt.address.id;
        let found = self.attempts.attempt(&attempt.tenant, id).await?;
        found.ok_or_else(|| StoreError::Corrupt(format!("attempt {id} has gone")))
    }

    /// WhatsApp may spell a number differently from how it was dialled; a callback will then come
    /// under that spelling, and must not make a second contact.
    pub(super) async fn learn_wa_id(&self, channel: &Channel, place: &Conversation, acceptance: &Acceptance) {
        let Some(wa_id) = &acceptance.wa_id else { return };
        let Some(number) = &place.number else { return };
        if wa_id == number || place.wa_id.as_ref() == Some(wa_id) {
            return;
        }
        let who = Identity { number: Some(number.clone()), bsuid: place.bsuid.clone(), name: None };
        let also = [Address::Number(wa_id.clone())];
        let learned = async {
            let mut found = self.open_conversation(channel, &who, &also, place.id).await?;
            found.wa_id = Some(wa_id.clone());
            self.book.apply(vec![Change::Conversation(found)]).await
        };
        // The message is kept; the next send to this number learns the spelling if this one could not.
        if let Err(error) = learned.await {
            tracing::warn!(tenant = %channel.tenant, conversation = %place.id, %error,
                "the provider's spelling of a number could not be kept");
        }
    }
}
