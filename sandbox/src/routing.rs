//! Conversation routing: which of several responders owns the conversation with a customer (facts: onboarding.md 4;
//! template-rules.md 5.3).
//!
//! It applies only to numbers that are configured for it; all others answer their customers themselves.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// How long an owner keeps a conversation after the customer's last message, in seconds.
const OWNER_IDLE_TIMEOUT: i64 = 24 * 60 * 60;

/// The role of a responder; each responder has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Meta Business Agent, an AI.
    AiAgent,
    /// People who answer customers.
    CustomerService,
    /// Whoever sends marketing campaigns.
    Marketing,
    /// Whoever sends utility messages.
    Utility,
    /// Answers to ads that lead to WhatsApp.
    Ctwa,
    /// The escalation partner, who may take any conversation.
    Escalation,
}

/// The responders of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// The responder that gets conversations without an owner.
    #[serde(default = "agent")]
    pub primary: Role,
    /// The role of the business that calls the API and has the webhook.
    #[serde(default = "escalation")]
    pub ours: Role,
}

/// The routing of numbers, and the owners of conversations.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    /// Keyed by the number's id.
    configured: HashMap<String, Routing>,
    /// Keyed by the number's id and the customer's phone.
    owned: HashMap<(String, String), Thread>,
}

/// A conversation with an owner.
#[derive(Debug, Clone, Copy)]
struct Thread {
    owner: Role,
    /// When the customer last wrote or the owner last changed, in Unix seconds.
    since: i64,
}

/// A change of owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handover {
    pub(crate) kind: HandoverKind,
    /// `None` if nobody owned the conversation.
    pub(crate) previous: Option<Role>,
    pub(crate) new: Role,
}

/// How an owner changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandoverKind {
    /// The owner passed the conversation; the new owner is notified.
    Passed,
    /// The escalation partner took the conversation; the previous owner is notified.
    Taken,
}

/// Why an owner does not change, or a message is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThreadControlError {
    /// The number has no conversation routing.
    NotConfigured,
    /// Only the owner may do this.
    NotOwner,
    /// Only the escalation partner may do this.
    NotEscalation,
    /// No responder has the requested role.
    NoSuchTarget,
    /// The requested role owns the conversation already.
    AlreadyOwner,
}

/// The key of a conversation: the number's id and the key of the customer's phone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThreadId<'a> {
    pub(crate) phone_number_id: &'a str,
    pub(crate) customer: &'a str,
}

impl HandoverKind {
    /// The name of the kind in a webhook.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "control_passed",
            Self::Taken => "control_taken",
        }
    }
}

impl Routing {
    /// Whether a responder has this role.
    fn has(self, role: Role) -> bool {
        role == self.primary || role == self.ours || role == Role::Escalation
    }
}

impl Threads {
    /// Sets or removes the routing of a number. All of its conversations lose their owner.
    pub(crate) fn configure(&mut self, phone_number_id: &str, routing: Option<Routing>) {
        self.owned.retain(|(number, _), _| number != phone_number_id);
        match routing {
            Some(routing) => self.configured.insert(phone_number_id.to_owned(), routing),
            None => self.configured.remove(phone_number_id),
        };
    }

    /// The routing of a number, if it is configured.
    pub(crate) fn routing(&self, phone_number_id: &str) -> Option<Routing> {
        self.configured.get(phone_number_id).copied()
    }

    /// The owner of a conversation at `now`; `None` if it is idle.
    pub(crate) fn owner(&self, id: ThreadId<'_>, now: i64) -> Option<Role> {
        let thread = self.owned.get(&key(id))?;
        (now - thread.since < OWNER_IDLE_TIMEOUT).then_some(thread.owner)
    }

    /// The conversations of a number with their owners at `now`, by customer.
    pub(crate) fn owned(&self, phone_number_id: &str, now: i64) -> Vec<(&str, Role)> {
        let of_number = self.owned.keys().filter(|(number, _)| number == phone_number_id);
        let mut owned: Vec<(&str, Role)> = of_number
            .filter_map(|(_, customer)| {
                Some((&**customer, self.owner(ThreadId { phone_number_id, customer }, now)?))
            })
            .collect();
        owned.sort_by_key(|(customer, _)| *customer);
        owned
    }

    /// Records a customer's message at `now`: an idle conversation goes to the primary responder. Returns whether the
    /// business owns it; if not, the business is on standby.
    pub(crate) fn on_inbound(&mut self, id: ThreadId<'_>, now: i64) -> bool {
        let Some(routing) = self.routing(id.phone_number_id) else { return true };
        let owner = self.owner(id, now).unwrap_or(routing.primary);
        self.set_owner(id, owner, now);
        owner == routing.ours
    }

