//! A conversation that changes hands at the provider: because somebody else says so, or because we ask for it.

use crate::{
    domain::{
        channel::Channel,
        conversation::{Conversation, Happening},
        event::EventKind,
        handling::{Handler, Handling},
        id::{ConversationId, TenantId},
        inbound::{Disposition, HandoverReport},
        rejection::{Reason, Rejection},
    },
    ports::{
        clock::Deadline,
        credentials::Freshness,
        provider::{SendFailure, ThreadAction, ThreadControl},
        store::{Record, StoreError, Write},
    },
    usecases::{ConversationActions, sending::PROVIDER_PATIENCE, until_committed::Decision},
};

/// Whom a conversation is to be handed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOff {
    /// Who answers from then on.
    pub to: Handler,
    /// What is asked of the provider; none leaves that to who has the conversation.
    pub action: Option<ThreadAction>,
    /// What is left to who has it next; at most 2,000 characters.
    pub metadata: Option<String>,
}

/// A conversation was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum HandOffError {
    /// The channel has no thread control.
    #[error("the channel has no thread control")]
    NoThreadControl,
    /// What is asked of the provider does not go together with who is to have the conversation.
    #[error("the action does not lead there")]
    WrongAction,
    /// The provider refused.
    #[error("the provider refused")]
    Refused(Rejection),
    /// The provider did not answer in time. Nothing is changed here; a webhook tells if it was handed over.
    #[error("the provider did not answer")]
    NoAnswer,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConversationActions {
    /// Takes in that a conversation changed hands at the provider. Told again, or later than a newer one, it changes
    /// nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn owner_changed(
        &self,
        channel: &Channel,
        report: &HandoverReport,
    ) -> Result<Disposition, StoreError> {
        self.ctx
            .until_committed(|| async {
                let mut found = None;
                for address in report.customer.addresses() {
                    found = found.or(self.conversations.conversation_with(channel, &address).await?);
                }
                // Of a customer whom nobody wrote to, nothing can change hands.
                let Some(mut place) = found else { return Ok(Decision::Done(Disposition::Kept)) };
                let before = place.clone();
                place.apply(&Happening::OwnerChanged { owner: report.owner, at: report.at });
                if place == before {
                    return Ok(Decision::Done(Disposition::Duplicate));
                }
                let event = EventKind::HandedOver {
                    conversation: place.id,
                    handled_by: place.handled_by,
                    handover: Some(Box::new(report.details.clone())),
                };
                let event = Write::Put(Record::Event(self.ctx.event(&place.tenant, event)));
                let writes = vec![event, Write::Put(Record::Conversation(place))];
                Ok(Decision::Commit(writes, Disposition::Stored))
            })
            .await
    }

    /// Hands a conversation over, at the provider as well where the channel has thread control and somebody else has
    /// it, or is to have it. None when there is no such conversation.
    ///
    /// # Errors
    /// When the provider or the channel stand against it, or the store fails: then nothing is changed here.
    pub async fn hand_off(
        &self,
        tenant: &TenantId,
        id: ConversationId,
        wanted: &HandOff,
        deadline: Deadline,
    ) -> Result<Option<Conversation>, HandOffError> {
        let Some(place) = self.ctx.conversation(tenant, id).await? else { return Ok(None) };
        let channel = self.directory.channel(tenant, place.channel).await?;
        let action = match (wanted.to, wanted.action) {
            (Handler::MetaAgent, None) => Some(ThreadAction::Pass),
            (Handler::MetaAgent, Some(action @ (ThreadAction::Pass | ThreadAction::Release))) => Some(action),
            (Handler::Bot | Handler::Human, Some(ThreadAction::Take)) => Some(ThreadAction::Take),
            (_, Some(_)) => return Err(HandOffError::WrongAction),
            (_, None) if place.handled_by == Handler::MetaAgent => Some(ThreadAction::Take),
            (_, None) => None,
        };
        let controlled = channel.filter(Channel::has_thread_control);
        match (action, controlled) {
            (Some(action), Some(channel)) => {
                self.control(&channel, &place, action, wanted, deadline).await?;
            }
            // Nothing but the provider's word gives a conversation to Meta's agent.
            (Some(_), None) if wanted.to == Handler::MetaAgent || wanted.action.is_some() => {
                return Err(HandOffError::NoThreadControl);
            }
            (Some(_) | None, _) => {}
        }
        Ok(self.handle(tenant, id, &Handling::HandOver(wanted.to)).await?)
    }

    async fn control(
        &self,
        channel: &Channel,
        place: &Conversation,
        action: ThreadAction,
        wanted: &HandOff,
        deadline: Deadline,
    ) -> Result<(), HandOffError> {
        let to = place.recipient().ok_or(HandOffError::NoThreadControl)?;
        let failed = |failure| match failure {
            SendFailure::Refused(rejection) => HandOffError::Refused(rejection),
            SendFailure::Ambiguous(_) => HandOffError::NoAnswer,
        };
        let call = async |freshness| {
            let secret = self.secrets.secret(channel, freshness).await?;
            let timeout = self.ctx.ids.now().until(deadline.0).min(PROVIDER_PATIENCE);
            let metadata = wanted.metadata.as_deref();
            let asked = ThreadControl { channel, secret: &secret, to: &to, action, metadata, timeout };
            self.provider.thread_control(asked).await
        };
        match call(Freshness::Cached).await {
            // The token may have been changed under us.
            Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::ProviderAuth => {
                call(Freshness::Refreshed).await.map_err(failed)
            }
            other => other.map_err(failed),
        }
    }
}
