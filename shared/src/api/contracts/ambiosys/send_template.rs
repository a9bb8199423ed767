//! `POST /api/whatsapp/send-template`: up to a hundred recipients are answered in the call; longer lists, and
//! what there was no time for, go on as a broadcast.

mod answer;
mod background;
mod outcome;
mod request;
mod results;

use std::{sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, response::Response};
use http::request::Parts;

use self::{
    background::{going_on, overflowing, wish},
    outcome::Told,
    request::{TemplateRequest, template_request},
    results::told,
};
use super::{
    errors::{AmbioSys, MaySend},
    near_misses::TEMPLATE,
};
use crate::{
    api::common::{
        Failure,
        access::Authorized,
        body::{self, MANY_LIMIT},
        idempotency,
        policy::{self, Choice},
        prefer::{self, PREFERENCE_APPLIED, RESPOND_ASYNC, Wait},
        query::{Flag, Params, dry_run},
        request::deadline as deadline_of,
        respond, sent_by,
    },
    domain::{
        broadcast::{Entry, EntryRecipient, MOST_AT_ONCE},
        content::Content,
        id::{BroadcastId, RequestRef},
        template::Problem,
    },
    port::clock::Deadline,
    service::{
        broadcast::BeginError,
        send::{Common, Individual, ManyCommand, Pace, Replay},
        templates::Fitting,
    },
};

/// What is kept of the time of a call for writing down whom there was no time left for.
const FOR_THE_REST: Duration = Duration::from_secs(5);

/// How a request ended.
enum Ended {
    /// For each recipient.
    Each(Vec<Told>),
    /// It goes on.
    GoesOn(Vec<Told>, BroadcastId, Replay),
    /// It is open whether it goes on.
    Open(BroadcastId),
    /// Its template is wrong for everybody.
    WrongTemplate(Vec<Problem>),
}

pub(super) async fn to_many(sender: MaySend, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let failure = match Box::pin(send(&sender, &parts, body)).await {
        Ok(Ended::WrongTemplate(problems)) => {
            tracing::info!(problems = problems.len(), "a template message was refused before sending");
            return respond::answer(answer::wrong_template(&problems), None, Replay::Original);
        }
        Ok(Ended::GoesOn(results, job, replay)) => {
            let mut answer = respond::answer(answer::goes_on(&results, job), None, replay);
            if prefer::wait(&parts.headers) == Wait::ForNothing {
                answer.headers_mut().insert(PREFERENCE_APPLIED, RESPOND_ASYNC);
            }
            return answer;
        }
        Ok(Ended::Open(job)) => return respond::answer(answer::maybe_begun(job), None, Replay::Original),
        Ok(Ended::Each(results)) => {
            return respond::answer(answer::sent_to_many(&results), None, Replay::Original);
        }
        Err(failure) => failure,
    };
    respond::failed::<AmbioSys>(&failure)
}

async fn send(Authorized { app, caller, .. }: &MaySend, parts: &Parts, body: Body) -> Result<Ended, Failure> {
    let deadline = deadline_of(parts, app.clock.as_ref());
    let key = idempotency::key(&parts.headers)?;
    policy::policy(&parts.headers, Choice::AtMostOnce)?;
    let bytes = body::read(body, MANY_LIMIT).await?;
    let sent_by = caller.sender(sent_by::of_body(&bytes)?);
    TEMPLATE.check_query(&parts.uri)?;
    let TemplateRequest { template, mut recipients, channel: chosen, dry_run: dry } =
        template_request(&bytes)?;
    let dry = dry || dry_run(&Params::read(&parts.uri))? == Flag::On;
    app.core.mark_duplicates(&caller.tenant, key.as_ref(), &mut recipients).await?;
    let channel = match &chosen {
        Some((field, id)) => app.own_channel(&caller.tenant, field, *id).await?,
        None => app.core.default_channel(&caller.tenant).await?,
    };
    let command = ManyCommand {
        tenant: caller.tenant.clone(),
        content: Content::Template(template.clone()),
        recipients: open(&recipients),
        channel: chosen.map(|(_, id)| id),
        sent_by,
        broadcast: None,
        key,
        deadline,
    };
    let wish = wish(&command, &recipients);
    if !dry && let Some(earlier) = app.core.begun_broadcast(&wish).await? {
        return going_on(app, earlier).await;
    }
    if let Fitting::Wrong(problems) = app.core.fitting_soon(&channel, &template, deadline).await?
        && !app.core.begun_before(&command).await?
    {
        return Ok(Ended::WrongTemplate(problems));
    }
    if dry {
        return Ok(Ended::Each(told(&recipients, app.core.try_many(&command).await?)));
    }
    let later = recipients.len() > MOST_AT_ONCE || prefer::wait(&parts.headers) == Wait::ForNothing;
    if later && !command.recipients.is_empty() {
        return match app.core.begin_broadcast(wish, deadline).await {
            Ok(begun) => going_on(app, begun).await,
            Err(BeginError::Not(error)) => Err(error.into()),
            Err(BeginError::Doubtful(job, error)) => {
                tracing::error!(%error, broadcast = %job, "it is open whether a broadcast was begun");
                Ok(Ended::Open(job))
            }
        };
    }
    let pace = Arc::new(Pace::new(channel.pace(), Common::GoOn));
    // Time is kept for putting on record whom there is none left for.
    let until = app.clock.now().until(deadline.0).saturating_sub(FOR_THE_REST);
    let in_time = ManyCommand { deadline: Deadline(app.clock.now().plus(until)), ..command };
    let sent = app.core.send_to_many(&in_time, &pace).await;
    if sent.iter().any(|one| matches!(one, Individual::NotBegun)) {
        return overflowing(app, wish, deadline, sent).await;
    }
    Ok(Ended::Each(told(&recipients, sent)))
}

/// Those who can be tried.
fn open(entries: &[Entry]) -> Vec<(EntryRecipient, Option<RequestRef>)> {
    let open = entries.iter().filter(|entry| entry.outcome.is_open());
    open.filter_map(|entry| Some((entry.recipient()?, entry.request))).collect()
}
