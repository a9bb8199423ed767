//! The context of a log entry: everything that its frame needs.

use crate::{
    domain::{conversation::Conversation, id::TenantId, log::Numbered, message::Message, phone::Phone},
    ports::store::StoreError,
    usecases::EventContexts,
};

/// A log entry of a conversation, with its context.
#[derive(Debug, Clone)]
pub struct ConversationEvent {
    /// The log entry to encode.
    pub entry: Numbered,
    /// Its conversation, as it is now.
    pub conversation: Conversation,
    /// The business number of its channel.
    pub business: Option<Phone>,
    /// The message that it is about, as it is now.
    pub message: Option<Message>,
}

impl EventContexts {
    /// The contexts of one tenant's entries, in their order; `None` for entries without a conversation, or
    /// with an unreadable one. A few calls to the store, however many entries there are.
    pub(crate) async fn conversation_events(
        &self,
        entries: &[Numbered],
    ) -> Result<Vec<Option<ConversationEvent>>, StoreError> {
        let Some(tenant) = entries.first().map(|entry| entry.event.tenant.clone()) else {
            return Ok(Vec::new());
        };
        let mut events = Vec::with_capacity(entries.len());
        for context in self.in_context(&*self.inbox, &tenant, entries.to_vec()).await? {
            let Some(conversation) = context.conversation else {
                events.push(None);
                continue;
            };
            let business = self.business_number(&tenant, &conversation).await?;
            events.push(Some(ConversationEvent {
                entry: context.entry,
                conversation,
                business,
                message: context.message,
            }));
        }
        Ok(events)
    }

    async fn business_number(
        &self,
        tenant: &TenantId,
        conversation: &Conversation,
    ) -> Result<Option<Phone>, StoreError> {
        match self.directory.channel(tenant, conversation.channel).await {
            Err(error @ StoreError::Corrupt(_)) => {
                tracing::error!(metric = "push_failed", %tenant, %error, "a channel's number cannot be shown");
                Ok(None)
            }
            found => Ok(found?.map(|channel| channel.number)),
        }
    }
}
