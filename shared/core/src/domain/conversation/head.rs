//! The latest message of a conversation, as lists show it.

use serde::{Deserialize, Serialize};

use crate::domain::{
    id::MessageId,
    message::{Direction, Message, Sender},
    time::Timestamp,
};

/// The prefix of our messages in the preview of an old row.
const OURS: &str = "→ ";

/// The latest message of a conversation: the one of the highest time, then id. The time of a customer's
/// message is the provider's, that of ours is when we sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Our id of the message.
    pub id: MessageId,
    /// Its time in the conversation's order.
    pub at: Timestamp,
    /// Who sent it: the customer, or the company.
    pub direction: Direction,
    /// Its kind: `text`, `image`, `call` …
    #[serde(rename = "type")]
    pub kind: String,
    /// The beginning of its readable text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl LastMessage {
    /// A message as a list shows it.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        Self {
            id: message.address.id,
            at: message.address.at,
            direction: message.direction,
            kind: message.kind.clone(),
            text: message.beginning(),
        }
    }
}

/// The latest message as a list shows it, in rows of any age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LatestMessage<'a> {
    /// Who sent it: the customer, or the company.
    pub direction: Direction,
    /// Its kind: `text`, `image`, `call` …
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// The beginning of its readable text.
    pub text: Option<&'a str>,
}

impl<'a> LatestMessage<'a> {
    pub(super) fn of(last: &'a LastMessage) -> Self {
        Self { direction: last.direction, kind: &last.kind, text: last.text.as_deref() }
    }

    /// Reads the preview of an old row: an arrow marked our messages, and brackets held the kind of a
    /// message without text.
    pub(super) fn of_preview(preview: &'a str, sender: Option<Sender>) -> Self {
        let ours = sender.is_some_and(|sender| sender != Sender::Customer);
        let direction = if ours { Direction::Outbound } else { Direction::Inbound };
        let text = preview.strip_prefix(OURS).filter(|_| ours).unwrap_or(preview);
        let kind = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        match kind
            .filter(|kind| !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        {
            Some(kind) => Self { direction, kind, text: None },
            None => Self { direction, kind: "text", text: Some(text) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_row_s_preview_is_read_without_its_arrow() {
        let read = |preview, sender| {
            let shown = LatestMessage::of_preview(preview, sender);
            (shown.direction, shown.kind, shown.text)
        };
        let (inbound, outbound) = (Direction::Inbound, Direction::Outbound);
        assert_eq!(read("→ claro", Some(Sender::Human)), (outbound, "text", Some("claro")));
        assert_eq!(read("→ [template]", Some(Sender::Human)), (outbound, "template", None));
        assert_eq!(read("→ hola", Some(Sender::Customer)), (inbound, "text", Some("→ hola")));
        assert_eq!(read("[image]", Some(Sender::Customer)), (inbound, "image", None));
        assert_eq!(read("[Not a kind]", None), (inbound, "text", Some("[Not a kind]")));
    }
}
