//! The routes of system 4 that write: a reply to a lead, and what a company tells of one.

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::request::Parts;
use ventanilla::{
    api::{
        auth::Clients,
        body::{self, API_LIMIT},
        request::{self, PathParams, path_param},
        respond,
        send::{Wish, as_command},
    },
    assembly::App,
    contract::{Failure, file::Places, salesbot, sent_by},
    domain::{
        caller::Scope,
        id::{ChannelId, ContactId},
        lead::LeadName,
    },
    service::send::{Recipient, SendCommand, SendError},
};

/// Where a reply names its attachment, and the text that goes along with it.
const PLACES: Places = Places { file: "s3_attachment", text: "content" };

pub(super) async fn reply(State(app): State<App>, params: PathParams, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let name = LeadName::read(path_param(&params, "leadID"));
    let (command, to) = match wanted(&app, &parts, &name, body).await {
        Ok((command, to)) => (Ok(command), Some(to)),
        Err(failure) => (Err(failure), None),
    };
    let outcome = app.conclude(command).await;
    let answer = salesbot::replied(&outcome.result, to);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}

/// The command, and whom it goes to on which channel.
async fn wanted(
    app: &App,
    parts: &Parts,
    name: &LeadName,
    body: Body,
) -> Result<(SendCommand, (ContactId, ChannelId)), Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    let caller = app.caller(&parts.headers, Scope::Send, Clients::SendPasswords).await?;
    let bytes = body::read(body, API_LIMIT).await?;
    let (read, sent_by) = (salesbot::reply_request(&bytes)?, sent_by::of_body(&bytes)?);
    let lead = app.core.lead_id(&caller.tenant, name).await?;
    let lead = lead.ok_or(Failure::Send(SendError::ConversationNotFound))?;
    let recipient = Recipient::Lead { lead, channel: read.channel };
    let wish = Wish::new("reply to lead", recipient, read.what);
    let command = as_command(parts, &caller, sent_by, deadline, wish)?;
    Ok((app.ready(PLACES, command).await?, (lead, read.channel)))
}

pub(super) async fn upsert(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let kept = async {
        let caller = app.caller(&parts.headers, Scope::Send, Clients::SendPasswords).await?;
        let told = salesbot::lead_told(&body::read(body, API_LIMIT).await?)?;
        let (upserted, lead) = app.core.upsert_lead(&caller.tenant, &told).await?;
        Ok(salesbot::kept(upserted, &lead))
    };
    respond::told(kept.await, salesbot::failed)
}
