//! `POST /v1/broadcasts`: one message to many. It is stored when the request is answered, and sent in the
//! background.

use axum::{body::Body, extract::Request, response::Response};
use http::request::Parts;

use super::{
    Sender,
    body::{NewBroadcast, NewRecipient},
    ended::Ended,
    not_found,
    resource::BroadcastView,
    try_out::BroadcastTried,
};
use crate::{
    app::BroadcastUseCases,
    common::{
        Failure,
        body::{MANY_LIMIT, read},
        idempotency, json,
        policy::{self, Choice},
        query::{Flag, Params, dry_run},
        request, respond,
    },
    contracts::v1::{
        errors::V1,
        send_message::header::{header, with_header},
    },
};
use ventanilla_core::{
    domain::{
        broadcast::{EntryRecipient, Own, RecipientEntry},
        channel::Channel,
        content::{Content, TemplateContent},
        id::ChannelId,
        template,
    },
    usecases::{
        UseCases,
        broadcasts::{BeginError, Begun, BroadcastLookupError, BroadcastRequest, Overview},
        sending::{ManyCommand, Replay},
        templates::Fitting,
    },
};

/// The operation of the idempotency key.
const OPERATION: &str = "v1 broadcast";

pub(in crate::contracts::v1) async fn create(sender: Sender, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match Box::pin(begin(&sender, &parts, body)).await {
        Ok(ended) => ended.answer(),
        Err(failure) => respond::failed::<V1>(&failure),
    }
}

async fn begin(sender: &Sender, parts: &Parts, body: Body) -> Result<Ended, Failure> {
    let (use_cases, asked) = (&sender.use_cases, asked(sender, parts, body).await?);
    if !asked.dry
        && let Some(earlier) = asked.begun(use_cases).await?
    {
        return going_on(sender, earlier).await;
    }
    if let Some(wrong) = asked.wrong_template(&sender.app.core).await? {
        return Ok(wrong);
    }
    if asked.dry {
        let tried = use_cases.sending.try_many(&asked.command).await?;
        return Ok(Ended::Tried(BroadcastTried::of(&asked.entries, &tried)));
    }
    match use_cases.broadcasts.begin_broadcast(asked.broadcast_request(), asked.command.deadline).await {
        Ok(begun) => going_on(sender, begun).await,
        Err(BeginError::Not(error)) => Err(error.into()),
        Err(BeginError::Doubtful(id, error)) => {
            tracing::error!(%error, broadcast = %id, "it is unknown whether a broadcast was begun");
            Ok(Ended::Open(id))
        }
    }
}

struct Asked {
    /// The send request for the valid recipients.
    command: ManyCommand,
    /// The channel for recipients who are named by an address.
    channel: Channel,
    /// All recipients of the request.
    entries: Vec<RecipientEntry>,
    /// Whether it is a dry run.
    dry: bool,
}

async fn asked(sender: &Sender, parts: &Parts, body: Body) -> Result<Asked, Failure> {
    let deadline = request::deadline(parts, sender.app.clock.as_ref());
    let key = idempotency::key(&parts.headers)?;
    policy::policy(&parts.headers, Choice::AtMostOnce)?;
    let mut body: NewBroadcast = json::read(&read(body, MANY_LIMIT).await?)?;
    let dry = body.is_dry() || dry_run(&Params::read(&parts.uri))? == Flag::On;
    let (named, sent_by) = (body.channel(), sender.caller.sender(body.sender()?));
    let content = with_header(&sender.use_cases.files, &sender.caller.tenant, body.content()?).await?;
    let tenant = sender.caller.tenant.clone();
    let channel = sender.app.core.channels.channel_or_default(&tenant, named).await?;
    let recipients = with_headers(sender, body.recipients(&content)?).await?;
    let mut entries = entries(sender, channel.id, recipients).await?;
    sender.use_cases.broadcasts.mark_duplicates(&tenant, key.as_ref(), &mut entries).await?;
    let recipients = open(&entries);
    let command =
        ManyCommand { tenant, content, channel: named, recipients, sent_by, broadcast: None, key, deadline };
    Ok(Asked { command, channel, entries, dry })
}

impl Asked {
    fn broadcast_request(&self) -> BroadcastRequest {
        let ManyCommand { tenant, content, channel, sent_by, key, .. } = &self.command;
        BroadcastRequest {
            operation: OPERATION,
            tenant: tenant.clone(),
            content: content.clone(),
            channel: *channel,
            entries: self.entries.clone(),
            sent_by: sent_by.clone(),
            key: key.clone(),
        }
    }

