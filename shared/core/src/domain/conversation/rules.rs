//! The state changes of a conversation: the table of docs/conversation-rules.md, here and nowhere else.
//!
//! Between two actions of ours, any order and repetition of the same webhooks leads to the same state. So
//! what webhooks report about who answers is compared by the provider's time, never by the order of arrival.

use serde::{Deserialize, Serialize};

use super::{Conversation, MergedConversation, Status, UnreadMessages};
use crate::domain::{
    conversation_action::{AgentId, Handler},
    message::{Direction, Message, Sender},
    time::Timestamp,
    window::WINDOW,
};

/// What changes a conversation's state.
#[derive(Debug, Clone)]
pub enum Happening<'a> {
    /// A webhook brought a message that is new to us: a customer's, or an echo of one sent past us.
    Received {
        /// The message that the rule decides about.
        message: &'a Message,
        /// Whether the customer asks for a person in it.
        asks: HandoffRequest,
        /// How the tenant closes conversations.
        closing: ClosingPolicy,
        /// When its webhook arrived, by our clock.
        now: Timestamp,
    },
    /// The provider accepted a message of ours, or its outcome is unknown.
    Sent(&'a Message),
    /// A message of ours that counted as sent already has a better known outcome now.
    Confirmed(&'a Message),
    /// A stored message shows something else now: it was edited or deleted, or got a reaction.
    Updated(&'a Message),
    /// The provider reported that the window was closed for what we sent at that time.
    WindowRefused {
        /// When we sent it.
        sent_at: Timestamp,
    },
    /// The provider reported that somebody else has the conversation from then on.
    OwnerChanged {
        /// Who answers from then on.
        owner: Handler,
        /// Since when, by the provider's clock.
        at: Timestamp,
    },
    /// An agent assigned it; `None` removes the assignee.
    Assigned(Option<&'a AgentId>),
    /// An agent handed it off.
    HandedOver(Handler),
    /// An agent read the messages up to this time; `None` for all of them.
    Read {
        /// The time of the latest one that was read.
        up_to: Option<Timestamp>,
    },
    /// An agent closed it.
    Closed {
        /// Who answers and who is assigned from then on.
        policy: ClosingPolicy,
        /// When it was closed, by our clock.
        at: Timestamp,
    },
    /// An agent reopened it.
    Reopened,
}

/// Whether a customer asks for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoffRequest {
    /// They do: the conversation is handed off.
    ForPerson,
    /// They do not: nothing changes.
    Nothing,
}

/// Who answers after a conversation was closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosesTo {
    /// The bot answers next.
    #[default]
    Bot,
    /// Whoever answered before the close.
    Same,
}

/// Who is assigned after a conversation was closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedAssignee {
    /// Nobody: the assignee is removed.
    #[default]
    None,
    /// Whoever was assigned before the close.
    Same,
}

/// How a tenant closes conversations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosingPolicy {
    /// Who answers when the customer writes again.
    #[serde(default)]
    pub handled_by: ClosesTo,
    /// Who is assigned then.
    #[serde(default)]
    pub assignee: ClosedAssignee,
}

impl ClosingPolicy {
    /// Whether it is the policy of tenants who set none.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What webhooks reported about who answers since the last action of ours, by the provider's clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedState {
    /// When a person last answered in the business app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// When a webhook last showed that somebody else saw the customer's messages: the business app, or Meta's agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// When the customer last asked for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// When a webhook last reported who answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_at: Option<Timestamp>,
    /// The latest handover at the provider, which stays stored whatever we do: reported again, it is a
    /// duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<(Timestamp, Handler)>,
}

impl ReportedState {
    /// Whether nothing was reported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Merges the reports about another conversation: of each kind, the later one counts.
    fn join(&mut self, other: &Self) {
        self.answered_at = self.answered_at.max(other.answered_at);
        self.seen_at = self.seen_at.max(other.seen_at);
        self.asked_at = self.asked_at.max(other.asked_at);
        self.owner_at = self.owner_at.max(other.owner_at);
        self.handover = self.handover.max(other.handover);
    }
}

/// What a customer's message means for its conversation.
enum Weight {
    /// A person reads it.
    Read,
    /// It heads the list and may open the window; nobody needs to read it.
    Call,
    /// It is shown on another message and may open the window.
    Reaction,
    /// It changes what another message shows, and nothing else.
    Change,
    /// It is shown among the messages, and nothing else.
    Notice,
}

impl Weight {
    fn of(message: &Message) -> Self {
        match message.kind.as_str() {
            "reaction" if message.reacts_with().is_none() => Self::Change,
            "reaction" => Self::Reaction,
            "edit" | "revoke" => Self::Change,
            "system" => Self::Notice,
            "call" => Self::Call,
            _ => Self::Read,
        }
    }
}

