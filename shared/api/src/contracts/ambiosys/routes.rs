//! The routes of AmbioSys, as one table.

use std::sync::Arc;

use super::{
    AmbioSys, list_conversations, list_templates, read_conversation, send_in_conversation, send_template,
    send_to_number,
};
use crate::{
    app::{BroadcastUseCases, SendUseCases},
    common::route::routes,
};

routes! {
    /// The routes of the function `inbox`.
    inbox in "inbox", AmbioSys {
        get "/api/whatsapp/conversations" Read => list_conversations::list, "listWhatsappConversations", "List conversations";
        get "/api/whatsapp/conversations/{conversationId}" Read => read_conversation::one, "getWhatsappConversation", "A conversation with its messages";
    }
    /// The routes of the function `send`.
    send in "send", AmbioSys where Arc<SendUseCases> {
        post "/api/whatsapp/send" Send => send_to_number::send, "sendToNumber", "Send a text to a phone number";
        post "/api/whatsapp/conversations/{conversationId}/messages" Send => send_in_conversation::send, "sendInConversation", "Send a text in a conversation";
    }
    /// The routes of the function `send-template`.
    send_template in "send-template", AmbioSys where Arc<BroadcastUseCases> {
        post "/api/whatsapp/send-template" Send => send_template::to_many, "sendTemplate", "Send a template to one or many";
    }
    /// The routes of the function `sync-templates`.
    sync_templates in "sync-templates", AmbioSys {
        get "/api/whatsapp/templates" Read => list_templates::list, "listTemplates", "List the templates of the default channel";
    }
}
