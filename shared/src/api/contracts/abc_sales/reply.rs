//! The operations that write: a reply to a lead, and what a company tells of one.

use axum::{body::Body, extract::Request, response::Response};
use http::request::Parts;

use super::{
    errors::{AbcSales, MaySend},
    talk::NEAR_MISSES,
};
use crate::{
    api::{
        common::{
            Failure,
            access::Authorized,
            body::{self, API_LIMIT},
            file::Places,
            query::refuse_dry_run,
            request::{self, PathParams, path_param},
            respond,
            send::{Wish, as_command},
            sent_by,
        },
        contracts::abc_sales,
    },
    domain::{
        id::{ChannelId, ContactId},
        lead::LeadName,
    },
    service::send::{Recipient, SendCommand, SendError},
};

/// Where a reply names its attachment, and the text that goes along with it.
const PLACES: Places = Places { file: "s3_attachment", text: "content" };

pub(super) async fn reply(sender: MaySend, params: PathParams, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let name = LeadName::read(path_param(&params, "leadID"));
    let (command, to) = match wanted(&sender, &parts, &name, body).await {
        Ok((command, to)) => (Ok(command), Some(to)),
        Err(failure) => (Err(failure), None),
    };
    let outcome = sender.app.conclude(command).await;
    let answer = abc_sales::replied(&outcome.result, to);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}

/// The command, and whom it goes to on which channel.
async fn wanted(
    Authorized { app, caller, .. }: &MaySend,
    parts: &Parts,
    name: &LeadName,
    body: Body,
) -> Result<(SendCommand, (ContactId, ChannelId)), Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    NEAR_MISSES.check_query(&parts.uri)?;
    let bytes = body::read(body, API_LIMIT).await?;
    let (read, sent_by) = (abc_sales::reply_request(&bytes)?, sent_by::of_body(&bytes)?);
    let lead = app.core.lead_id(&caller.tenant, name).await?;
    let lead = lead.ok_or(Failure::Send(SendError::ConversationNotFound))?;
    let recipient = Recipient::Lead { lead, channel: read.channel };
    let quotes = app.quoted(&caller.tenant, read.quote).await?;
    let wish = Wish { quotes, ..Wish::new("reply to lead", recipient, read.what) };
    let command = as_command(parts, caller, sent_by, deadline, wish)?;
    Ok((app.ready(PLACES, command).await?, (lead, read.channel)))
}

pub(super) async fn upsert(Authorized { app, caller, .. }: MaySend, request: Request) -> Response {
    let kept = async {
        refuse_dry_run(request.uri())?;
        let told = abc_sales::lead_told(&body::read(request.into_body(), API_LIMIT).await?)?;
        let (upserted, lead) = app.core.upsert_lead(&caller.tenant, &told).await?;
        Ok(abc_sales::kept(upserted, &lead))
    };
    respond::answered::<AbcSales>(kept.await)
}