    /// Whether the business may send the customer a free-form message.
    pub(crate) fn may_send_free_form(&self, id: ThreadId<'_>, now: i64) -> bool {
        let Some(Routing { primary, ours }) = self.routing(id.phone_number_id) else { return true };
        ours == Role::Escalation || self.owner(id, now).unwrap_or(primary) == ours
    }

    /// Records a free-form message of the business.
    pub(crate) fn on_business_send(&mut self, id: ThreadId<'_>, now: i64) {
        if let Some(Routing { ours, .. }) = self.routing(id.phone_number_id) {
            // A handover by the business notifies somebody else.
            let _ = self.claim_for_send(id, ours, now);
        }
    }

    /// Records a free-form message of a responder. The owner may send; the escalation partner takes the conversation by
    /// sending, which returns the handover. Templates need no ownership.
    pub(crate) fn claim_for_send(
        &mut self,
        id: ThreadId<'_>,
        by: Role,
        now: i64,
    ) -> Result<Option<Handover>, ThreadControlError> {
        let routing = self.routing(id.phone_number_id).ok_or(ThreadControlError::NotConfigured)?;
        match self.owner(id, now) {
            Some(owner) if owner == by => Ok(None),
            None if routing.primary == by => {
                self.set_owner(id, by, now);
                Ok(None)
            }
            _ if by == Role::Escalation => self.take(id, by, now).map(Some),
            _ => Err(ThreadControlError::NotOwner),
        }
    }

    /// The owner passes the conversation to the responder with another role.
    pub(crate) fn pass(
        &mut self,
        id: ThreadId<'_>,
        by: Role,
        target: Role,
        now: i64,
    ) -> Result<Handover, ThreadControlError> {
        let routing = self.routing(id.phone_number_id).ok_or(ThreadControlError::NotConfigured)?;
        if self.owner(id, now) != Some(by) {
            return Err(ThreadControlError::NotOwner);
        }
        if target == by {
            return Err(ThreadControlError::AlreadyOwner);
        }
        if !routing.has(target) {
            return Err(ThreadControlError::NoSuchTarget);
        }
        self.set_owner(id, target, now);
        Ok(Handover { kind: HandoverKind::Passed, previous: Some(by), new: target })
    }

    /// The owner releases the conversation; nobody is notified. Anybody may release an idle one.
    pub(crate) fn release(&mut self, id: ThreadId<'_>, by: Role, now: i64) -> Result<(), ThreadControlError> {
        self.routing(id.phone_number_id).ok_or(ThreadControlError::NotConfigured)?;
        if self.owner(id, now).is_some_and(|owner| owner != by) {
            return Err(ThreadControlError::NotOwner);
        }
        self.owned.remove(&key(id));
        Ok(())
    }

    /// The escalation partner takes the conversation from its owner.
    pub(crate) fn take(
        &mut self,
        id: ThreadId<'_>,
        by: Role,
        now: i64,
    ) -> Result<Handover, ThreadControlError> {
        self.routing(id.phone_number_id).ok_or(ThreadControlError::NotConfigured)?;
        if by != Role::Escalation {
            return Err(ThreadControlError::NotEscalation);
        }
        let previous = self.owner(id, now);
        if previous == Some(by) {
            return Err(ThreadControlError::AlreadyOwner);
        }
        self.set_owner(id, by, now);
        Ok(Handover { kind: HandoverKind::Taken, previous, new: by })
    }

    fn set_owner(&mut self, id: ThreadId<'_>, owner: Role, now: i64) {
        self.owned.insert(key(id), Thread { owner, since: now });
    }
}

impl Handover {
    /// Whether a responder is notified: the new owner of a passed conversation, the previous one of a taken one (facts:
    /// onboarding.md 4).
    pub(crate) fn notifies(self, role: Role) -> bool {
        match self.kind {
            HandoverKind::Passed => self.new == role,
            HandoverKind::Taken => self.previous == Some(role),
        }
    }
}

fn key(id: ThreadId<'_>) -> (String, String) {
    (id.phone_number_id.to_owned(), id.customer.to_owned())
}

fn agent() -> Role {
    Role::AiAgent
}

fn escalation() -> Role {
    Role::Escalation
}

#[cfg(test)]
mod tests {
    use super::{
        Handover, HandoverKind, OWNER_IDLE_TIMEOUT, Role, Routing, ThreadControlError, ThreadId, Threads,
    };

    const ID: ThreadId<'_> = ThreadId { phone_number_id: "1", customer: "502" };

    fn threads(primary: Role, ours: Role) -> Threads {
        let mut threads = Threads::default();
        threads.configure("1", Some(Routing { primary, ours }));
        threads
    }

