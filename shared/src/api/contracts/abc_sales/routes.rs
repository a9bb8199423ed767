//! The routes of ABC Sales.

use super::{AbcSales, inbox, reply};
use crate::api::common::route::routes;

routes! {
    /// What the function `inbox` answers.
    inbox in "inbox", AbcSales {
        get "/v1/messaging-channel-connections" Read => inbox::connections, "listChannelConnections", "The channels that a message can go out on";
        get "/v1/leads/{leadID}/conversations" Read => inbox::said, "readLeadConversations", "What was said to and by a lead";
        get "/v1/attachments/{id}/download" Read => inbox::attachment, "downloadAttachment", "Where an attachment can be read";
    }
    /// What the function `reply` answers.
    reply in "reply", AbcSales {
        post "/v1/leads/{leadID}/conversations/reply" Send => reply::reply, "replyToLead", "Reply to a lead";
        post "/v1/webhooks/leads" Send => reply::upsert, "tellOfLead", "Tell of a lead";
    }
}
