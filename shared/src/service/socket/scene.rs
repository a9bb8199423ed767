//! What an entry of the log is about, with all that is needed to tell of it.

use crate::{
    domain::{conversation::Conversation, id::TenantId, log::Numbered, message::Message, phone::Phone},
    port::{book::StoreError, inbox::Inbox},
    service::Core,
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

impl Core {
    /// What entries are about, in their order, without those that are about no conversation. Takes a few calls to the
    /// store, however many there are. Rows that cannot be read hold up nothing.
    pub(super) async fn scenes(
        &self,
        inbox: &dyn Inbox,
        tenant: &TenantId,
        entries: Vec<Numbered>,
    ) -> Result<Vec<Scene>, StoreError> {
        let mut scenes = Vec::with_capacity(entries.len());
        for context in self.in_context(inbox, tenant, entries).await? {
            let Some(conversation) = context.conversation else { continue };
            let business = self.business_number(tenant, &conversation).await?;
            scenes.push(Scene { told: context.entry, conversation, business, message: context.message });
        }
        Ok(scenes)
    }

    /// What an entry is about; none for what is not about a conversation. A row that cannot be read holds up
    /// nobody: of that there is nothing to tell.
    pub(super) async fn scene(&self, told: &Numbered) -> Result<Option<Scene>, StoreError> {
        match self.look_at(told).await {
            Err(error @ StoreError::Corrupt(_)) => {
                tracing::error!(metric = "push_failed", event = %told.event.id, %error, "nobody can be told of an event");
                Ok(None)
            }
            looked => looked,
        }
    }

    async fn look_at(&self, told: &Numbered) -> Result<Option<Scene>, StoreError> {
        let tenant = &told.event.tenant;
        let (place, address) = told.event.kind.subject();
        let Some(place) = place else { return Ok(None) };
        let conversation = self.conversation(tenant, place).await?;
        let Some(conversation) = conversation else { return Ok(None) };
        let message = match address {
            Some(address) => self.book.message(tenant, address).await?,
            None => None,
        };
        let business = self.business_number(tenant, &conversation).await?;
        Ok(Some(Scene { told: told.clone(), conversation, business, message }))
    }

    async fn business_number(
        &self,
        tenant: &TenantId,
        conversation: &Conversation,
    ) -> Result<Option<Phone>, StoreError> {
        let channel = self.directory.channel(tenant, conversation.channel).await?;
        Ok(channel.map(|channel| channel.number))
    }
}
