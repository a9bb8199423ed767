//! Handovers at the provider: reported by a webhook, or requested by us.

use crate::{
    domain::{
        channel::Channel,
        conversation::{Conversation, Happening},
        conversation_action::{ConversationAction, Handler},
        event::EventKind,
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

/// A request to hand a conversation off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOff {
    /// Who answers from then on.
    pub to: Handler,
    /// The request to the provider; `None` derives it from the current handler.
    pub action: Option<ThreadAction>,
    /// A text for the next owner; at most 2,000 characters.
    pub metadata: Option<String>,
}

/// Why a conversation was not handed off.
#[derive(Debug, thiserror::Error)]
pub enum HandOffError {
    /// The channel has no thread control.
    #[error("the channel has no thread control")]
    NoThreadControl,
    /// The request to the provider contradicts the new handler.
    #[error("the action does not match the handler")]
    WrongAction,
    /// The provider rejected the request.
    #[error("the provider rejected the handover")]
    Refused(Rejection),
    /// The provider did not respond in time. Nothing changed here; a webhook will report a handover.
    #[error("the provider did not answer")]
    NoAnswer,
    /// The store failed before anything changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConversationActions {
    /// Applies a handover that a webhook reported. A duplicate, or a report older than the latest one,
    /// changes nothing.
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
                // Without a conversation, nothing can be handed over.
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

    /// Hands a conversation off. With thread control, also at the provider, where somebody else has or gets
    /// the conversation. `None` when there is no such conversation.
    ///
    /// # Errors
    /// When the channel or the provider does not allow it, or the store fails: then nothing changed here.
    pub async fn hand_off(
        &self,
        tenant: &TenantId,
        id: ConversationId,
        hand_off: &HandOff,
        deadline: Deadline,
    ) -> Result<Option<Conversation>, HandOffError> {
        let Some(place) = self.ctx.conversation(tenant, id).await? else { return Ok(None) };
        let channel = self.directory.channel(tenant, place.channel).await?;
        let action = match (hand_off.to, hand_off.action) {
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
                self.control(&channel, &place, action, hand_off, deadline).await?;
            }
            // Only the provider's confirmation gives a conversation to Meta's agent.
            (Some(_), None) if hand_off.to == Handler::MetaAgent || hand_off.action.is_some() => {
                return Err(HandOffError::NoThreadControl);
            }
            (Some(_) | None, _) => {}
        }
        Ok(self.handle(tenant, id, &ConversationAction::HandOver(hand_off.to)).await?)
    }

    async fn control(
        &self,
        channel: &Channel,
        place: &Conversation,
        action: ThreadAction,
        hand_off: &HandOff,
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
            let metadata = hand_off.metadata.as_deref();
            let asked = ThreadControl { channel, secret: &secret, to: &to, action, metadata, timeout };
            self.provider.thread_control(asked).await
        };
        match call(Freshness::Cached).await {
            // The token may have been rotated.
            Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::ProviderAuth => {
                call(Freshness::Refreshed).await.map_err(failed)
            }
            other => other.map_err(failed),
        }
    }
}
