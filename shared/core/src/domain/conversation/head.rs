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

/// The latest message of a conversation. Lists are ordered by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// Its time; that of the conversation's creation while there is no message.
    #[serde(rename = "last_message_at")]
    pub at: Timestamp,
    /// The message as lists show it; `None` in old rows and without messages.
    #[serde(rename = "last_message", default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<LastMessage>>,
    /// Its beginning, in rows from before `last_message` was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preview: Option<String>,
    /// The sender of the last message.
    #[serde(rename = "last_sender", default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
}

impl Latest {
    /// The state of a conversation without messages that was created at this time.
    #[must_use]
    pub fn none(created_at: Timestamp) -> Self {
        Self { at: created_at, message: None, preview: None, sender: None }
    }

    /// The message as lists show it; `None` while there is none.
    #[must_use]
    pub fn shown(&self) -> Option<LatestMessage<'_>> {
        let of_old_row = || Some(LatestMessage::of_preview(self.preview.as_deref()?, self.sender));
        self.message.as_deref().map(LatestMessage::of).or_else(of_old_row)
    }

    /// The beginning of the message, or its kind in brackets; `None` while there is no message.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let shown = self.shown()?;
        Some(shown.text.map_or_else(|| format!("[{}]", shown.kind), str::to_owned))
    }

    /// Sets the latest message, unless a later one is known.
    pub(super) fn take(&mut self, message: &Message) {
        let place = (message.address.at, message.address.id);
        let earlier = match &self.message {
            Some(last) => (last.at, last.id) <= place,
            // An old row stores only the time of its latest message.
            None => self.preview.is_none() || self.at <= place.0,
        };
        if earlier {
            let sender = Some(message.sender);
            let message = LastMessage::of(message);
            *self = Self { at: message.at, message: Some(Box::new(message)), preview: None, sender };
        }
    }

    /// Updates the latest message after a change; another message changes nothing.
    pub(super) fn update(&mut self, message: &Message) {
        if let Some(last) = self.message.as_mut().filter(|last| last.id == message.address.id) {
            **last = LastMessage::of(message);
        }
    }

    /// Merges the latest message of another conversation: the later one counts.
    pub(super) fn join(&mut self, other: &Self) {
        if other.place() > self.place() {
            self.clone_from(other);
        }
    }

    fn place(&self) -> Option<(Timestamp, Option<MessageId>)> {
        let known = self.message.as_ref().map(|last| (last.at, Some(last.id)));
        known.or_else(|| self.preview.as_ref().map(|_| (self.at, None)))
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
    fn of(last: &'a LastMessage) -> Self {
        Self { direction: last.direction, kind: &last.kind, text: last.text.as_deref() }
    }

    /// Reads the preview of an old row: an arrow marked our messages, and brackets held the kind of a
    /// message without text.
    fn of_preview(preview: &'a str, sender: Option<Sender>) -> Self {
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
