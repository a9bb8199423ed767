//! Keys of conversations and their messages, and places in lists of them.

use super::{Key, hash, of, sortable};
use ventanilla_core::domain::{
    conversation::Status,
    handling::AgentId,
    id::{ConversationId, LineId, TenantId, Wamid},
    message::MessageAddress,
    time::Timestamp,
    window::WindowWatch,
};

/// A conversation.
#[must_use]
pub fn conversation(tenant: &TenantId, id: ConversationId) -> Key {
    Key::only(thread(tenant, id))
}

fn thread(tenant: &TenantId, id: ConversationId) -> String {
    format!("{}C#{:016}", of(tenant), id.get())
}

/// The watch for the end of a conversation's window.
#[must_use]
pub fn window_watch(tenant: &TenantId, id: ConversationId) -> Key {
    Key { pk: thread(tenant, id), sk: "W".to_owned() }
}

/// The place of a watch in a list of due work.
#[must_use]
pub fn window_due_place(it: &WindowWatch) -> String {
    format!("{}#{}#{:016}", sortable(it.due_at), it.tenant, it.conversation.get())
}

/// A message.
#[must_use]
pub fn message(tenant: &TenantId, at: MessageAddress) -> Key {
    let sk = format!("{MESSAGES}{}#{:016}", sortable(at.at), at.id.get());
    Key { pk: thread(tenant, at.conversation), sk }
}

/// The message of a conversation at a place in it.
#[must_use]
pub fn message_at(conversation: ConversationId, sk: &str) -> Option<MessageAddress> {
    let (at, id) = sk.strip_prefix(MESSAGES)?.split_once('#')?;
    Some(MessageAddress {
        conversation,
        at: Timestamp::from_millis(at.parse().ok()?),
        id: id.parse::<u64>().ok()?.try_into().ok()?,
    })
}

/// What the sort keys of messages begin with.
pub const MESSAGES: &str = "M#";

/// A provider's message id, on the line that it was seen on.
#[must_use]
pub fn pointer(line: &LineId, wamid: &Wamid) -> Key {
    Key::only(format!("R#W#{}", hash(&[line.as_str(), wamid.as_str()])))
}

/// The list of a tenant's conversations.
#[must_use]
pub fn conversations(tenant: &TenantId) -> String {
    format!("{}L", of(tenant))
}

/// A conversation's place in the list.
#[must_use]
pub fn conversation_place(last_message_at: Timestamp, id: ConversationId) -> String {
    format!("{}#{:016}", sortable(last_message_at), id.get())
}

/// The conversation at a place in a list.
#[must_use]
pub fn conversation_at(place: &str) -> Option<(Timestamp, ConversationId)> {
    let (at, id) = place.split_once('#')?;
    let id: u64 = id.parse().ok()?;
    Some((Timestamp::from_millis(at.parse().ok()?), ConversationId::try_from(id).ok()?))
}

/// The list of a tenant's conversations of a status.
#[must_use]
pub fn of_status(tenant: &TenantId, status: Status) -> String {
    format!("{}#S#{}", conversations(tenant), status.as_str())
}

/// The list of the conversations that an agent looks after.
#[must_use]
pub fn of_assignee(tenant: &TenantId, agent: &AgentId) -> String {
    format!("{}#A#{}", conversations(tenant), hash(&[agent.as_str()]))
}

/// The list of a tenant's conversations with something to read.
#[must_use]
pub fn unread(tenant: &TenantId) -> String {
    format!("{}#U", conversations(tenant))
}
