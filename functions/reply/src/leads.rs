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
    contract::{
        Failure, file,
        salesbot::{self, What},
    },
    domain::{
        caller::Scope,
        id::{ChannelId, ContactId},
        lead::LeadName,
    },
    service::{
        files::Given,
        send::{Recipient, SendCommand, SendError},
    },
};

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
    let read = salesbot::reply_request(&body::read(body, API_LIMIT).await?)?;
    let lead = app.core.lead_id(&caller.tenant, name).await?;
    let lead = lead.ok_or(Failure::Send(SendError::ConversationNotFound))?;
    let content = match read.what {
        What::Content(content) => content,
        What::File(id, how) => {
            let taken = app.core.file_to_send(&caller.tenant, Given::Reference(id), how, deadline).await;
            taken.map_err(|problem| file::failure("s3_attachment", problem))?
        }
    };
    let recipient = Recipient::Lead { lead, channel: read.channel };
    let wish = Wish::new("reply to lead", recipient, content);
    Ok((as_command(parts, caller.tenant, deadline, wish)?, (lead, read.channel)))
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
