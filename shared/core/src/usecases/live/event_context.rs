//! What an entry of the log is about, with all that is needed to tell of it.

use crate::{
    domain::{conversation::Conversation, id::TenantId, log::Numbered, message::Message, phone::Phone},
    ports::store::StoreError,
    usecases::EventContexts,
};

/// Something that happened in a conversation.
#[derive(Debug, Clone)]
pub struct Scene {
    /// What happened.
    pub told: Numbered,
    /// Where.
    pub conversation: Conversation,
    /// The number that its channel shows.
    pub business: Option<Phone>,
    /// The message that it is about, as it is now.
    pub message: Option<Message>,
}

impl EventContexts {
    /// What entries of one tenant are about, in their order; none for those that are about no conversation, or whose
    /// conversation cannot be read. A few calls to the store, however many entries there are.
    pub(crate) async fn scenes(&self, entries: &[Numbered]) -> Result<Vec<Option<Scene>>, StoreError> {
        let Some(tenant) = entries.first().map(|entry| entry.event.tenant.clone()) else {
            return Ok(Vec::new());
        };
        let mut scenes = Vec::with_capacity(entries.len());
        for context in self.in_context(&*self.inbox, &tenant, entries.to_vec()).await? {
            let Some(conversation) = context.conversation else {
                scenes.push(None);
                continue;
            };
            let business = self.business_number(&tenant, &conversation).await?;
            scenes.push(Some(Scene {
                told: context.entry,
                conversation,
                business,
                message: context.message,
            }));
        }
        Ok(scenes)
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
