//! An attempt: the intent to send one message, written before the provider is called.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    contact::Address,
    content::Content,
    delivery::{AttemptOutcome, Facts},
    id::{BroadcastId, ChannelId, RequestRef, TenantId, Wamid},
    message::{Direction, Extent, Message, MessageAddress, Sender},
    parts::{MessageParts, RenderedTemplate},
    phone::{Bsuid, Phone},
    reference::References,
    rejection::{ProviderCode, Reason, Rejection},
    sent_by::{SenderKind, SentBy},
    time::Timestamp,
};

/// How long an attempt may take before it counts as abandoned: longer than any function runs.
pub const LEASE: Duration = Duration::from_secs(35);

/// How long an attempt with an unknown outcome waits for a status webhook before a person decides.
pub const GRACE: Duration = Duration::from_mins(15);

/// Most provider calls with an unknown outcome for one message under [`DeliveryPolicy::AtLeastOnce`].
pub const MOST_TRIES: usize = 3;

/// Calls remembered per attempt: the latest ones.
const HISTORY: usize = 10;

/// What happens to a message whose outcome stays unknown: chosen for each send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryPolicy {
    /// It is shown as `unknown` and never retried automatically: the customer gets it once or not at all.
    #[default]
    AtMostOnce,
    /// It is retried once the grace time has passed without a sign that the provider accepted it, until
    /// [`MOST_TRIES`] calls have an unknown outcome or the window closes. The customer may get it more than
    /// once.
    AtLeastOnce,
}

/// One call to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When the call began.
    pub at: Timestamp,
    /// How it ended; `None` while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// How a call to the provider ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum Ended {
    /// The provider accepted the message, by its response or by a later status. Of several calls with an
    /// unknown outcome, the status may mean an earlier one.
    Accepted,
    /// The provider rejected the message, or it was not called at all.
    Refused {
        /// The rejection reason, in our own classification.
        reason: Reason,
        /// The provider's own error code; `None` where it gave none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider_code: Option<ProviderCode>,
    },
    /// No conclusive response: the message may or may not have been sent.
    Unknown,
}

impl Ended {
    /// The end of a call that the provider rejected, with reason and code of `rejection`.
    #[must_use]
    pub fn refused(rejection: &Rejection) -> Self {
        Self::Refused { reason: rejection.reason, provider_code: rejection.provider_code.clone() }
    }
}

/// The state of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// The provider call is under way, until the lease ends.
    Sending {
        /// From this time on the outcome counts as unknown.
        lease_until: Timestamp,
    },
    /// The provider accepted it.
    Accepted {
        /// The id that the provider gave the message.
        wamid: Wamid,
    },
    /// Definitely not sent: the provider rejected it, or was not called.
    Rejected {
        /// The rejection reason, with the provider's code and text.
        rejection: Rejection,
    },
    /// It may or may not have been sent. The policy decides what follows.
    Unknown {
        /// When the outcome became unknown.
        since: Timestamp,
    },
    /// A retry of an attempt with an unknown outcome is under way, until the lease ends. Its message is
    /// shown as `unknown`.
    Repeating {
        /// From this time on the outcome counts as unknown again.
        lease_until: Timestamp,
    },
    /// The outcome has been unknown for longer than [`GRACE`].
    Unresolved {
        /// When the outcome became unknown.
        since: Timestamp,
    },
}

/// Where a message is sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Into an existing conversation.
    Conversation,
    /// To an address, on the attempt's channel.
    Number(Address),
}

impl Target {
    /// The phone number of the target; `None` for a conversation or a user id.
    #[must_use]
    pub fn number(&self) -> Option<&Phone> {
        match self {
            Self::Number(address) => address.number(),
            Self::Conversation => None,
        }
    }
}

/// How the provider accepted the message, from its response or from a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The id that the provider gave the message.
    pub wamid: Wamid,
    /// Other ids that the provider has for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Wamid>,
    /// The recipient's number as WhatsApp spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<Phone>,
    /// The recipient's business-scoped user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Bsuid>,
    /// Their id for all linked portfolios together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_user_id: Option<Bsuid>,
}

impl Acceptance {
    /// Both reports of the same acceptance as one: what either names is kept.
    #[must_use]
    pub fn joined(mut self, earlier: Option<Self>) -> Self {
        let Some(earlier) = earlier else { return self };
        for id in std::iter::once(earlier.wamid).chain(earlier.aliases) {
            if id != self.wamid && !self.aliases.contains(&id) {
                self.aliases.push(id);
            }
        }
        self.wa_id = self.wa_id.or(earlier.wa_id);
        self.user_id = self.user_id.or(earlier.user_id);
        self.parent_user_id = self.parent_user_id.or(earlier.parent_user_id);
        self
    }
}

