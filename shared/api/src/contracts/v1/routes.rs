//! The routes of our own `/v1`.

use std::sync::Arc;

use axum::extract::MatchedPath;
use http::{Method, request::Parts};

use super::{
    V1, assign_conversation, broadcasts, channels, close_conversation, get_contact, get_conversation,
    get_event, get_message, hand_over_conversation, list_contacts, list_conversations, list_events,
    list_messages, me, media, open_upload, read_conversation, rename_contact, send_message, suppressions,
    templates, tickets,
};
use crate::{
    app::{BroadcastUseCases, SendUseCases},
    common::route::routes,
};

/// The query parameters of a request's route; empty for an unknown route.
pub(super) fn parameters(parts: &Parts) -> &'static [&'static str] {
    let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    // A `HEAD` is a `GET` whose response has no body.
    let method = if parts.method == Method::HEAD { Method::GET } else { parts.method.clone() };
    let row =
        ROUTES.iter().find(|row| Some(row.path) == path && method.as_str().eq_ignore_ascii_case(row.method));
    row.map_or(&[], |row| row.parameters)
}
use ventanilla_core::usecases::Files;

routes! {
    /// The routes of the function `inbox`.
    inbox in "inbox", V1 where Arc<Files> {
        get "/v1/me" AnyKey => me::show: fn() -> me::MeView, "getMe", "Show the caller";
        get "/v1/conversations" Read => list_conversations::list: fn() -> super::read::List<super::conversation::ConversationView>, "listConversations", "List conversations", ["assignee", "channel_id", "cursor", "limit", "order", "phone", "status", "unassigned", "unread"];
        get "/v1/conversations/{id}" Read => get_conversation::one: fn() -> super::conversation::ConversationView, "getConversation", "A conversation";
        post "/v1/conversations/{id}/assign" Send => assign_conversation::assign: fn(assign_conversation::Assignment) -> super::conversation::ConversationView, "assignConversation", "Let somebody look after a conversation";
        post "/v1/conversations/{id}/close" Send => close_conversation::close: fn() -> super::conversation::ConversationView, "closeConversation", "Close a conversation";
        post "/v1/conversations/{id}/reopen" Send => close_conversation::reopen: fn() -> super::conversation::ConversationView, "reopenConversation", "Reopen a conversation";
        post "/v1/conversations/{id}/handoff" Send => hand_over_conversation::hand_over: fn(hand_over_conversation::HandOver) -> super::conversation::ConversationView, "handOverConversation", "Hand a conversation over to a person or to the bot";
        post "/v1/conversations/{id}/read" Send => read_conversation::read: fn(read_conversation::Reading) -> read_conversation::ReadView, "readConversation", "Mark a conversation as read";
        get "/v1/conversations/{id}/messages" Read => list_messages::list: fn() -> list_messages::MessagePage, "listMessages", "List the messages of a conversation", ["cursor", "include", "limit", "order"];
        get "/v1/messages/{id}" Read => get_message::one: fn() -> super::message_detail::DetailView, "getMessage", "A message, and what became of it if it is ours", ["include"];
        get "/v1/contacts" Read => list_contacts::list: fn() -> super::read::List<super::contact::ContactView>, "listContacts", "List contacts", ["cursor", "limit", "order", "phone", "q", "user_id"];
        get "/v1/contacts/{id}" Read => get_contact::one: fn() -> super::contact::ContactView, "getContact", "A contact with all their addresses";
        patch "/v1/contacts/{id}" Send => rename_contact::rename: fn(rename_contact::ContactChange) -> super::contact::ContactView, "renameContact", "Rename a contact";
        get "/v1/channels" Read => channels::list: fn() -> channels::ChannelPage, "listChannels", "List channels";
        get "/v1/channels/{id}" Read => channels::one: fn() -> channels::ChannelView, "getChannel", "A channel, and how it stands";
        get "/v1/media/{id}" Read => media::one: fn() -> media::FileView, "getMedia", "A file, and where it can be read";
        get "/v1/media/download/{id}" Read => media::download, "downloadMedia", "Where a file can be read";
        get "/v1/events" Read => list_events::list: fn() -> list_events::EventPage, "listEvents", "What happened, from a place in the log on", ["after", "conversation_id", "cursor", "limit", "type", "wait"];
        get "/v1/events/{id}" Read => get_event::one: fn() -> super::event::EventView, "getEvent", "An event, with what it is about";
        post "/v1/socket/tickets" Read => tickets::make: fn() -> tickets::TicketView, "makeSocketTicket", "A right to open one socket, once, within a minute";
    }
    /// The routes of the function `send`.
    send in "send", V1 where Arc<SendUseCases> {
        post "/v1/conversations/{id}/messages" Send => send_message::into_conversation, "createConversationMessage", "Send a message into a conversation";
        post "/v1/messages" Send => send_message::to_somebody, "createMessage", "Send a message to a recipient";
        post "/v1/media" Send => open_upload::open: fn(open_upload::NewUpload) -> open_upload::UploadView, "openUpload", "An address to put a file to";
    }
    /// The routes of the function `sync-templates`.
    sync_templates in "sync-templates", V1 {
        get "/v1/templates" Read => templates::list: fn() -> super::read::List<templates::TemplateView<'static>>, "listMessageTemplates", "List message templates", ["channel_id", "cursor", "limit", "status"];
        get "/v1/templates/{name}" Read => templates::one: fn() -> templates::LanguagesView<'static>, "getMessageTemplate", "A message template in all its languages", ["channel_id"];
    }
    /// The routes of the function `send-template`.
    send_template in "send-template", V1 where Arc<BroadcastUseCases> {
        post "/v1/broadcasts" Send => broadcasts::create, "createBroadcast", "Send a message to many", ["dry_run"];
        get "/v1/broadcasts" Read => broadcasts::list, "listBroadcasts", "List broadcasts, the newest first", ["cursor", "limit", "order"];
        get "/v1/broadcasts/{id}" Read => broadcasts::get, "getBroadcast", "A broadcast, and how many of its recipients stand where";
        post "/v1/broadcasts/{id}/cancel" Send => broadcasts::cancel, "cancelBroadcast", "End a broadcast for all who were not begun";
        get "/v1/broadcasts/{id}/recipients" Read => broadcasts::list_recipients, "listBroadcastRecipients", "List a broadcast's recipients, and where each one stands", ["cursor", "limit", "outcome"];
        get "/v1/suppressions" Read => suppressions::list, "listSuppressions", "List who wants no marketing templates", ["cursor", "limit"];
        put "/v1/suppressions/{address}" Send => suppressions::suppress, "suppress", "Suppress marketing to an address";
        delete "/v1/suppressions/{address}" Send => suppressions::unsuppress, "unsuppress", "Remove a suppression";
    }
}
