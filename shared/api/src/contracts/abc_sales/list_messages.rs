//! `GET /v1/leads/{leadID}/conversations`: the messages with a lead, newest first. An entry is a message, on
//! any channel.

use std::borrow::Cow;

use axum::response::Response;
use http::{StatusCode, Uri};

use super::{
    errors::{AbcSales, Reader},
    types::{EntryError, LeadConversations, LeadConversationsData, LeadEntry, Meta, done},
};
use crate::common::{
    Failure, Missing,
    access::Authorized,
    paging,
    query::Params,
    request::{PathParams, path_param},
    respond,
};
use ventanilla_core::domain::{id::ContactId, lead::LeadName, message::Message};

pub(super) async fn list_messages(reader: Reader, params: PathParams, uri: Uri) -> Response {
    let found = found(&reader, path_param(&params, "leadID"), &Params::read(&uri)).await;
    respond::answered::<AbcSales>(found.map(|page| done(StatusCode::OK, &page)))
}

async fn found(
    Authorized { app, caller, .. }: &Reader,
    lead: &str,
    query: &Params,
) -> Result<LeadConversations, Failure> {
    let (before, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
    let lead = app.core.leads.lead_named(&caller.tenant, &LeadName::read(lead)).await?;
    let lead = lead.ok_or(Failure::NotFound(Missing::Lead))?;
    let page = lead.lead_messages(app.inbox.as_ref(), &caller.tenant, before, limit).await?;
    Ok(LeadConversations {
        data: LeadConversationsData {
            conversations: page.items.iter().map(|message| entry(lead.id, message)).collect(),
        },
        meta: page.next.as_ref().map(|next| Meta { next_cursor: paging::cursor(next) }),
    })
}

fn entry(lead_id: ContactId, it: &Message) -> LeadEntry {
    // WhatsApp may accept a message and fail it later, also for the window.
    let error = it.facts.failed.as_ref();
    LeadEntry {
        id: it.address.id,
        lead_id,
        messaging_channel_connection_id: it.channel,
        direction: it.direction,
        kind: it.kind.clone(),
        content: it.readable().map(Cow::into_owned),
        status: it.shown(),
        created_at: it.address.at.iso_millis(),
        attachment: it.media.as_deref().map(Into::into),
        error: error.map(|it| EntryError { code: it.error_code.clone(), message: it.error.clone() }),
    }
}
