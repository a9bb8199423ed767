//! The routes of the PHP bot, each under its path and under its script's name.

use super::{
    errors::{Conversations, PhpBot, Reply},
    inbox, reply,
};
use crate::api::common::route::routes;

routes! {
    /// What the function `inbox` answers.
    inbox in "inbox", PhpBot<Conversations> {
        get "/api/conversations" Read => inbox::conversations, "phpListConversations", "List conversations";
        get "/api/get-conversations" Read => inbox::conversations, "phpGetConversations", "List conversations (script spelling)";
        get "/api/get-conversations.php" Read => inbox::conversations, "phpGetConversationsByScript", "List conversations (script spelling)";
        get "/api/conversations/{id}/messages" Read => inbox::messages, "phpListMessages", "List the messages of a conversation";
        get "/api/get-conversation-messages.php" Read => inbox::messages_by_query, "phpListMessagesByScript", "List the messages of a conversation (script spelling)";
        post "/api/conversations/{id}/toggle-ai" Send => inbox::toggle_ai, "phpToggleAi", "Switch the bot on or off";
        post "/api/toggle-ai.php" Send => inbox::toggle_ai_by_query, "phpToggleAiByScript", "Switch the bot on or off (script spelling)";
        get "/api/check-updates" Read => inbox::check_updates, "checkUpdates", "Ask for news";
        get "/api/check-updates.php" Read => inbox::check_updates, "checkUpdatesByScript", "Ask for news (script spelling)";
        get "/api/check-conversation-updates" Read => inbox::check_conversation_updates, "checkConversationUpdates", "Ask for news of the list";
        get "/api/check-conversation-updates.php" Read => inbox::check_conversation_updates, "checkConversationUpdatesByScript", "Ask for news of the list (script spelling)";
    }
    /// What the function `reply` answers.
    reply in "reply", PhpBot<Reply> {
        post "/api/conversations/{id}/reply" Send => reply::by_path, "replyToConversation", "Reply into a conversation";
        any "/api/reply-conversation.php" Send => reply::by_query, "replyByScript", "Reply into a conversation (script spelling)";
    }
}