    /// The broadcast that an earlier request with the same key began. A key with sent recipients but no
    /// broadcast was used in another contract.
    async fn begun(&self, use_cases: &BroadcastUseCases) -> Result<Option<Begun>, BroadcastLookupError> {
        let request = self.broadcast_request();
        match use_cases.broadcasts.begun_broadcast(&request).await? {
            Some(earlier) => Ok(Some(earlier)),
            None if use_cases.sending.begun_before(&self.command).await? => {
                // A concurrent request may have begun just now.
                use_cases
                    .broadcasts
                    .begun_broadcast(&request)
                    .await?
                    .ok_or(BroadcastLookupError::KeyReused)
                    .map(Some)
            }
            None => Ok(None),
        }
    }

    /// The first template that the provider would reject, and its recipient.
    async fn wrong_template(&self, core: &UseCases) -> Result<Option<Ended>, Failure> {
        let mut copy: Option<Box<template::Template>> = None;
        for (recipient, sent) in self.templates() {
            if copy.as_ref().is_some_and(|copy| template::check(copy, &sent).is_empty()) {
                continue;
            }
            match core.template_validation.fitting_soon(&self.channel, &sent, self.command.deadline).await? {
                Fitting::Fits(found) => copy = Some(found),
                Fitting::Unknown => return Ok(None),
                Fitting::Wrong(problems) => return Ok(Some(Ended::WrongTemplate { recipient, problems })),
            }
        }
        Ok(None)
    }

    /// The templates as they are sent: that of recipients without values of their own, and one for each
    /// recipient with such values, with the position.
    fn templates(&self) -> Vec<(Option<usize>, TemplateContent)> {
        let sent = |own: &Own| match self.command.content_for(own) {
            Content::Template(sent) => Some(sent),
            _ => None,
        };
        let with_own = |entry: &RecipientEntry| entry.components.is_some();
        let places = self.entries.iter().enumerate().filter(|(_, entry)| with_own(entry));
        let own = places.filter_map(|(place, entry)| Some((Some(place), sent(&entry.own())?)));
        let common = (!self.entries.iter().all(with_own)).then(|| sent(&Own::default())).flatten();
        common.map(|sent| (None, sent)).into_iter().chain(own).collect()
    }
}

/// The recipients with the files of their own headers.
async fn with_headers(
    sender: &Sender,
    mut recipients: Vec<(NewRecipient, Own)>,
) -> Result<Vec<(NewRecipient, Own)>, Failure> {
    let files = &sender.use_cases.files;
    for (place, (_, own)) in recipients.iter_mut().enumerate() {
        if let Some(components) = &own.components {
            own.header =
                header(files, &sender.caller.tenant, &format!("recipients[{place}].components"), components)
                    .await?;
        }
    }
    Ok(recipients)
}

/// The entries; contacts are replaced by how they are reached on the channel now.
async fn entries(
    sender: &Sender,
    channel: ChannelId,
    asked: Vec<(NewRecipient, Own)>,
) -> Result<Vec<RecipientEntry>, Failure> {
    let contacts: Vec<_> = asked.iter().filter_map(|(it, _)| it.contact()).collect();
    let found =
        sender.use_cases.broadcasts.contacts_as_recipients(&sender.caller.tenant, channel, &contacts).await?;
    let mut found = found.into_iter();
    let entry = |(it, own): (NewRecipient, Own)| {
        let contact = it.contact().and_then(|_| found.next().flatten());
        it.entry(own, contact)
    };
    Ok(asked.into_iter().map(entry).collect())
}

/// The recipients that can be tried.
fn open(entries: &[RecipientEntry]) -> Vec<(EntryRecipient, Own)> {
    let open = entries.iter().filter(|entry| entry.outcome.is_open());
    open.filter_map(|entry| Some((entry.recipient()?, entry.own()))).collect()
}

async fn going_on(sender: &Sender, begun: Begun) -> Result<Ended, Failure> {
    let (overview, replay) = match begun {
        Begun::New(broadcast, entries) => (Overview::begun(broadcast, &entries), Replay::Original),
        Begun::Earlier(broadcast, _) => {
            let found =
                sender.use_cases.broadcasts.broadcast_overview(&broadcast.tenant, broadcast.id).await?;
            (found.ok_or_else(not_found)?, Replay::Replayed)
        }
    };
    Ok(Ended::GoesOn { id: overview.broadcast.id, shown: BroadcastView::of(&overview).into(), replay })
}