/// Providers report whole seconds: within one second, webhooks have no order.
fn later(one: Timestamp, other: Option<Timestamp>) -> bool {
    other.is_none_or(|other| one.seconds() > other.seconds())
}

impl Conversation {
    /// Applies what happened. (The one place that changes a conversation's state; see
    /// docs/conversation-rules.md.)
    pub fn apply(&mut self, what: &Happening<'_>) {
        match *what {
            Happening::Received { message, asks, closing, now } => {
                self.count(message);
                match message.direction {
                    Direction::Inbound => self.received(message, asks, closing, now),
                    Direction::Outbound => self.echoed(message),
                }
            }
            Happening::Sent(message) => {
                self.count(message);
                self.sent(message);
            }
            Happening::Confirmed(message) => self.latest.take(message),
            Happening::Updated(message) => self.latest.update(message),
            Happening::WindowRefused { sent_at } => {
                self.window_refused_at = self.window_refused_at.max(Some(sent_at));
            }
            Happening::OwnerChanged { owner, at } => {
                if self.reported.handover.is_none_or(|known| (at, owner) > known) {
                    self.reported.handover = Some((at, owner));
                    self.report_owner(owner, at);
                }
            }
            Happening::Assigned(agent) => self.assignee = agent.cloned(),
            Happening::HandedOver(to) => self.hand_over(to),
            Happening::Read { up_to: None } => self.unread = UnreadMessages::default(),
            Happening::Read { up_to: Some(read) } => self.unread.keep(self.last_inbound_at, |at| at > read),
            Happening::Closed { policy, at } => self.close(policy, at),
            Happening::Reopened if self.status == Status::Closed => self.open(),
            Happening::Reopened => {}
        }
    }

    /// A customer's message arrived, or an echo.
    fn received(&mut self, message: &Message, asks: HandoffRequest, closing: ClosingPolicy, now: Timestamp) {
        let at = message.address.at;
        match Weight::of(message) {
            Weight::Notice | Weight::Change => {}
            Weight::Reaction => self.touched_at = self.touched_at.max(Some(at)),
            Weight::Call => {
                self.touched_at = self.touched_at.max(Some(at));
                self.latest.take(message);
            }
            Weight::Read => {
                if !message.history || now < at.plus(WINDOW) {
                    self.extend_window(message);
                }
                if message.standby {
                    self.seen_elsewhere(at);
                    self.report_owner(Handler::MetaAgent, at);
                } else if !message.history {
                    self.wait(at, asks, closing);
                }
                self.latest.take(message);
            }
        }
    }

    /// A customer waits for an answer, and perhaps for a person.
    fn wait(&mut self, at: Timestamp, asks: HandoffRequest, closing: ClosingPolicy) {
        if later(at, self.reported.seen_at) {
            self.unread.add(at);
        }
        if self.status == Status::Closed {
            // A conversation that was closed before the policy was stored is closed by it now.
            if self.closed_at.is_none() {
                self.begin_anew(closing);
            }
            self.open();
        }
        // Whoever answered in the business app since then has read them.
        if asks == HandoffRequest::ForPerson && later(at, self.reported.answered_at) {
            self.status = Status::PendingHuman;
            self.reported.asked_at = self.reported.asked_at.max(Some(at));
            self.report_owner(Handler::Human, at);
        }
    }

    /// An echo: a message that the company sent in the business app, or Meta's agent did.
    fn echoed(&mut self, message: &Message) {
        let at = message.address.at;
        self.latest.take(message);
        match message.sender {
            _ if message.history => {}
            Sender::MetaAgent => self.report_owner(Handler::MetaAgent, at),
            _ => {
                self.seen_elsewhere(at);
                self.reported.answered_at = self.reported.answered_at.max(Some(at));
                // A request for a person that came later is not answered by it.
                if self.reported.asked_at.is_none_or(|asked| asked.seconds() <= at.seconds()) {
                    self.reported.asked_at = None;
                    self.open();
                }
                self.report_owner(Handler::Human, at);
            }
        }
    }

    /// A message of ours, whoever of the company wrote it.
    fn sent(&mut self, message: &Message) {
        let at = message.address.at;
        let latest = self.latest.message.as_ref().is_none_or(|last| at >= last.at);
        if latest || self.request.is_none() {
            self.request = message.request.or(self.request);
        }
        self.latest.take(message);
        if message.sender == Sender::Bot {
            self.last_bot_at = self.last_bot_at.max(Some(at));
        }
        match message.sender {
            Sender::Human => {
                // What the customer wrote later is not answered by it.
                self.unread.keep(self.last_inbound_at, |written| written > at);
                let still_asks = self.reported.asked_at.is_some_and(|asked| asked > at);
                if !still_asks {
                    self.open();
                    self.reported.asked_at = None;
                }
                self.decide_owner(Handler::Human);
                let agent = message.sent_by.as_ref().and_then(|by| by.agent());
                self.assignee = self.assignee.take().or_else(|| agent.cloned());
            }
            Sender::Bot if self.handled_by == Handler::Bot => {
                self.unread.keep(self.last_inbound_at, |written| written > at);
            }
            // No person answered: a customer who waits for one still does.
            _ => {}
        }
    }

