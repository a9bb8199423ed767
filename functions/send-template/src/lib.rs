//! Templates to one or many, in the contract of AmbioSys.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware,
    response::Response,
    routing::post,
};
use http::request::Parts;
use ventanilla::{
    api::{
        auth::Clients,
        body::{self, MANY_LIMIT},
        idempotency,
        policy::{self, Choice},
        request::{self, named},
        respond,
    },
    assembly::App,
    contract::{
        Failure,
        ambiosys::{self, Outcome, TemplateRequest},
    },
    domain::{caller::Scope, content::Content},
    service::send::{Individual, ManyCommand, Replay},
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/whatsapp/send-template", post(to_many))
        .layer(middleware::from_fn(named))
        .with_state(app)
}

async fn to_many(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let ended = send(&app, &parts, body).await;
    if let Err(failure) = &ended {
        respond::log(failure);
    }
    respond::answer(ambiosys::sent_to_many(&ended), ended.as_ref().err(), Replay::Original)
}

async fn send(app: &App, parts: &Parts, body: Body) -> Result<Vec<(String, Outcome)>, Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    let caller = app.caller(&parts.headers, Scope::Send, Clients::SendKeys).await?;
    let key = idempotency::key(&parts.headers)?;
    policy::policy(&parts.headers, Choice::AtMostOnce)?;
    let bytes = body::read(body, MANY_LIMIT).await?;
    let TemplateRequest { template, recipients } = ambiosys::template_request(&bytes)?;
    let command = ManyCommand {
        tenant: caller.tenant,
        operation: "send template",
        content: Content::Template(template),
        recipients: recipients.iter().filter_map(|wanted| wanted.meant.as_ref().ok().cloned()).collect(),
        key,
        deadline,
    };
    let mut tried = app.core.send_to_many(command).await?.into_iter();
    let ended = recipients.into_iter().map(|wanted| {
        let outcome = match wanted.meant {
            Ok(_) => tried.next().map_or(Outcome::BrokeOff, told),
            Err(error) => Outcome::Ended(Err(error.into()), Replay::Original),
        };
        (wanted.given, outcome)
    });
    Ok(ended.collect())
}

fn told(individual: Individual) -> Outcome {
    match individual {
        Individual::Tried(answer) => Outcome::Ended(answer.outcome.map_err(Failure::from), answer.replay),
        Individual::Duplicate => Outcome::Duplicate,
        Individual::NotBegun => Outcome::NotBegun,
        Individual::BrokeOff => Outcome::BrokeOff,
    }
}
