//! The routes of our own `/v1`.

use super::{
    V1, broadcasts, contacts, conversations, create_broadcast, events, media, messages, send_message,
    suppressions, tickets, upload,
};
use crate::api::common::route::routes;

routes! {
    /// What the function `inbox` answers.
    inbox in "inbox", V1 {
        get "/v1/conversations" Read => conversations::list, "listConversations", "List conversations";
        get "/v1/conversations/{id}" Read => conversations::one, "getConversation", "A conversation";
        post "/v1/conversations/{id}/assign" Send => conversations::assign, "assignConversation", "Let somebody look after a conversation";
        post "/v1/conversations/{id}/close" Send => conversations::close, "closeConversation", "Close a conversation";
        post "/v1/conversations/{id}/reopen" Send => conversations::reopen, "reopenConversation", "Reopen a conversation";
        post "/v1/conversations/{id}/handoff" Send => conversations::hand_over, "handOverConversation", "Hand a conversation over to a person or to the bot";
        post "/v1/conversations/{id}/read" Send => conversations::read, "readConversation", "Mark a conversation as read";
        get "/v1/conversations/{id}/messages" Read => messages::list, "listMessages", "List the messages of a conversation";
        get "/v1/messages/{id}" Read => messages::one, "getMessage", "A message, and what became of it if it is ours";
        get "/v1/contacts" Read => contacts::list, "listContacts", "List contacts";
        get "/v1/contacts/{id}" Read => contacts::one, "getContact", "A contact with all their addresses";
        patch "/v1/contacts/{id}" Send => contacts::rename, "renameContact", "Rename a contact";
        get "/v1/media/{id}" Read => media::one, "getMedia", "A file, and where it can be read";
        get "/v1/media/download/{id}" Read => media::download, "downloadMedia", "Where a file can be read";
        get "/v1/events" Read => events::events, "listEvents", "What happened, from a place in the log on";
        post "/v1/socket/tickets" Read => tickets::make, "makeSocketTicket", "A right to open one socket, once, within a minute";
    }
    /// What the function `send` answers.
    send in "send", V1 {
        post "/v1/conversations/{id}/messages" Send => send_message::into_conversation, "createConversationMessage", "Send a message into a conversation";
        post "/v1/messages" Send => send_message::to_somebody, "createMessage", "Send a message to somebody";
        post "/v1/media" Send => upload::open, "openUpload", "An address to put a file to";
    }
    /// What the function `send-template` answers.
    send_template in "send-template", V1 {
        post "/v1/broadcasts" Send => create_broadcast::create, "createBroadcast", "Send a message to many";
        get "/v1/broadcasts" Read => broadcasts::list, "listBroadcasts", "List broadcasts, the newest first";
        get "/v1/broadcasts/{id}" Read => broadcasts::overview, "getBroadcast", "A broadcast, and how many of its recipients stand where";
        post "/v1/broadcasts/{id}/cancel" Send => broadcasts::cancel, "cancelBroadcast", "End a broadcast for all who were not begun";
        get "/v1/broadcasts/{id}/recipients" Read => broadcasts::recipients, "listBroadcastRecipients", "List a broadcast's recipients, and where each one stands";
        get "/v1/suppressions" Read => suppressions::list, "listSuppressions", "List who wants no marketing templates";
        put "/v1/suppressions/{address}" Send => suppressions::stop, "suppress", "Send somebody no marketing templates any more";
        delete "/v1/suppressions/{address}" Send => suppressions::resume, "unsuppress", "Take somebody off the list";
    }
}
