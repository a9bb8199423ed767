//! `POST /v1/broadcasts`: one message to many. It is on record when the request is answered, and goes out after that.

mod body;

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde_json::{Value, json};

use self::body::{NewBroadcast, NewRecipient};
use super::{
    broadcasts,
    errors::{MaySend, V1, problem},
    refusal,
};
use crate::{
    api::common::{
        Encoded, Failure,
        body::{MANY_LIMIT, read},
        idempotency,
        ids::broadcast_id,
        json,
        policy::{self, Choice},
        problem::Problem,
        query::{Flag, Params, dry_run},
        request, respond,
    },
    domain::{
        broadcast::{Entry, EntryRecipient},
        channel::Channel,
        content::Content,
        id::{BroadcastId, ChannelId, RequestRef},
        template,
    },
    service::{
        Core,
        broadcast::{BeginError, Begun, Overview, Wish},
        send::{Answer, Individual, ManyCommand, Replay, SendError},
        templates::Fitting,
    },
};

/// How a request ended.
enum Ended {
    /// The broadcast goes on.
    GoesOn(Box<Overview>, Replay),
    /// Nothing was to be sent: what would become of each recipient.
    Tried(Vec<Entry>, Vec<Individual>),
    /// Its template is wrong for everybody.
    WrongTemplate(Vec<template::Problem>),
    /// It is open whether it goes on.
    Open(BroadcastId),
}

pub(super) async fn create(sender: MaySend, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match Box::pin(begin(&sender, &parts, body)).await {
        Ok(Ended::GoesOn(overview, replay)) => {
            let body = broadcasts::shape(&overview);
            let headers = place_of(overview.broadcast.id);
            respond::answer(Encoded { status: StatusCode::ACCEPTED, headers, body }, None, replay)
        }
        Ok(Ended::Tried(entries, tried)) => {
            let (status, headers) = (StatusCode::OK, HeaderMap::new());
            let body = tried_shape(&entries, &tried);
            respond::answer(Encoded { status, headers, body }, None, Replay::Original)
        }
        Ok(Ended::WrongTemplate(problems)) => {
            tracing::info!(problems = problems.len(), "a broadcast was refused for its template");
            respond::answer(refusal::wrong_template(&problems), None, Replay::Original)
        }
        Ok(Ended::Open(id)) => respond::answer(maybe_begun(id), None, Replay::Original),
        Err(failure) => respond::failed::<V1>(&failure),
    }
}

async fn begin(sender: &MaySend, parts: &Parts, body: Body) -> Result<Ended, Failure> {
    let (core, asked) = (&sender.app.core, asked(sender, parts, body).await?);
    if !asked.dry
        && let Some(earlier) = core.begun_broadcast(&asked.wish()).await?
    {
        return going_on(sender, earlier).await;
    }
    if let Some(problems) = asked.template_problems(core).await? {
        return Ok(Ended::WrongTemplate(problems));
    }
    if asked.dry {
        let tried = core.try_many(&asked.command).await?;
        return Ok(Ended::Tried(asked.entries, tried));
    }
    match core.begin_broadcast(asked.wish(), asked.command.deadline).await {
        Ok(begun) => going_on(sender, begun).await,
        Err(BeginError::Not(error)) => Err(error.into()),
        Err(BeginError::Doubtful(id, error)) => {
            tracing::error!(%error, broadcast = %id, "it is open whether a broadcast was begun");
            Ok(Ended::Open(id))
        }
    }
}

/// What a request asks for.
struct Asked {
    /// The message, and those who can be tried.
    command: ManyCommand,
    /// The channel for those who are named by an address.
    channel: Channel,
    /// Everybody who is named.
    entries: Vec<Entry>,
    /// Whether nothing is to be sent.
    dry: bool,
}

async fn asked(sender: &MaySend, parts: &Parts, body: Body) -> Result<Asked, Failure> {
    let deadline = request::deadline(parts, sender.app.clock.as_ref());
    let key = idempotency::key(&parts.headers)?;
    policy::policy(&parts.headers, Choice::AtMostOnce)?;
    let mut body: NewBroadcast = json::read(&read(body, MANY_LIMIT).await?)?;
    let dry = body.is_dry() || dry_run(&Params::read(&parts.uri))? == Flag::On;
    let (named, sent_by) = (body.channel(), sender.caller.sender(body.sender()?));
    let content = body.content()?;
    let (core, tenant) = (&sender.app.core, sender.caller.tenant.clone());
    let channel = core.channel_or_default(&tenant, named).await?;
    let mut entries = entries(sender, channel.id, body.recipients()?).await?;
    core.mark_duplicates(&tenant, key.as_ref(), &mut entries).await?;
    let recipients = open(&entries);
    let command =
        ManyCommand { tenant, content, channel: named, recipients, sent_by, broadcast: None, key, deadline };
    Ok(Asked { command, channel, entries, dry })
}

