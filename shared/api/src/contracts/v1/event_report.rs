//! The fields that an event reports itself, as of when it happened.

use serde::Serialize;

use super::message_status::MessageStatus;
use crate::common::ids::{broadcast_id, channel_id, contact_id, message_id};
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::domain::{
    contact::Address,
    conversation::Status,
    conversation_action::{AgentId, Bot, Handler, Handover},
    event::{EventKind, MarketingChoice, Telling},
    id::ChannelId,
    opt_out::OptOutReason,
    phone::Bsuid,
    update::UpdateKind,
};

/// The name of every type of event.
pub(super) const TYPES: [&str; 11] = [
    "message.received",
    "message.updated",
    "message.status",
    "conversation.updated",
    "contact.updated",
    "contact.opted_out",
    "contact.opted_in",
    "template.updated",
    "broadcast.progressed",
    "channel.updated",
    "window.expiring",
];

/// What an event reports; which of these it is follows from its type.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(super) enum Report {
    Received {
        /// Whether a `message.updated` follows when its file is there.
        media_pending: bool,
        late: bool,
        standby: bool,
    },
    Media {
        change: Change,
        /// Whether nothing was told of the file before.
        first: bool,
    },
    Updated {
        change: Change,
        /// The message that edits, revokes or reacts.
        #[cfg_attr(feature = "schema", schemars(with = "schema::MessageName"))]
        by_message_id: String,
    },
    MessageStatus {
        status: MessageStatus,
    },
    ConversationStatus {
        change: Change,
        status: Status,
    },
    HandedOver {
        change: Change,
        /// Who answers from then on.
        handled_by: Option<Handler>,
        /// How it changed hands at the provider, where it did.
        handover: Option<Box<Handover>>,
    },
    Assigned {
        change: Change,
        /// Who of the company looks after it; null for nobody in particular.
        #[cfg_attr(feature = "schema", schemars(with = "Option<schema::AgentName>"))]
        assignee: Option<AgentId>,
    },
    Expiring {
        /// When the window closes.
        #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
        expires_at: String,
    },
    OfChannel {
        change: Change,
        #[cfg_attr(feature = "schema", schemars(with = "schema::ChannelId"))]
        channel_id: String,
    },
    Template {
        #[cfg_attr(feature = "schema", schemars(with = "schema::ChannelId"))]
        channel_id: String,
        /// The name of the template.
        name: String,
        /// The code of the template's language, like `es`.
        language: String,
        /// As the provider calls it.
        status: String,
    },
    Broadcast {
        #[cfg_attr(feature = "schema", schemars(with = "schema::BroadcastId"))]
        broadcast_id: String,
    },
    Merged {
        change: Change,
        #[cfg_attr(feature = "schema", schemars(with = "schema::ContactId"))]
        contact_id: String,
        /// The contact that it took over.
        #[cfg_attr(feature = "schema", schemars(with = "schema::ContactId"))]
        merged_contact_id: String,
    },
    Contact {
        change: Change,
        #[cfg_attr(feature = "schema", schemars(with = "schema::ContactId"))]
        contact_id: String,
    },
    Choice {
        /// The customer; null for addresses that are no contact of the company's.
        #[cfg_attr(feature = "schema", schemars(with = "Option<schema::ContactId>"))]
        contact_id: Option<String>,
        /// The addresses that the choice holds for.
        addresses: Vec<ChosenAddress>,
        /// How we know of it.
        reason: OptOutReason,
        /// Since when it holds, by the provider's clock where the customer made it in WhatsApp.
        #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
        since: String,
    },
    Changed {
        change: Change,
    },
}

/// The part of a template that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "EventChange"))]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    Media,
    Edited,
    Revoked,
    Reaction,
    Payment,
    Call,
    Unresolved,
    Silent,
    Created,
    Status,
    HandedOver,
    Assigned,
    Read,
    WindowRefused,
    LowBalance,
    LeadCreated,
    LeadUpdated,
    Name,
    Merged,
}

/// An address that a choice about marketing holds for.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ChosenAddress {
    PhoneNumber {
        phone_number: String,
    },
    UserId {
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        user_id: Bsuid,
    },
}

/// The type of an event.
pub(super) fn type_of(kind: &EventKind) -> &'static str {
    report(kind, Bot::Absent).0
}

