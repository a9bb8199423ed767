//! Looking after a conversation: assigning, closing, reopening, handing over, reading.

use std::sync::Arc;

use crate::{
    domain::{
        conversation::{ClosingPolicy, Conversation},
        handling::{AgentId, Bot, Handling},
        id::{ConversationId, MessageId, TenantId, Wamid},
        message::{Direction, Message},
        rejection::Reason,
    },
    ports::{
        attempts::Attempts,
        clock::Deadline,
        directory::Directory,
        provider::{Provider, SendFailure, Typing},
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{ChannelSecrets, Context, Conversations, Ports, backoff::Rounds},
};

/// What a customer is to be told when somebody of the company has read what they wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// That it was read; with `On` also that somebody types.
    Read(Typing),
    /// Nothing.
    Nothing,
}

/// What became of telling a customer that their message was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// The provider was told; with `On` also that somebody types.
    Told(Typing),
    /// Nothing was to be told.
    NotWanted,
    /// The customer has not written, or not as far as we know how to name it.
    NothingToTell,
    /// The channel's provider cannot be told.
    Unsupported,
    /// The provider refused or did not answer. Doing it again is harmless.
    Failed(Reason),
}

/// How assigning under a condition ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignedIf {
    /// It is assigned so.
    Done(Conversation),
    /// Somebody else has it by now.
    Changed(Conversation),
}

/// What people and providers do with a conversation: assign, close, hand over, mark read.
#[derive(Clone)]
pub struct ConversationActions {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn Attempts>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) secrets: ChannelSecrets,
    pub(crate) conversations: Conversations,
}

impl ConversationActions {
    /// Builds it of these ports.
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
    /// How a tenant closes conversations.
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
            let Some(mut conversation) = self.ctx.conversation(tenant, id).await? else { return Ok(None) };
            let news = conversation.carry_out(wanted);
            if news.is_empty() {
                return Ok(Some(conversation));
            }
            let mut changes: Vec<Write> = self.ctx.events(tenant, news).collect();
            changes.push(Write::Put(Record::Conversation(conversation.clone())));
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                conversation.rev += 1;
                return Ok(Some(conversation));
            }
            rounds.again(&self.ctx).await?;
        }
    }

    /// Assigns a conversation, but only while this agent has it (none: nobody). None when there is no such
    /// conversation. Who has it already is not faster than themselves.
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
        let mut rounds = Rounds::default();
        loop {
            let Some(mut conversation) = self.ctx.conversation(tenant, id).await? else { return Ok(None) };
            if conversation.assignee.as_ref() == to {
                return Ok(Some(AssignedIf::Done(conversation)));
            }
            if conversation.assignee.as_ref() != expected {
                return Ok(Some(AssignedIf::Changed(conversation)));
            }
            let news = conversation.carry_out(&Handling::Assign(to.cloned()));
            let mut changes: Vec<Write> = self.ctx.events(tenant, news).collect();
            changes.push(Write::Put(Record::Conversation(conversation.clone())));
            if self.ctx.store.commit(changes).await? == Commit::Committed {
                conversation.rev += 1;
                return Ok(Some(AssignedIf::Done(conversation)));
            }
            rounds.again(&self.ctx).await?;
        }
    }

    /// Marks a conversation as read, and tells its customer, where that is wanted, that their latest message, and all
    /// before it, were. With `up_to` it is that message and all before it. None when there is
    /// no such conversation, or no such message of its customer's. Once our own mark is made, nothing that goes wrong
    /// with telling is an error.
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
        let wanted = Handling::Read { up_to: named.as_ref().map(|message| message.address.at) };
        let Some(conversation) = self.handle(tenant, id, &wanted).await? else { return Ok(None) };
        let Tell::Read(typing) = tell else { return Ok(Some((conversation, Receipt::NotWanted))) };
        let wamid = match named {
            Some(message) => message.wamid,
            None => conversation.last_inbound_id.clone(),
        };
        let receipt = self.acknowledge(&conversation, wamid.as_ref(), typing, deadline).await;
        Ok(Some((conversation, receipt)))
    }

    /// A customer's message of a conversation, or of one in whose place that goes on.
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