impl Asked {
    fn wish(&self) -> Wish {
        let ManyCommand { tenant, content, channel, sent_by, key, .. } = &self.command;
        Wish {
            tenant: tenant.clone(),
            content: content.clone(),
            channel: *channel,
            entries: self.entries.clone(),
            sent_by: sent_by.clone(),
            key: key.clone(),
        }
    }

    /// What is wrong with the template for everybody, unless an earlier request under the same key began to send it.
    async fn template_problems(&self, core: &Core) -> Result<Option<Vec<template::Problem>>, Failure> {
        let Content::Template(template) = &self.command.content else { return Ok(None) };
        match core.fitting_soon(&self.channel, template, self.command.deadline).await? {
            Fitting::Wrong(problems) if !core.begun_before(&self.command).await? => Ok(Some(problems)),
            _ => Ok(None),
        }
    }
}

/// The recipients, of whom contacts are named by what they are reached by on the channel today.
async fn entries(
    sender: &MaySend,
    channel: ChannelId,
    asked: Vec<NewRecipient>,
) -> Result<Vec<Entry>, Failure> {
    let contacts: Vec<_> = asked.iter().filter_map(NewRecipient::contact).collect();
    let found = sender.app.core.contacts_as_recipients(&sender.caller.tenant, channel, &contacts).await?;
    let mut found = found.into_iter();
    let entry = |it: NewRecipient| {
        let contact = it.contact().and_then(|_| found.next().flatten());
        it.entry(contact)
    };
    Ok(asked.into_iter().map(entry).collect())
}

/// Those who can be tried.
fn open(entries: &[Entry]) -> Vec<(EntryRecipient, Option<RequestRef>)> {
    let open = entries.iter().filter(|entry| entry.outcome.is_open());
    open.filter_map(|entry| Some((entry.recipient()?, entry.request))).collect()
}

async fn going_on(sender: &MaySend, begun: Begun) -> Result<Ended, Failure> {
    match begun {
        Begun::New(broadcast, entries) => {
            Ok(Ended::GoesOn(Overview::begun(broadcast, &entries).into(), Replay::Original))
        }
        Begun::Earlier(broadcast, _) => {
            let found = sender.app.core.broadcast_overview(&broadcast.tenant, broadcast.id).await?;
            let found = found.ok_or(SendError::ConversationNotFound)?;
            Ok(Ended::GoesOn(found.into(), Replay::Replayed))
        }
    }
}

fn place_of(id: BroadcastId) -> HeaderMap {
    let place = HeaderValue::try_from(format!("/v1/broadcasts/{}", broadcast_id(id)));
    place.into_iter().map(|place| (header::LOCATION, place)).collect()
}

/// Problem details of a broadcast of which it is open whether it goes on: to be asked after before it is made again.
fn maybe_begun(id: BroadcastId) -> Encoded {
    let problem = Problem::new(StatusCode::BAD_GATEWAY, "outcome_unknown", "Outcome unknown")
        .detail("it is open whether the broadcast was begun; ask for it before you make it again")
        .with("broadcast_id", broadcast_id(id).into());
    let mut encoded = Encoded::from(problem);
    encoded.headers.extend(place_of(id));
    encoded
}

/// What would become of each recipient, as far as can be told without sending.
fn tried_shape(entries: &[Entry], tried: &[Individual]) -> Value {
    let mut tried = tried.iter();
    let rows: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let error = if entry.outcome.is_open() {
                tried.next().and_then(refused)
            } else {
                broadcasts::error_of(entry)
            };
            broadcasts::would_be(entry, error.as_ref())
        })
        .collect();
    let failed = rows.iter().filter(|row| row.get("outcome") == Some(&json!("failed"))).count();
    json!({
        "dry_run": true,
        "counts": { "total": rows.len(), "would_be_sent": rows.len() - failed, "failed": failed },
        "data": rows,
    })
}

/// Why a recipient would get nothing.
fn refused(individual: &Individual) -> Option<Value> {
    let Individual::Tried(Answer { outcome: Err(error), .. }) = individual else { return None };
    match error {
        SendError::Rejected(rejection) => Some(broadcasts::refusal(rejection)),
        SendError::ConversationNotFound => {
            let failure = Failure::Send(SendError::ConversationNotFound);
            Some(json!({ "code": failure.code(), "detail": "there is no such conversation" }))
        }
        _ => {
            let failure = Failure::Send(SendError::NoChannel);
            let Encoded { body, .. } = problem(&failure);
            Some(json!({ "code": failure.code(), "detail": body.get("title") }))
        }
    }
}
