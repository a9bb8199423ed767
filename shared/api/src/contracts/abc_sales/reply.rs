//! `POST /v1/leads/{leadID}/conversations/reply`: a reply to a lead.

mod body;

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http::{StatusCode, request::Parts};

#[cfg(feature = "schema")]
pub(super) use self::body::LeadReply;
use self::body::NEAR_MISSES;
pub use self::body::{ReplyRequest, reply_request};
use super::{
    errors::{AbcSales, MaySend},
    types::{LeadEntry, LeadReplied, LeadRepliedData, done},
};
use crate::app::SendUseCases;
use crate::common::{
    Failure, Missing,
    access::{Authorized, Contract},
    body::{API_LIMIT, read as read_body},
    file::Places,
    request::{self, PathParams, path_param},
    respond,
    send::{SendInput, as_command},
    sent_by,
};
use ventanilla_core::{
    domain::{
        delivery::DeliveryStatus,
        id::{ChannelId, ContactId},
        lead::LeadName,
        message::Direction,
    },
    usecases::sending::{Recipient, SendCommand, Sent},
};

/// The fields of a reply's attachment and caption.
const PLACES: Places = Places { file: "s3_attachment", text: "content" };

pub(super) async fn reply(
    sender: MaySend<Arc<SendUseCases>>,
    params: PathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let name = LeadName::read(path_param(&params, "leadID"));
    let (command, to) = match wanted(&sender, &parts, &name, body).await {
        Ok(wanted) => wanted,
        Err(failure) => return respond::failed::<AbcSales>(&failure),
    };
    let outcome = sender.use_cases.conclude(Ok(command)).await;
    let answer = match &outcome.result {
        Ok(sent) => done(StatusCode::OK, &replied(sent, to)),
        Err(failure) => AbcSales::failed(failure),
    };
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}

/// The send request, with the lead and the channel.
async fn wanted(
    Authorized { app, caller, use_cases, .. }: &MaySend<Arc<SendUseCases>>,
    parts: &Parts,
    name: &LeadName,
    body: Body,
) -> Result<(SendCommand, (ContactId, ChannelId)), Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    NEAR_MISSES.check_query(&parts.uri)?;
    let bytes = read_body(body, API_LIMIT).await?;
    let (read, sent_by) = (reply_request(&bytes)?, sent_by::of_body(&bytes)?);
    let lead = app.core.leads.lead_id(&caller.tenant, name).await?;
    let lead = lead.ok_or(Failure::NotFound(Missing::Lead))?;
    let recipient = Recipient::Lead { lead, channel: read.channel };
    let quotes = app.quoted(&caller.tenant, read.quote).await?;
    let input = SendInput { quotes, ..SendInput::new("reply to lead", recipient, read.what) };
    let command = as_command(parts, caller, sent_by, deadline, input)?;
    Ok((use_cases.ready(PLACES, command).await?, (lead, read.channel)))
}

/// The response to an accepted reply.
fn replied(sent: &Sent, (lead_id, channel): (ContactId, ChannelId)) -> LeadReplied {
    let conversation = LeadEntry {
        id: sent.id,
        lead_id,
        messaging_channel_connection_id: channel,
        direction: Direction::Outbound,
        kind: sent.content.kind().to_owned(),
        content: sent.content.text().map(str::to_owned),
        status: DeliveryStatus::Accepted,
        created_at: sent.at.iso_millis(),
        attachment: sent.content.sent_file().map(|file| (&file.attachment).into()),
        error: None,
    };
    LeadReplied { data: LeadRepliedData { conversation } }
}
