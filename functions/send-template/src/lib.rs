//! Templates to one or many, in the contract of AmbioSys; and who does not want marketing, in our own.

mod suppressions;

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware,
    response::Response,
    routing::{get, post, put},
};
use http::request::Parts;
use ventanilla::{
    api::{
        auth::Clients,
        body::{self, MANY_LIMIT},
        idempotency,
        policy::{self, Choice},
        query::{Flag, Params, flag},
        request::{self, named},
        respond,
    },
    assembly::App,
    contract::{
        Failure,
        ambiosys::{self, Outcome, TemplateRequest, Wanted},
    },
    domain::{caller::Scope, content::Content, template::Problem},
    port::clock::Deadline,
    service::{
        send::{Individual, ManyCommand, Replay},
        templates::Fitting,
    },
};

/// How long a template may be looked for before the message is sent without a look at it.
const LOOKING: Duration = Duration::from_secs(11);

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/whatsapp/send-template", post(to_many))
        .route("/v1/suppressions", get(suppressions::list))
        .route("/v1/suppressions/{address}", put(suppressions::stop).delete(suppressions::resume))
        .layer(middleware::from_fn(named))
        .with_state(app)
}

/// How a request ended.
enum Ended {
    /// For each recipient.
    Each(Vec<(String, Outcome)>),
    /// Its template is wrong for everybody.
    WrongTemplate(Vec<Problem>),
}

async fn to_many(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let ended = match send(&app, &parts, body).await {
        Ok(Ended::WrongTemplate(problems)) => {
            tracing::info!(problems = problems.len(), "a template message was refused before sending");
            return respond::answer(ambiosys::wrong_template(&problems), None, Replay::Original);
        }
        Ok(Ended::Each(results)) => Ok(results),
        Err(failure) => {
            respond::log(&failure);
            Err(failure)
        }
    };
    respond::answer(ambiosys::sent_to_many(&ended), ended.as_ref().err(), Replay::Original)
}

async fn send(app: &App, parts: &Parts, body: Body) -> Result<Ended, Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    let caller = app.caller(&parts.headers, Scope::Send, Clients::SendKeys).await?;
    let key = idempotency::key(&parts.headers)?;
    policy::policy(&parts.headers, Choice::AtMostOnce)?;
    let dry = flag(&Params::read(&parts.uri), "dry_run")?;
    let bytes = body::read(body, MANY_LIMIT).await?;
    let TemplateRequest { template, recipients } = ambiosys::template_request(&bytes)?;
    let channel = app.core.default_channel(&caller.tenant).await?;
    let command = ManyCommand {
        tenant: caller.tenant,
        operation: "send template",
        content: Content::Template(template.clone()),
        recipients: recipients.iter().filter_map(|wanted| wanted.meant.as_ref().ok().cloned()).collect(),
        key,
        deadline,
    };
    // What is not in the copy is looked for at the provider, which must not use up the time for sending.
    let soon = Deadline(deadline.0.min(app.clock.now().plus(LOOKING)));
    let fitting = Box::pin(app.core.fitting(&channel, &template, soon));
    let fitting = tokio::time::timeout(LOOKING, fitting).await.unwrap_or(Ok(Fitting::Unknown))?;
    if let Fitting::Wrong(problems) = fitting
        && !app.core.begun_before(&command).await?
    {
        return Ok(Ended::WrongTemplate(problems));
    }
    let tried = match dry {
        Flag::Off => app.core.send_to_many(command).await?,
        Flag::On => app.core.try_many(&command).await?,
    };
    Ok(Ended::Each(paired(recipients, tried)))
}

/// Each recipient as they were named, with what became of them; those that could not be read fail alone.
fn paired(recipients: Vec<Wanted>, tried: Vec<Individual>) -> Vec<(String, Outcome)> {
    let mut tried = tried.into_iter();
    let pair = |wanted: Wanted| {
        let outcome = match wanted.meant {
            Ok(_) => tried.next().map_or(Outcome::BrokeOff, told),
            Err(error) => Outcome::Ended(Err(error.into()), Replay::Original),
        };
        (wanted.given, outcome)
    };
    recipients.into_iter().map(pair).collect()
}

fn told(individual: Individual) -> Outcome {
    match individual {
        Individual::Tried(answer) => Outcome::Ended(answer.outcome.map_err(Failure::from), answer.replay),
        Individual::Duplicate => Outcome::Duplicate,
        Individual::WouldBeSent => Outcome::WouldBeSent,
        Individual::NotBegun => Outcome::NotBegun,
        Individual::BrokeOff => Outcome::BrokeOff,
    }
}
