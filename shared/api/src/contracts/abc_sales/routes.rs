//! The routes of ABC Sales, as one table.

use std::sync::Arc;

use super::{
    AbcSales, download_attachment::download_attachment, list_connections::list_connections,
    list_messages::list_messages, reply, show_company::show_company, upsert_lead::upsert_lead,
};
use crate::{app::SendUseCases, common::route::routes};
use ventanilla_core::usecases::Files;

routes! {
    /// The routes of the function `inbox`.
    inbox in "inbox", AbcSales where Arc<Files> {
        get "/v1/companies/me" AnyKey => show_company, "showCompany", "Show the company of the key";
        get "/v1/messaging-channel-connections" Read => list_connections, "listChannelConnections", "The channels that a message can go out on";
        get "/v1/leads/{leadID}/conversations" Read => list_messages, "readLeadConversations", "What was said to and by a lead";
        get "/v1/attachments/{id}/download" Read => download_attachment, "downloadAttachment", "Where an attachment can be read";
    }
    /// The routes of the function `reply`.
    reply in "reply", AbcSales where Arc<SendUseCases> {
        post "/v1/leads/{leadID}/conversations/reply" Send => reply::reply, "replyToLead", "Reply to a lead";
        post "/v1/webhooks/leads" Send => upsert_lead, "tellOfLead", "Create or update a lead";
    }
}
