//! A conversation: all messages between one contact and one channel.

use serde::{Deserialize, Serialize};

mod head;
mod merged;
mod rules;
mod unread;

pub use head::{LastMessage, Latest, LatestMessage};
pub use merged::{MergedConversation, WholeConversation};
pub use rules::{ClosedAssignee, ClosesTo, ClosingPolicy, HandoffRequest, Happening, ReportedState};
pub use unread::UnreadMessages;

use super::{
    contact::{Address, GivenName, Identity},
    conversation_action::{AgentId, Handler},
    id::{ChannelId, ContactId, ConversationId, RequestRef, TenantId, Wamid},
    phone::{Bsuid, Phone},
    time::Timestamp,
    window::{WARNED_AFTER, Window, WindowWatch, window},
};

/// Who has to act in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum Status {
    /// It is open, and waits for no person.
    Active,
    /// The customer waits for a person.
    PendingHuman,
    /// It is over until somebody writes.
    Closed,
}

/// Only for serde, which asks with the field's own type.
fn is_empty(reported: &ReportedState) -> bool {
    reported.is_empty()
}

/// All messages between one contact and one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Our id of the conversation.
    pub id: ConversationId,
    /// The tenant of its channel.
    pub tenant: TenantId,
    /// The channel it runs on.
    pub channel: ChannelId,
    /// The contact of the customer.
    pub contact: ContactId,
    /// The name on the customer's profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their user name at WhatsApp, copied from the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name that the company has for them, copied from the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<GivenName>,
    /// The number that messages go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Phone>,
    /// The customer's `wa_id`, where it differs from `number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<Phone>,
    /// The user id that messages go to when there is no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bsuid: Option<Bsuid>,
    /// When name and addresses were last updated, by the provider's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_at: Option<Timestamp>,
    /// Who has to act next.
    pub status: Status,
    /// Who answers: the bot, a person, or somebody at the provider.
    #[serde(default)]
    pub handled_by: Handler,
    /// The agent it is assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<AgentId>,
    /// The caller's own reference, the latest one given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRef>,
    /// Provider's time of the customer's latest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_inbound_at: Option<Timestamp>,
    /// The provider's id of that message: marking it as read needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_inbound_id: Option<Wamid>,
    /// When we sent the latest message that the provider rejected for a closed window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_refused_at: Option<Timestamp>,
    /// Whether a reminder is set for the end of its window.
    #[serde(default)]
    pub watch: Watch,
    /// Provider's time of the customer's latest reaction or call: either may have opened the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched_at: Option<Timestamp>,
    /// The latest message in either direction.
    #[serde(flatten)]
    pub latest: Latest,
    /// When the company's bot last wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_bot_at: Option<Timestamp>,
    /// Messages stored in it, in either direction.
    #[serde(default)]
    pub messages: u64,
    /// The customer's messages that nobody has read or answered.
    #[serde(flatten)]
    pub unread: UnreadMessages,
    /// What webhooks reported about who answers, by the provider's clock, so that their order does not
    /// matter.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub reported: Box<ReportedState>,
    /// When it was closed, while it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The conversations merged into this one. Their messages stay stored where they arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<ConversationId>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Status {
    /// The status of this name, the same in all contracts.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "active" => Some(Self::Active),
            "pending_human" => Some(Self::PendingHuman),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }

    /// The name of the status in contracts: `active`, `pending_human` or `closed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::PendingHuman => "pending_human",
            Self::Closed => "closed",
        }
    }
}

/// Whether a reminder is set for the end of a conversation's window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// No reminder is set.
    #[default]
    Off,
    /// A reminder row exists.
    On,
}

impl Conversation {
    /// Sets a reminder for the end of its window, unless there is one or the window ends too soon for that.
    #[must_use]
    pub fn watch_window(&mut self, now: Timestamp) -> Option<WindowWatch> {
        let due_at = self.last_inbound_at?.plus(WARNED_AFTER);
        if self.watch == Watch::On || due_at <= now {
            return None;
        }
        self.watch = Watch::On;
        Some(WindowWatch { tenant: self.tenant.clone(), conversation: self.id, due_at, rev: 0 })
    }

    /// The service window as of `now`.
    #[must_use]
    pub fn window(&self, now: Timestamp) -> Window {
        window(self.last_inbound_at, self.touched_at, self.window_refused_at, now)
    }

    /// The recipient's address: the number, else the user id.
    #[must_use]
    pub fn recipient(&self) -> Option<Address> {
        let number = self.number.clone().map(Address::Number);
        number.or_else(|| self.bsuid.clone().map(Address::Bsuid))
    }

    /// Merges the addresses of `other`: of both conversations, the ones updated last.
    fn absorb_addresses(&mut self, other: &Self) {
        let (mut latest, mut earlier) = (self.clone(), other.clone());
        if other.met_at > self.met_at {
            std::mem::swap(&mut latest, &mut earlier);
        }
        // The `wa_id` belongs to that number and is copied with it.
        (self.number, self.wa_id) = match latest.number {
            Some(number) => {
                let spelling = earlier.wa_id.filter(|id| id.is_same_number(&number) && *id != number);
                (Some(number), latest.wa_id.or(spelling))
            }
            None => (earlier.number, earlier.wa_id),
        };
        self.bsuid = latest.bsuid.or(earlier.bsuid);
        self.username = latest.username.or(earlier.username);
        self.met_at = latest.met_at;
    }

    /// Stores the addresses that a customer moved to at `at`, unless later ones are known. A customer with a
    /// new number gets another user id (facts: meta.md 5): without one, the old id is dropped.
    pub fn move_to(&mut self, to: &Identity, at: Timestamp) {
        if self.met_at.is_some_and(|latest| at < latest) {
            return;
        }
        let stays = |number: &Phone| self.number.as_ref().is_none_or(|known| known.is_same_number(number));
        if to.number.as_ref().is_some_and(|number| !stays(number)) {
            self.bsuid = None;
        }
        self.update_identity(to, at);
    }

    /// Stores the customer's name and addresses as of `at`, unless later ones are known.
    pub fn update_identity(&mut self, who: &Identity, at: Timestamp) {
        if self.met_at.is_some_and(|latest| at < latest) {
            return;
        }
        self.met_at = Some(at);
        let same = |known: &Phone| who.number.as_ref().is_none_or(|number| number.is_same_number(known));
        if !self.number.as_ref().is_some_and(same) {
            self.wa_id = None;
        }
        self.username = who.username.clone().or_else(|| self.username.take());
        self.name = who.name.clone().or_else(|| self.name.take());
        self.number = who.number.clone().or_else(|| self.number.take());
        self.bsuid = who.bsuid.clone().or_else(|| self.bsuid.take());
    }

    /// The name to show for the customer: the company's own for them, else the one on their profile.
    #[must_use]
    pub fn shown_name(&self) -> Option<&str> {
        self.given_name.as_ref().map(GivenName::as_str).or(self.name.as_deref())
    }
}
