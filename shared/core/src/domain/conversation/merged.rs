//! Two conversations that turned out to be with the same customer.

use super::Conversation;
use crate::domain::id::ConversationId;

/// A conversation that was merged into another one. Its messages stay where they came in; it gets no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedConversation {
    /// How it was when it ended.
    pub conversation: Conversation,
    /// The one that goes on in its place.
    pub into: ConversationId,
}

/// A conversation that goes on, with those that were merged into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeConversation {
    /// The one that goes on.
    pub conversation: Conversation,
    threads: Vec<ConversationId>,
}

impl WholeConversation {
    /// The conversation with those that it has absorbed, and those that led to it: merges from before `absorbed` was
    /// written down are known from the old id only.
    #[must_use]
    pub fn new(conversation: Conversation, before: Vec<ConversationId>) -> Self {
        let mut threads = vec![conversation.id];
        for id in before.into_iter().chain(conversation.absorbed.iter().copied()) {
            if !threads.contains(&id) {
                threads.push(id);
            }
        }
        Self { conversation, threads }
    }

    /// The ids under which its messages lie: its own first, then those of the merged ones.
    #[must_use]
    pub fn ids(&self) -> &[ConversationId] {
        &self.threads
    }
}