/// The type of an event, with the fields that it reports.
pub(super) fn report(kind: &EventKind, bot: Bot) -> (&'static str, Report) {
    let of_message = |change| ("message.updated", Report::Changed { change });
    let of_status = |status| ("message.status", Report::MessageStatus { status });
    let of_conversation = |change| ("conversation.updated", Report::Changed { change });
    let of_contact = |change, id| ("contact.updated", Report::Contact { change, contact_id: contact_id(id) });
    match kind {
        EventKind::MessageReceived { file, late, standby, .. } => {
            let media_pending = file.is_some();
            ("message.received", Report::Received { media_pending, late: *late, standby: *standby })
        }
        EventKind::MessageMedia { telling, .. } => {
            let first = *telling == Telling::First;
            ("message.updated", Report::Media { change: Change::Media, first })
        }
        EventKind::MessageUpdated { change, by, .. } => {
            let report = Report::Updated { change: (*change).into(), by_message_id: message_id(*by) };
            ("message.updated", report)
        }
        EventKind::MessagePayment { .. } => of_message(Change::Payment),
        EventKind::MessageCall { .. } => of_message(Change::Call),
        // Neither changes the status of the message.
        EventKind::MessageUnresolved { .. } => of_message(Change::Unresolved),
        EventKind::MessageSilent { .. } => of_message(Change::Silent),
        EventKind::MessageAccepted { .. } => of_status(MessageStatus::Accepted),
        EventKind::MessageUnknown { .. } => of_status(MessageStatus::Unknown),
        EventKind::MessageRejected { .. } => of_status(MessageStatus::Failed),
        EventKind::MessageStatus { status, .. } => of_status((*status).into()),
        EventKind::ConversationCreated { .. } => of_conversation(Change::Created),
        EventKind::ConversationRead { .. } => of_conversation(Change::Read),
        EventKind::StatusChanged { status, .. } => {
            let report = Report::ConversationStatus { change: Change::Status, status: *status };
            ("conversation.updated", report)
        }
        EventKind::HandedOver { handled_by, handover, .. } => {
            let (handled_by, handover) = (handled_by.present(bot), handover.clone());
            let report = Report::HandedOver { change: Change::HandedOver, handled_by, handover };
            ("conversation.updated", report)
        }
        EventKind::Assigned { assignee, .. } => {
            let report = Report::Assigned { change: Change::Assigned, assignee: assignee.clone() };
            ("conversation.updated", report)
        }
        EventKind::WindowRefused { channel, .. } => {
            ("conversation.updated", of_channel(Change::WindowRefused, *channel))
        }
        EventKind::WindowExpiring { expires_at, .. } => {
            ("window.expiring", Report::Expiring { expires_at: expires_at.iso_millis() })
        }
        EventKind::LowBalance { channel } => ("channel.updated", of_channel(Change::LowBalance, *channel)),
        EventKind::TemplateChanged { channel, name, language, status } => {
            let (name, language, status) = (name.clone(), language.clone(), status.clone());
            let report = Report::Template { channel_id: channel_id(*channel), name, language, status };
            ("template.updated", report)
        }
        EventKind::BroadcastProgressed { broadcast } => {
            ("broadcast.progressed", Report::Broadcast { broadcast_id: broadcast_id(*broadcast) })
        }
        EventKind::LeadCreated { lead } => of_contact(Change::LeadCreated, *lead),
        EventKind::LeadUpdated { lead } => of_contact(Change::LeadUpdated, *lead),
        EventKind::ContactUpdated { contact } => of_contact(Change::Name, *contact),
        EventKind::ContactMerged { contact, absorbed } => {
            let (contact_id, merged_contact_id) = (contact_id(*contact), contact_id(*absorbed));
            let report = Report::Merged { change: Change::Merged, contact_id, merged_contact_id };
            ("contact.updated", report)
        }
        EventKind::OptedOut(choice) => ("contact.opted_out", of_choice(choice)),
        EventKind::OptedIn(choice) => ("contact.opted_in", of_choice(choice)),
    }
}

fn of_channel(change: Change, channel: ChannelId) -> Report {
    Report::OfChannel { change, channel_id: channel_id(channel) }
}

fn of_choice(it: &MarketingChoice) -> Report {
    let address = |it: &Address| match it {
        Address::Number(number) => ChosenAddress::PhoneNumber { phone_number: number.e164() },
        Address::Bsuid(id) | Address::Parent(id) => ChosenAddress::UserId { user_id: id.clone() },
    };
    Report::Choice {
        contact_id: it.contact.map(contact_id),
        addresses: it.addresses.iter().map(address).collect(),
        reason: it.reason,
        since: it.since.iso_millis(),
    }
}

impl From<UpdateKind> for Change {
    fn from(kind: UpdateKind) -> Self {
        match kind {
            UpdateKind::Edited => Self::Edited,
            UpdateKind::Revoked => Self::Revoked,
            UpdateKind::Reaction => Self::Reaction,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reported(kind: Value) -> Value {
        let kind: EventKind = serde_json::from_value(kind).unwrap();
        let (name, report) = report(&kind, Bot::Absent);
        assert!(TYPES.contains(&name), "{name}");
        json!([name, report])
    }

    #[test]
    fn each_kind_has_the_fields_of_its_type_and_no_others() {
        let assigned =
            reported(json!({ "kind": "conversation.assigned", "conversation": 1, "assignee": null }));
        assert_eq!(assigned, json!(["conversation.updated", { "change": "assigned", "assignee": null }]));
        let merged = reported(json!({ "kind": "contact.merged", "contact": 1, "absorbed": 2 }));
        let ids = json!({ "change": "merged", "contact_id": "contact_1", "merged_contact_id": "contact_2" });
        assert_eq!(merged, json!(["contact.updated", ids]));
        let choice = reported(json!({
            "kind": "contact.opted_out", "addresses": [{ "number": "+50212345678" }],
            "reason": "word", "since": 0,
        }));
        let expected = json!({
            "contact_id": null, "addresses": [{ "type": "phone_number", "phone_number": "+50212345678" }],
            "reason": "word", "since": "1970-01-01T00:00:00.000Z",
        });
        assert_eq!(choice, json!(["contact.opted_out", expected]));
        let balance = reported(json!({ "kind": "channel.low_balance", "channel": 1 }));
        assert_eq!(balance, json!(["channel.updated", { "change": "low_balance", "channel_id": "ch_1" }]));
    }
}
