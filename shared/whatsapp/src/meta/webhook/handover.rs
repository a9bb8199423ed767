//! Field `messaging_handovers`: the thread control of a conversation changes (facts: template-rules.md 5.3,
//! onboarding.md 4).

use serde_json::Value;

use super::split::{Part, inbound_address};
use crate::lenient::{instant, text};
use ventanilla_core::domain::{
    conversation_action::{Handler, Handover},
    inbound::{HandoverReport, Says},
    time::Timestamp,
};

/// The role of Meta's Business Agent.
const AGENT: &str = "ai_agent";

/// Most characters of the metadata from the previous owner that are stored.
const LONGEST: usize = 2_000;

/// The one item of a change.
pub(super) fn part(change: &Value, now: Timestamp) -> Part {
    let value = change.get("value").unwrap_or(&Value::Null);
    let says = report(value, now).map_or(Says::Other, |report| Says::Handover(Box::new(report)));
    // Unlike everywhere else the business number is the recipient, and there is no `metadata`.
    let number = inbound_address(value, "recipient").or_else(|| inbound_address(value, "metadata"));
    Part { number, kind: "messaging_handovers".to_owned(), says, change: change.clone() }
}

/// `None` when the customer or the kind of change is unknown.
fn report(value: &Value, now: Timestamp) -> Option<HandoverReport> {
    let (kind, details) = ["control_passed", "control_taken"].into_iter().find_map(|kind| {
        let named = text(value, "type").is_some_and(|word| word == kind);
        // Older samples have no `type`.
        value.get(kind).map(|details| (kind, details)).or(named.then_some((kind, &Value::Null)))
    })?;
    let sender = value.get("sender")?;
    let customer = super::customer::handed_over(sender)?;
    let word = |name: &str| text(details, name).map(|word| word.chars().take(LONGEST).collect::<String>());
    let new_owner_role = word("new_owner_role");
    let owner = if new_owner_role.as_deref() == Some(AGENT) { Handler::MetaAgent } else { Handler::Human };
    let summary = details.pointer("/conversation_context/summary").and_then(|it| text(it, "text"));
    Some(HandoverReport {
        customer,
        at: instant(value, "timestamp", now),
        owner,
        details: Handover {
            kind: kind.to_owned(),
            previous_owner_role: word("previous_owner_role").or_else(|| word("previous_owner_app_role")),
            new_owner_role,
            metadata: word("metadata"),
            summary: summary.map(|text| text.chars().take(LONGEST).collect()),
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Option<HandoverReport> {
        let change = json!({ "field": "messaging_handovers", "value": value });
        match part(&change, Timestamp::from_seconds(1_772_533_900)).says {
            Says::Handover(report) => Some(*report),
            _ => None,
        }
    }

    #[test]
    fn the_role_of_the_new_owner_says_who_answers() {
        let value = |kind: &str, role: Value| {
            json!({
                "recipient": { "phone_number_id": "1001" }, "sender": { "phone_number": "50212345678" },
                "type": kind, "timestamp": "1772533800",
                kind: { "previous_owner_role": "ai_agent", "new_owner_role": role, "metadata": "wants a refund",
                    "conversation_context": { "type": "summary", "summary": { "text": "Ana wants a refund." } } },
            })
        };
        let passed = read(&value("control_passed", json!("escalation"))).unwrap();
        assert_eq!((passed.owner, passed.at), (Handler::Human, Timestamp::from_seconds(1_772_533_800)));
        assert_eq!(passed.details.metadata.as_deref(), Some("wants a refund"));
        assert_eq!(passed.details.summary.as_deref(), Some("Ana wants a refund."));
        let agent = read(&value("control_passed", json!("ai_agent"))).unwrap();
        assert_eq!(agent.owner, Handler::MetaAgent);
        assert_eq!(read(&value("control_taken", Value::Null)).unwrap().owner, Handler::Human);
        let mut nobody = value("control_taken", Value::Null);
        nobody["sender"] = Value::Null;
        assert!(read(&nobody).is_none());
        assert!(read(&value("control_lost", Value::Null)).is_none());
    }
}
