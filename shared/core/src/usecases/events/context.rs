//! Log entries together with the resources that they are about, as these are when the entries are read.

use std::{collections::HashMap, sync::Arc};

use crate::{
    domain::{
        conversation::Conversation,
        id::{ConversationId, TenantId},
        log::Numbered,
        message::{Message, MessageAddress},
    },
    ports::{directory::Directory, inbox::InboxRecords, store::StoreError},
    usecases::Ports,
};

/// A log entry with its resources.
#[derive(Debug, Clone)]
pub struct EventContext {
    /// The entry, with its number.
    pub entry: Numbered,
    /// Its conversation, or the one that this was merged into; `None` for events without a conversation.
    pub conversation: Option<Conversation>,
    /// Its message; `None` for events without a message.
    pub message: Option<Message>,
}

/// Reads events together with their resources.
#[derive(Clone)]
pub struct EventContexts {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) inbox: Arc<dyn InboxRecords>,
}

impl EventContexts {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { directory: Arc::clone(&ports.directory), inbox: Arc::clone(&ports.inbox) }
    }
}

impl EventContexts {
    /// Log entries with their resources, in their order. Takes a few calls to the store, however many
    /// entries there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn in_context(
        &self,
        inbox: &dyn InboxRecords,
        tenant: &TenantId,
        entries: Vec<Numbered>,
    ) -> Result<Vec<EventContext>, StoreError> {
        let subjects = || entries.iter().map(|entry| entry.event.kind.subject());
        let ids: Vec<ConversationId> = subjects().filter_map(|(conversation, _)| conversation).collect();
        let at: Vec<MessageAddress> = subjects().filter_map(|(_, message)| message).collect();
        let conversations = inbox.several(tenant, &ids);
        let messages = async {
            let found = if at.is_empty() { Vec::new() } else { inbox.several_messages(tenant, &at).await? };
            Ok(found.into_iter().map(|it| (it.address, it)).collect::<HashMap<_, _>>())
        };
        let (conversations, messages) = tokio::try_join!(conversations, messages)?;
        let context = |entry: Numbered| {
            let (conversation, message) = entry.event.kind.subject();
            EventContext {
                conversation: conversation.and_then(|id| conversations.get(&id).cloned()),
                message: message.and_then(|at| messages.get(&at).cloned()),
                entry,
            }
        };
        Ok(entries.into_iter().map(context).collect())
    }
}