/// An attempt to send one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The tenant that the message is sent for.
    pub tenant: TenantId,
    /// Key of its message. For a send to a new number the conversation is a proposal until the outcome is
    /// known.
    #[serde(flatten)]
    pub address: MessageAddress,
    /// The channel it goes through; `None` until that is resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// The recipient as the caller named it.
    pub target: Target,
    /// What is sent, as the caller gave it.
    pub content: Content,
    /// The template as the customer sees it, once it was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendered: Option<Box<RenderedTemplate>>,
    /// The provider's id of the quoted message, for a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Wamid>,
    /// The caller's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRef>,
    /// The caller's own references for the message.
    #[serde(default, skip_serializing_if = "References::is_empty")]
    pub references: References,
    /// Who sends it, where the caller or its API key says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<Box<SentBy>>,
    /// The broadcast that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<BroadcastId>,
    /// Where the attempt stands: open, accepted, rejected or unknown.
    #[serde(flatten)]
    pub state: State,
    /// What happens when its outcome stays unknown.
    #[serde(default)]
    pub policy: DeliveryPolicy,
    /// How many times the provider was, or may have been, called for it.
    pub tries: u32,
    /// The latest of these calls, oldest first.
    #[serde(default)]
    pub history: Vec<Try>,
    /// Statuses that arrived before the message was written.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub parked: Facts,
    /// The acceptance that such a status proves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked_acceptance: Option<Acceptance>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Attempt {
    /// A new attempt to send a message now, at the time of its address: at most once, without any optional
    /// fields. Counts the first provider call as begun.
    #[must_use]
    pub fn new(tenant: TenantId, address: MessageAddress, target: Target, content: Content) -> Self {
        let mut attempt = Self {
            tenant,
            address,
            channel: None,
            target,
            content,
            rendered: None,
            quotes: None,
            request: None,
            references: References::default(),
            sent_by: None,
            broadcast: None,
            state: State::Sending { lease_until: address.at.plus(LEASE) },
            policy: DeliveryPolicy::AtMostOnce,
            tries: 0,
            history: Vec::new(),
            parked: Facts::default(),
            parked_acceptance: None,
            rev: 0,
        };
        attempt.begin_try(address.at);
        attempt
    }

    /// When it has to be processed again; `None` once its outcome is final.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Sending { lease_until } | State::Repeating { lease_until } => Some(*lease_until),
            State::Unknown { since } => Some(since.plus(GRACE)),
            State::Accepted { .. } | State::Rejected { .. } | State::Unresolved { .. } => None,
        }
    }

    /// Records that the provider is about to be called.
    pub fn begin_try(&mut self, now: Timestamp) {
        self.tries += 1;
        if self.history.len() >= HISTORY {
            self.history.remove(0);
        }
        self.history.push(Try { at: now, ended: None });
    }

    /// Records how the latest call ended.
    pub fn end_try(&mut self, ended: Ended) {
        if let Some(latest) = self.history.last_mut() {
            latest.ended = Some(ended);
        }
    }

    /// Records that the provider accepted the message: at the latest call that was not rejected.
    pub fn accepted_try(&mut self) {
        let open = |one: &&mut Try| !matches!(one.ended, Some(Ended::Refused { .. }));
        if let Some(latest) = self.history.iter_mut().rev().find(open) {
            latest.ended = Some(Ended::Accepted);
        }
    }

    /// Whether it may be retried although an earlier call may have succeeded. Rejected calls cannot have,
    /// and do not count.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        let doubtful = self.history.iter().filter(|one| !matches!(one.ended, Some(Ended::Refused { .. })));
        self.policy == DeliveryPolicy::AtLeastOnce && doubtful.count() < MOST_TRIES
    }

    /// The readable text of the content.
    fn text(&self) -> Option<String> {
        let rendered = self.rendered.as_ref().and_then(|rendered| rendered.body.as_deref());
        self.content.text().or(rendered).map(str::to_owned)
    }

    /// The structured parts of the content, beside its text.
    fn parts(&self) -> MessageParts {
        let mut parts = self.content.parts();
        if let Some(rendered) = &self.rendered {
            parts.template = Some(rendered.as_ref().clone());
        }
        parts
    }

    fn sender(&self) -> Sender {
        let kind = self.sent_by.as_ref().map(|by| by.kind).unwrap_or_default();
        match (&self.content, self.broadcast, kind) {
            (_, Some(_), _) => Sender::Broadcast,
            (Content::Template(_), ..) => Sender::Template,
            (_, None, SenderKind::Bot) => Sender::Bot,
            (_, None, SenderKind::Human) => Sender::Human,
        }
    }

    /// The message of this attempt, in its current state.
    #[must_use]
    pub fn message(&self, channel: ChannelId, handover: AttemptOutcome, wamid: Option<Wamid>) -> Message {
        Message {
            tenant: self.tenant.clone(),
            channel,
            address: self.address,
            direction: Direction::Outbound,
            sender: self.sender(),
            kind: self.content.kind().to_owned(),
            text: self.text(),
            parts: Box::new(self.parts()),
            wamid,
            aliases: Vec::new(),
            media: self.content.attachment().cloned().map(Box::new),
            refers_to: self.quotes.as_ref().or_else(|| self.content.about()).cloned(),
            refers_to_message: None,
            edited: None,
            revoked_at: None,
            reactions: Vec::new(),
            extent: Extent::Whole,
            created_at: Some(self.address.at),
            accepted_at: None,
            late: false,
            standby: false,
            history: false,
            sent_by: self.sent_by.clone(),
            broadcast: self.broadcast,
            request: self.request,
            references: self.references.clone(),
            nameless: None,
            status_due: None,
            silent_since: None,
            handover,
            facts: Facts::default(),
            raw: None,
            rev: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::content::Content;

    #[test]
    fn the_history_keeps_the_latest_tries_and_the_count_all() {
        let at = Timestamp::from_millis;
        let (conversation, id) = ("1".parse().unwrap(), "2".parse().unwrap());
        let address = MessageAddress { conversation, at: at(-1), id };
        let content = Content::plain("x".to_owned().try_into().unwrap());
        let mut attempt = Attempt::new("demo".parse().unwrap(), address, Target::Conversation, content);
        attempt.policy = DeliveryPolicy::AtLeastOnce;
        attempt.end_try(Ended::Unknown);
        for now in 0..12 {
            attempt.begin_try(at(now));
            attempt.end_try(Ended::Unknown);
        }
        assert_eq!((attempt.tries, attempt.history.len(), attempt.history[0].at), (13, HISTORY, at(2)));
        assert!(attempt.history.iter().all(|one| one.ended == Some(Ended::Unknown)));
        assert!(!attempt.may_repeat());
    }
}
