//! Changes of a message after it was stored: an edit, a revocation, reactions.

use serde::{Deserialize, Serialize};

use super::{
    file::Attachment,
    id::MessageId,
    message::{Message, Sender},
    time::Timestamp,
};

/// An edit, a revocation or a reaction. Of several of a kind the latest counts, in whatever order they
/// arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageUpdate {
    /// When it was made, by the provider's clock.
    pub at: Timestamp,
    /// The message that brought it.
    pub by: MessageId,
    /// The change that it makes.
    pub change: MessageChange,
}

/// The change that an update makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageChange {
    /// Its sender replaced the content.
    Edited {
        /// The new text or caption.
        text: Option<String>,
        /// The new file; `None` leaves the file as it is.
        media: Option<Box<Attachment>>,
    },
    /// Its sender deleted it.
    Revoked,
    /// A side reacted to it, or removed the reaction.
    Reacted {
        /// The side that reacted.
        sender: Sender,
        /// The emoji; `None` removes an earlier one.
        emoji: Option<String>,
    },
}

/// The kind of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateKind {
    /// Another text or file.
    Edited,
    /// A deletion by its sender.
    Revoked,
    /// A reaction, or the removal of one.
    Reaction,
}

impl MessageChange {
    /// The kind of the change.
    #[must_use]
    pub fn kind(&self) -> UpdateKind {
        match self {
            Self::Edited { .. } => UpdateKind::Edited,
            Self::Revoked => UpdateKind::Revoked,
            Self::Reacted { .. } => UpdateKind::Reaction,
        }
    }
}

/// The latest reaction of one side to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The side that reacted.
    pub sender: Sender,
    /// The emoji; `None` when it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// When it was made, by the provider's clock.
    pub at: Timestamp,
    /// The message that brought it.
    pub by: MessageId,
}

/// The latest edit of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// When it was made, by the provider's clock.
    pub at: Timestamp,
    /// The message that brought it.
    pub by: MessageId,
}

impl Message {
    /// The change that this message makes to the one that it refers to; `None` for any other message.
    #[must_use]
    pub fn as_update(&self) -> Option<MessageUpdate> {
        let change = match self.kind.as_str() {
            "edit" => MessageChange::Edited { text: self.text.clone(), media: self.media.clone() },
            "revoke" => MessageChange::Revoked,
            "reaction" => {
                let emoji = self.parts.reaction.as_ref().and_then(|reaction| reaction.emoji.clone());
                MessageChange::Reacted { sender: self.sender, emoji }
            }
            _ => return None,
        };
        Some(MessageUpdate { at: self.address.at, by: self.address.id, change })
    }

    /// Applies an update, unless a later one of its kind is known.
    pub fn update(&mut self, update: &MessageUpdate) {
        let later = |at: Timestamp, by: MessageId| (at, by) > (update.at, update.by);
        match &update.change {
            MessageChange::Edited { text, media } => {
                if self.edited.is_none_or(|known| !later(known.at, known.by)) {
                    self.edited = Some(Edit { at: update.at, by: update.by });
                    self.text.clone_from(text);
                    self.media = media.clone().or_else(|| self.media.take());
                }
            }
            MessageChange::Revoked => {
                self.revoked_at = Some(self.revoked_at.map_or(update.at, |known| known.min(update.at)));
            }
            MessageChange::Reacted { sender, emoji } => {
                let side =
                    |known: &Reaction| (known.sender == Sender::Customer) == (*sender == Sender::Customer);
                if self.reactions.iter().any(|known| side(known) && later(known.at, known.by)) {
                    return;
                }
                self.reactions.retain(|known| !side(known));
                let (sender, emoji) = (*sender, emoji.clone());
                self.reactions.push(Reaction { sender, emoji, at: update.at, by: update.by });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        attempt::{Attempt, Target},
        content::Content,
        delivery::AttemptOutcome,
        message::MessageAddress,
    };

    fn message() -> Message {
        let (conversation, id) = ("1".parse().unwrap(), "2".parse().unwrap());
        let address = MessageAddress { conversation, at: Timestamp::from_millis(0), id };
        let content = Content::plain("x".to_owned().try_into().unwrap());
        let attempt = Attempt::new("demo".parse().unwrap(), address, Target::Conversation, content);
        attempt.message("1".parse().unwrap(), AttemptOutcome::Accepted, None)
    }

    fn update(at: i64, change: MessageChange) -> MessageUpdate {
        let by = MessageId::try_from(u64::try_from(at).unwrap() + 10).unwrap();
        MessageUpdate { at: Timestamp::from_millis(at), by, change }
    }

    #[test]
    fn the_latest_update_of_a_kind_counts_in_whatever_order_they_come() {
        let edited =
            |at, text: &str| update(at, MessageChange::Edited { text: Some(text.to_owned()), media: None });
        let reacted = |at, sender, emoji: Option<&str>| {
            update(at, MessageChange::Reacted { sender, emoji: emoji.map(str::to_owned) })
        };
        let all = [
            edited(5, "first"),
            edited(9, "second"),
            reacted(6, Sender::Customer, Some("👍")),
            reacted(8, Sender::Customer, None),
            reacted(7, Sender::Human, Some("🙏")),
            update(11, MessageChange::Revoked),
        ];
        let mut expected: Option<Message> = None;
        for turn in 0..all.len() {
            for backwards in [false, true] {
                let mut order = all.clone();
                order.rotate_left(turn);
                if backwards {
                    order.reverse();
                }
                let mut message = message();
                // All of them twice, in the same order: so what comes last is not always the latest.
                for update in order.iter().chain(&order) {
                    message.update(update);
                }
                message.reactions.sort_by_key(|it| it.at);
                assert_eq!(message.text.as_deref(), Some("second"));
                assert_eq!(message.revoked_at, Some(Timestamp::from_millis(11)));
                assert_eq!(*expected.get_or_insert(message.clone()), message);
            }
        }
    }
}
