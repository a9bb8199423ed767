//! Actions on a conversation: assign, close, reopen, hand off, read.

use std::sync::Arc;

use crate::{
    domain::{
        conversation::{ClosingPolicy, Conversation},
        conversation_action::{AgentId, Bot, ConversationAction},
        id::{ConversationId, MessageId, TenantId, Wamid},
        message::{Direction, Message},
        rejection::Reason,
    },
    ports::{
        attempts::AttemptRecords,
        clock::Deadline,
        directory::Directory,
        provider::{Provider, SendFailure, Typing},
        store::{Record, StoreError, Write},
    },
    usecases::{ChannelSecrets, Context, Conversations, Ports, until_committed::Decision},
};

/// Whether the customer gets a read receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// Send one; with `On` also show a typing indicator.
    Read(Typing),
    /// Send none; only our own count changes.
    Nothing,
}

/// The result of a read receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// The provider accepted it; with `On` the typing indicator is shown as well.
    Acknowledged(Typing),
    /// The caller asked for no read receipt.
    NotWanted,
    /// The customer has not written, or the provider's id of their message is not known.
    NothingToTell,
    /// The channel's provider has no read receipts.
    Unsupported,
    /// The provider rejected it or did not respond. Doing it again is harmless.
    Failed(Reason),
}

/// The result of a conditional assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignedIf {
    /// It is assigned as requested.
    Done(Conversation),
    /// It has another assignee by now.
    Changed(Conversation),
}

/// Actions of people and providers on a conversation: assign, close, hand off, mark as read.
#[derive(Clone)]
pub struct ConversationActions {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) secrets: ChannelSecrets,
    pub(crate) conversations: Conversations,
}

impl ConversationActions {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            directory: Arc::clone(&ports.directory),
            provider: Arc::clone(&ports.provider),
            secrets: ChannelSecrets::new(ports),
            conversations: Conversations::new(ports),
        }
    }
}

impl ConversationActions {
    /// The closing policy of a tenant.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn closing_policy(&self, tenant: &TenantId) -> Result<ClosingPolicy, StoreError> {
        let tenant = self.directory.tenant(tenant).await?;
        Ok(tenant.map(|tenant| tenant.closing).unwrap_or_default())
    }

    /// Whether a tenant has a bot.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn bot(&self, tenant: &TenantId) -> Result<Bot, StoreError> {
        let tenant = self.directory.tenant(tenant).await?;
        Ok(if tenant.is_some_and(|tenant| tenant.bot) { Bot::Present } else { Bot::Absent })
    }

    /// Applies an action to a conversation; for a merged one, to the conversation it was merged into. `None`
    /// when there is no such conversation. Changes are published as events; repeating the action changes
    /// nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn handle(
        &self,
        tenant: &TenantId,
        id: ConversationId,
        action: &ConversationAction,
    ) -> Result<Option<Conversation>, StoreError> {
        self.ctx
            .until_committed(|| async {
                let Some(mut conversation) = self.ctx.conversation(tenant, id).await? else {
                    return Ok(Decision::Done(None));
                };
                let events = conversation.apply_action(action);
                if events.is_empty() {
                    return Ok(Decision::Done(Some(conversation)));
                }
                let mut changes: Vec<Write> = self.ctx.events(tenant, events).collect();
                changes.push(Write::Put(Record::Conversation(conversation.clone())));
                conversation.rev += 1;
                Ok(Decision::Commit(changes, Some(conversation)))
            })
            .await
    }

    /// Assigns a conversation, but only while this agent is the assignee (`None`: nobody). `None` when there
    /// is no such conversation. An assignment to the current assignee succeeds.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn assign_if(
        &self,
        tenant: &TenantId,
        id: ConversationId,
        expected: Option<&AgentId>,
        to: Option<&AgentId>,
    ) -> Result<Option<AssignedIf>, StoreError> {
        self.ctx
            .until_committed(|| async {
                let Some(mut conversation) = self.ctx.conversation(tenant, id).await? else {
                    return Ok(Decision::Done(None));
                };
                if conversation.assignee.as_ref() == to {
                    return Ok(Decision::Done(Some(AssignedIf::Done(conversation))));
                }
                if conversation.assignee.as_ref() != expected {
                    return Ok(Decision::Done(Some(AssignedIf::Changed(conversation))));
                }
                let events = conversation.apply_action(&ConversationAction::Assign(to.cloned()));
                let mut changes: Vec<Write> = self.ctx.events(tenant, events).collect();
                changes.push(Write::Put(Record::Conversation(conversation.clone())));
                conversation.rev += 1;
                Ok(Decision::Commit(changes, Some(AssignedIf::Done(conversation))))
            })
            .await
    }

    /// Marks a conversation as read, and sends the customer a read receipt for their latest message where
    /// `tell` says so. With `up_to` it marks that message and all before it. `None` when there is no such
    /// conversation, or no such message of its customer's. Once our own mark is committed, a failed receipt
    /// is no error.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read_conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
        up_to: Option<MessageId>,
        tell: Tell,
        deadline: Deadline,
    ) -> Result<Option<(Conversation, Receipt)>, StoreError> {
        let named = match up_to {
            Some(message) => match self.message_read(tenant, id, message).await? {
                Some(message) => Some(message),
                None => return Ok(None),
            },
            None => None,
        };
        let action = ConversationAction::Read { up_to: named.as_ref().map(|message| message.address.at) };
        let Some(conversation) = self.handle(tenant, id, &action).await? else { return Ok(None) };
        let Tell::Read(typing) = tell else { return Ok(Some((conversation, Receipt::NotWanted))) };
        let wamid = match named {
            Some(message) => message.wamid,
            None => conversation.last_inbound_id.clone(),
        };
        let receipt = self.acknowledge(&conversation, wamid.as_ref(), typing, deadline).await;
        Ok(Some((conversation, receipt)))
    }

    /// A customer's message in a conversation, or in one that was merged into it.
    async fn message_read(
        &self,
        tenant: &TenantId,
        id: ConversationId,
        message: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        let Some(whole) = self.ctx.store.whole_conversation(tenant, id).await? else { return Ok(None) };
        let Some(address) = self.attempts.address(tenant, message).await? else { return Ok(None) };
        let found = self.ctx.store.message(tenant, address).await?;
        Ok(found.filter(|it| {
            it.direction == Direction::Inbound && whole.ids().contains(&it.address.conversation)
        }))
    }

    async fn acknowledge(
        &self,
        it: &Conversation,
        wamid: Option<&Wamid>,
        typing: Typing,
        deadline: Deadline,
    ) -> Receipt {
        let Some(wamid) = wamid else { return Receipt::NothingToTell };
        let channel = match self.directory.channel(&it.tenant, it.channel).await {
            Ok(Some(channel)) => channel,
            Ok(None) => return Receipt::NothingToTell,
            Err(error) => {
                tracing::warn!(tenant = %it.tenant, conversation = %it.id, %error, "a read receipt could not be sent");
                return Receipt::Failed(Reason::ProviderDown);
            }
        };
        match self.tell_read(&channel, wamid, typing, deadline).await {
            Ok(shown) => Receipt::Acknowledged(shown),
            Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::Unsupported => {
                Receipt::Unsupported
            }
            Err(failure) => {
                let reason = match failure {
                    SendFailure::Refused(rejection) => rejection.reason,
                    SendFailure::Ambiguous(_) => Reason::ProviderDown,
                };
                tracing::warn!(tenant = %it.tenant, conversation = %it.id, code = reason.code(),
                    "a read receipt could not be sent");
                Receipt::Failed(reason)
            }
        }
    }
}
