//! Looking after a conversation: assigning, closing, reopening, handing over, reading.

use super::{Core, backoff::Rounds};
use crate::{
    domain::{
        conversation::Conversation,
        handling::Handling,
        id::{ConversationId, TenantId},
        rejection::Reason,
    },
    port::{
        book::{Applied, Change, StoreError},
        clock::Deadline,
        provider::{SendFailure, Typing},
    },
};

/// What became of telling a customer that their message was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// The provider was told; with `On` also that somebody types.
    Told(Typing),
    /// The customer has not written, or not as far as we know how to name it.
    NothingToTell,
    /// The channel's provider cannot be told.
    Unsupported,
    /// The provider refused or did not answer. Doing it again is harmless.
    Failed(Reason),
}

impl Core {
    /// Does what somebody of the company wants with a conversation, or with the one that goes on in its place; none
    /// when there is no such conversation. What changes is told by events; wanting it again changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn handle(
        &self,
        tenant: &TenantId,
        id: ConversationId,
        wanted: &Handling,
    ) -> Result<Option<Conversation>, StoreError> {
        let mut rounds = Rounds::default();
        loop {
            let Some(mut conversation) = self.conversation(tenant, id).await? else { return Ok(None) };
            let news = conversation.carry_out(wanted);
            if news.is_empty() {
                return Ok(Some(conversation));
            }
            let mut changes: Vec<Change> = self.events(tenant, news).collect();
            changes.push(Change::Conversation(conversation.clone()));
            if self.book.apply(changes).await? == Applied::Done {
                conversation.rev += 1;
                return Ok(Some(conversation));
            }
            rounds.again(self).await?;
        }
    }

    /// Marks a conversation as read, and tells its customer that their latest message, and all before it, were;
    /// with `typing`, that somebody types as well. None when there is no such conversation. Once our own mark is
    /// made, nothing that goes wrong with telling is an error.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read_conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
        typing: Typing,
        deadline: Deadline,
    ) -> Result<Option<(Conversation, Receipt)>, StoreError> {
        let Some(conversation) = self.handle(tenant, id, &Handling::Read).await? else { return Ok(None) };
        let receipt = self.acknowledge(&conversation, typing, deadline).await;
        Ok(Some((conversation, receipt)))
    }

    async fn acknowledge(&self, it: &Conversation, typing: Typing, deadline: Deadline) -> Receipt {
        let Some(wamid) = &it.last_inbound_id else { return Receipt::NothingToTell };
        let channel = match self.directory.channel(&it.tenant, it.channel).await {
            Ok(Some(channel)) => channel,
            Ok(None) => return Receipt::NothingToTell,
            Err(error) => {
                tracing::warn!(tenant = %it.tenant, conversation = %it.id, %error, "a customer was not told that their message was read");
                return Receipt::Failed(Reason::ProviderDown);
            }
        };
        match self.tell_read(&channel, wamid, typing, deadline).await {
            Ok(told) => Receipt::Told(told),
            Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::Unsupported => {
                Receipt::Unsupported
            }
            Err(failure) => {
                let reason = match failure {
                    SendFailure::Refused(rejection) => rejection.reason,
                    SendFailure::Ambiguous(_) => Reason::ProviderDown,
                };
                tracing::warn!(tenant = %it.tenant, conversation = %it.id, code = reason.code(),
                    "a customer was not told that their message was read");
                Receipt::Failed(reason)
            }
        }
    }
}