    #[test]
    fn without_routing_the_business_answers_and_nothing_can_be_passed() {
        let mut threads = Threads::default();
        assert!(threads.on_inbound(ID, 0));
        assert_eq!(threads.owner(ID, 0), None);
        assert_eq!(
            threads.pass(ID, Role::AiAgent, Role::Escalation, 0),
            Err(ThreadControlError::NotConfigured)
        );
        assert_eq!(threads.take(ID, Role::Escalation, 0), Err(ThreadControlError::NotConfigured));
        assert_eq!(threads.release(ID, Role::AiAgent, 0), Err(ThreadControlError::NotConfigured));
    }

    #[test]
    fn the_primary_responder_owns_what_nobody_owned_until_the_customer_is_silent_for_a_day() {
        let mut threads = threads(Role::AiAgent, Role::Escalation);
        assert!(!threads.on_inbound(ID, 0), "the agent answers");
        assert_eq!(threads.owner(ID, OWNER_IDLE_TIMEOUT - 1), Some(Role::AiAgent));
        assert_eq!(threads.owner(ID, OWNER_IDLE_TIMEOUT), None);
        assert_eq!(threads.owned("1", 5), [("502", Role::AiAgent)]);
        assert_eq!(threads.owned("2", 5), []);
    }

    #[test]
    fn the_owner_passes_and_the_escalation_partner_takes() {
        let mut threads = threads(Role::AiAgent, Role::Escalation);
        threads.on_inbound(ID, 0);
        assert_eq!(threads.pass(ID, Role::Escalation, Role::AiAgent, 1), Err(ThreadControlError::NotOwner));
        assert_eq!(threads.pass(ID, Role::AiAgent, Role::AiAgent, 1), Err(ThreadControlError::AlreadyOwner));
        assert_eq!(
            threads.pass(ID, Role::AiAgent, Role::Marketing, 1),
            Err(ThreadControlError::NoSuchTarget)
        );
        let passed = threads.pass(ID, Role::AiAgent, Role::Escalation, 1);
        let expected =
            Handover { kind: HandoverKind::Passed, previous: Some(Role::AiAgent), new: Role::Escalation };
        assert_eq!(passed, Ok(expected));
        assert!(expected.notifies(Role::Escalation) && !expected.notifies(Role::AiAgent));
        assert_eq!(threads.take(ID, Role::Escalation, 1), Err(ThreadControlError::AlreadyOwner));
        assert!(threads.on_inbound(ID, 2), "the new owner answers");
        assert_eq!(threads.pass(ID, Role::Escalation, Role::AiAgent, 3).map(|it| it.new), Ok(Role::AiAgent));
        let taken = threads.take(ID, Role::Escalation, 4);
        assert!(taken.is_ok_and(|it| it.notifies(Role::AiAgent) && !it.notifies(Role::Escalation)));
    }

    #[test]
    fn who_is_not_the_escalation_partner_takes_nothing_and_sends_only_what_is_theirs() {
        let mut threads = threads(Role::AiAgent, Role::CustomerService);
        assert_eq!(
            threads.claim_for_send(ID, Role::CustomerService, 0),
            Err(ThreadControlError::NotOwner),
            "not even an idle one"
        );
        threads.on_inbound(ID, 0);
        assert_eq!(threads.claim_for_send(ID, Role::CustomerService, 1), Err(ThreadControlError::NotOwner));
        assert_eq!(threads.take(ID, Role::CustomerService, 1), Err(ThreadControlError::NotEscalation));
        assert_eq!(threads.claim_for_send(ID, Role::AiAgent, 1), Ok(None));
        assert!(threads.pass(ID, Role::AiAgent, Role::CustomerService, 2).is_ok());
        assert_eq!(threads.claim_for_send(ID, Role::CustomerService, 3), Ok(None));
        // Another escalation partner takes it by sending.
        let taken = threads.claim_for_send(ID, Role::Escalation, 4).ok().flatten();
        assert!(taken.is_some_and(|it| it.notifies(Role::CustomerService)));
    }

    #[test]
    fn what_is_released_is_the_primary_responder_s_again() {
        let mut threads = threads(Role::AiAgent, Role::Escalation);
        threads.on_inbound(ID, 0);
        assert_eq!(threads.release(ID, Role::Escalation, 1), Err(ThreadControlError::NotOwner));
        assert!(threads.take(ID, Role::Escalation, 1).is_ok());
        assert_eq!(threads.release(ID, Role::Escalation, 2), Ok(()));
        assert_eq!(threads.release(ID, Role::Escalation, 2), Ok(()), "an idle one as well");
        assert!(!threads.on_inbound(ID, 3));
        assert_eq!(threads.owner(ID, 3), Some(Role::AiAgent));
    }

    #[test]
    fn a_primary_business_answers_by_itself() {
        let mut threads = threads(Role::CustomerService, Role::CustomerService);
        assert_eq!(threads.claim_for_send(ID, Role::CustomerService, 0), Ok(None));
        assert_eq!(threads.owner(ID, 0), Some(Role::CustomerService));
    }
}
