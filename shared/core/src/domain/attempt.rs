//! An attempt: the intent to send one message, written before the provider is called.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    contact::Address,
    content::Content,
    delivery::{Facts, Handover},
    id::{BroadcastId, ChannelId, RequestRef, TenantId, Wamid},
    message::{Direction, Extent, Message, MessageAddress, Sender},
    parts::{Parts, RenderedTemplate},
    phone::{Bsuid, Phone},
    reference::References,
    rejection::{ProviderCode, Reason, Rejection},
    sent_by::{SenderKind, SentBy},
    time::Timestamp,
};

/// How long an attempt may take before it counts as abandoned: longer than any function runs.
pub const LEASE: Duration = Duration::from_secs(35);

/// How long an attempt in doubt waits for a callback before a person is asked.
pub const GRACE: Duration = Duration::from_mins(15);

/// How many calls to the provider may be in doubt for a message whose policy allows more than once.
pub const MOST_TRIES: usize = 3;

/// Tries remembered of one attempt; of more, the latest.
const HISTORY: usize = 10;

/// What is done about a message that stays in doubt: chosen for each send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryPolicy {
    /// It is shown as in doubt and never sent again by itself: the customer gets it once or not at all.
    #[default]
    AtMostOnce,
    /// When the grace time has passed without any sign that the provider took it, it is sent again, until
    /// [`MOST_TRIES`] calls are in doubt or the window closes. The customer may get it more than once.
    AtLeastOnce,
}

/// One call to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When it was begun.
    pub at: Timestamp,
    /// How it ended; none while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// How a call to the provider ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum Ended {
    /// The provider took the message, by its answer or by a later status. Of several tries in doubt, the
    /// status may mean an earlier one.
    Accepted,
    /// The provider refused, or it was not called at all.
    Refused {
        /// Why.
        reason: Reason,
        /// The provider's own error code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider_code: Option<ProviderCode>,
    },
    /// It is not known.
    Unknown,
}

impl Ended {
    /// A refusal.
    #[must_use]
    pub fn refused(rejection: &Rejection) -> Self {
        Self::Refused { reason: rejection.reason, provider_code: rejection.provider_code.clone() }
    }
}

/// Where an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Under way until the lease ends.
    Sending {
        /// After this it counts as in doubt.
        lease_until: Timestamp,
    },
    /// The provider took it.
    Accepted {
        /// The provider's id.
        wamid: Wamid,
    },
    /// Definitely not sent.
    Rejected {
        /// Why.
        rejection: Rejection,
    },
    /// It may or may not have been sent. The policy says what follows.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// Being sent again after it was in doubt, until the lease ends. Its message shows as in doubt.
    Repeating {
        /// After this it counts as in doubt again.
        lease_until: Timestamp,
    },
    /// In doubt for longer than [`GRACE`].
    Unresolved {
        /// Since when.
        since: Timestamp,
    },
}

/// Where a message is meant to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Into an existing conversation.
    Conversation,
    /// To a number, on the attempt's channel.
    Number(Address),
}

impl Target {
    /// The number that was named, if one was.
    #[must_use]
    pub fn number(&self) -> Option<&Phone> {
        match self {
            Self::Number(address) => address.number(),
            Self::Conversation => None,
        }
    }
}

/// The provider took the message, by its answer or by a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Its id.
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
    /// The same acceptance told in other words: what either names is kept.
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
    /// Whose it is.
    pub tenant: TenantId,
    /// Where its message lies or will lie. For a send to a new number the conversation is a proposal
    /// until the attempt is settled.
    #[serde(flatten)]
    pub address: MessageAddress,
    /// The channel it goes through, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// Where it is meant to go.
    pub target: Target,
    /// What is sent.
    pub content: Content,
    /// The template that is sent, as the customer sees it, once it was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendered: Option<Box<RenderedTemplate>>,
    /// The provider's id of the message that it answers, where it quotes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Wamid>,
    /// The caller's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRef>,
    /// The caller's own words about it.
    #[serde(default, skip_serializing_if = "References::is_empty")]
    pub references: References,
    /// Who sends it, where the caller or its key says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<Box<SentBy>>,
    /// The broadcast that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<BroadcastId>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
    /// What is done about it when it stays in doubt.
    #[serde(default)]
    pub policy: DeliveryPolicy,
    /// How many times the provider was or may have been called for it.
    pub tries: u32,
    /// The latest of these calls, in their order.
    #[serde(default)]
    pub history: Vec<Try>,
    /// Statuses that came before the message was kept.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub parked: Facts,
    /// The provider's acceptance, learned from such a status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked_acceptance: Option<Acceptance>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Attempt {
    /// The intent to send a message that goes out now, at the time of its address: at most once, with
    /// nothing besides. The provider is about to be called for the first time.
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

    /// When somebody has to look at it again; `None` once it is settled.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Sending { lease_until } | State::Repeating { lease_until } => Some(*lease_until),
            State::Unknown { since } => Some(since.plus(GRACE)),
            State::Accepted { .. } | State::Rejected { .. } | State::Unresolved { .. } => None,
        }
    }

    /// Notes that the provider is about to be called.
    pub fn begin_try(&mut self, now: Timestamp) {
        self.tries += 1;
        if self.history.len() >= HISTORY {
            self.history.remove(0);
        }
        self.history.push(Try { at: now, ended: None });
    }

    /// Notes how the latest call ended.
    pub fn end_try(&mut self, ended: Ended) {
        if let Some(latest) = self.history.last_mut() {
            latest.ended = Some(ended);
        }
    }

    /// Notes that the provider took it: at the latest of the calls that were not refused.
    pub fn accepted_try(&mut self) {
        let open = |one: &&mut Try| !matches!(one.ended, Some(Ended::Refused { .. }));
        if let Some(latest) = self.history.iter_mut().rev().find(open) {
            latest.ended = Some(Ended::Accepted);
        }
    }

    /// Whether it may be sent again though an earlier call may have succeeded. Calls that were refused
    /// cannot have, and do not count.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        let doubtful = self.history.iter().filter(|one| !matches!(one.ended, Some(Ended::Refused { .. })));
        self.policy == DeliveryPolicy::AtLeastOnce && doubtful.count() < MOST_TRIES
    }

    /// What a person reads of what is sent.
    fn text(&self) -> Option<String> {
        let rendered = self.rendered.as_ref().and_then(|rendered| rendered.body.as_deref());
        self.content.text().or(rendered).map(str::to_owned)
    }

    /// What is sent beside the text.
    fn parts(&self) -> Parts {
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

    /// The message that this attempt is about, as it stands.
    #[must_use]
    pub fn message(&self, channel: ChannelId, handover: Handover, wamid: Option<Wamid>) -> Message {
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