    /// Hands the conversation off. With a person as handler, the customer waits for one; with anybody else,
    /// no more. A closed conversation stays closed.
    fn hand_over(&mut self, to: Handler) {
        self.decide_owner(to);
        match (to, self.status) {
            (Handler::Human, Status::Active) => self.status = Status::PendingHuman,
            (Handler::Bot | Handler::MetaAgent, Status::PendingHuman) => {
                self.status = Status::Active;
                self.reported.asked_at = None;
            }
            _ => {}
        }
    }

    fn close(&mut self, policy: ClosingPolicy, at: Timestamp) {
        if self.status == Status::Closed {
            return;
        }
        self.status = Status::Closed;
        self.closed_at = Some(at);
        self.unread = UnreadMessages::default();
        self.begin_anew(policy);
    }

    fn begin_anew(&mut self, policy: ClosingPolicy) {
        *self.reported = ReportedState { handover: self.reported.handover, ..ReportedState::default() };
        if policy.handled_by == ClosesTo::Bot {
            self.handled_by = Handler::Bot;
        }
        if policy.assignee == ClosedAssignee::None {
            self.assignee = None;
        }
    }

    fn open(&mut self) {
        self.status = Status::Active;
        self.closed_at = None;
    }

    /// We set the handler: what webhooks reported before no longer counts.
    fn decide_owner(&mut self, owner: Handler) {
        self.handled_by = owner;
        self.reported.owner_at = None;
    }

    /// A webhook reported the handler as of a time of the provider's: the latest time counts, whatever the
    /// order of arrival.
    fn report_owner(&mut self, owner: Handler, at: Timestamp) {
        let known = self.reported.owner_at.map(|known| (known.seconds(), self.handled_by));
        if known.is_none_or(|known| (at.seconds(), owner) > known) {
            self.handled_by = owner;
            self.reported.owner_at = Some(at);
        }
    }

    /// Somebody else saw what the customer wrote up to then.
    fn seen_elsewhere(&mut self, at: Timestamp) {
        self.reported.seen_at = self.reported.seen_at.max(Some(at));
        self.unread.keep(self.last_inbound_at, |written| later(written, Some(at)));
    }

    fn extend_window(&mut self, message: &Message) {
        let (at, id) = (Some(message.address.at), &message.wamid);
        if (self.last_inbound_at, &self.last_inbound_id) < (at, id) {
            self.last_inbound_at = at;
            self.last_inbound_id.clone_from(id);
        }
    }

    fn count(&mut self, message: &Message) {
        // One that was stored before, while its outcome was unknown, is counted already.
        if message.rev == 0 {
            self.messages = self.messages.saturating_add(1);
        }
    }

    /// Goes on in place of `other`, which turned out to be with the same customer and ends.
    #[must_use]
    pub fn absorb(&mut self, mut other: Self) -> MergedConversation {
        self.absorbed.push(other.id);
        self.absorbed.extend_from_slice(&other.absorbed);
        self.name = self.name.take().or_else(|| other.name.clone());
        self.given_name = self.given_name.take().or_else(|| other.given_name.clone());
        self.absorb_addresses(&other);
        self.request = self.request.or(other.request);
        if self.last_inbound_at < other.last_inbound_at {
            self.last_inbound_at = other.last_inbound_at;
            self.last_inbound_id.clone_from(&other.last_inbound_id);
        }
        self.touched_at = self.touched_at.max(other.touched_at);
        self.last_bot_at = self.last_bot_at.max(other.last_bot_at);
        self.window_refused_at = self.window_refused_at.max(other.window_refused_at);
        self.assignee = self.assignee.take().or_else(|| other.assignee.clone());
        self.handled_by = self.handled_by.max(other.handled_by);
        self.unread.join(&mut other.unread);
        self.reported.join(&other.reported);
        if other.status == Status::PendingHuman || self.status == Status::Closed {
            self.status = other.status;
            self.closed_at = other.closed_at;
        }
        if let Some(seen) = self.reported.seen_at {
            self.unread.keep(self.last_inbound_at, |written| later(written, Some(seen)));
        }
        if let (Some(asked), Some(answered)) = (self.reported.asked_at, self.reported.answered_at)
            && self.status == Status::PendingHuman
            && asked.seconds() <= answered.seconds()
        {
            self.reported.asked_at = None;
            self.open();
        }
        self.latest.join(&other.latest);
        MergedConversation { conversation: other, into: self.id }
    }
}
