//! The routes of the PHP bot, each under its path and under its script's name.

use std::sync::Arc;

use super::{
    check_conversation_updates::check_conversation_updates,
    check_updates::check_updates,
    errors::{ListConversations, PhpBot, Reply},
    list_conversations::list_conversations,
    list_messages, reply, toggle_ai,
};
use crate::{app::SendUseCases, common::route::routes};

routes! {
    /// The routes of the function `inbox`.
    inbox in "inbox", PhpBot<ListConversations> {
        get "/api/conversations" Read => list_conversations, "phpListConversations", "List conversations";
        get "/api/get-conversations" Read => list_conversations, "phpGetConversations", "List conversations (script spelling)";
        get "/api/get-conversations.php" Read => list_conversations, "phpGetConversationsByScript", "List conversations (script spelling)";
        get "/api/conversations/{id}/messages" Read => list_messages::by_path, "phpListMessages", "List the messages of a conversation";
        get "/api/get-conversation-messages.php" Read => list_messages::by_query, "phpListMessagesByScript", "List the messages of a conversation (script spelling)";
        post "/api/conversations/{id}/toggle-ai" Send => toggle_ai::by_path, "phpToggleAi", "Switch the bot on or off";
        post "/api/toggle-ai.php" Send => toggle_ai::by_query, "phpToggleAiByScript", "Switch the bot on or off (script spelling)";
        get "/api/check-updates" Read => check_updates, "checkUpdates", "Poll for updates";
        get "/api/check-updates.php" Read => check_updates, "checkUpdatesByScript", "Poll for updates (script spelling)";
        get "/api/check-conversation-updates" Read => check_conversation_updates, "checkConversationUpdates", "Poll for updates of the conversation list";
        get "/api/check-conversation-updates.php" Read => check_conversation_updates, "checkConversationUpdatesByScript", "Poll for updates of the conversation list (script spelling)";
    }
    /// The routes of the function `reply`.
    reply in "reply", PhpBot<Reply> where Arc<SendUseCases> {
        post "/api/conversations/{id}/reply" Send => reply::by_path, "replyToConversation", "Reply into a conversation";
        // Any method: this contract answers a wrong one in its own words, so the gateway must not.
        any "/api/reply-conversation.php" Send => reply::by_query, "replyByScript", "Reply into a conversation (script spelling)";
    }
}
