//! The routes of system 3.

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::request::Parts;
use ventanilla::{
    api::{
        auth::Clients,
        body::{self, API_LIMIT, FILE_LIMIT},
        policy::Choice,
        request, respond,
        send::{Outcome, Wish, as_command},
    },
    assembly::App,
    contract::{
        Failure, InputError,
        pipes::{self, Message, ids},
        sent_by,
    },
    domain::{
        caller::Scope,
        id::{ConversationId, TenantId},
    },
    service::send::{Recipient, SendCommand},
};

pub(super) async fn send(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut asked = None;
    let command = into_conversation(&app, &parts, body, &mut asked).await;
    let outcome = app.conclude(command).await;
    let answer = pipes::sent(&outcome.result, asked);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}

/// The command; `asked` is the conversation that the request names.
async fn into_conversation(
    app: &App,
    parts: &Parts,
    body: Body,
    asked: &mut Option<ConversationId>,
) -> Result<SendCommand, Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    let caller = app.caller(&parts.headers, Scope::Send, Clients::SendKeys).await?;
    let bytes = body::read(body, FILE_LIMIT).await?;
    let (read, sent_by) = (pipes::send_request(&bytes)?, sent_by::of_body(&bytes)?);
    *asked = Some(read.conversation);
    let recipient = Recipient::Conversation(read.conversation);
    let wish = Wish::new("send by conversation id", recipient, read.what);
    let command = as_command(parts, &caller, sent_by, deadline, Wish { choice: Choice::Free, ..wish })?;
    app.ready("media", command).await
}

pub(super) async fn through_pool_number(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut given = None;
    let outcome = app
        .carry_out(&parts, body, Clients::SendKeys, |body| {
            let message = pipes::app_request(body)?;
            given.clone_from(&message.given);
            Ok(wish("send through a pool number", message))
        })
        .await;
    passed(&outcome, given.as_deref())
}

pub(super) async fn passthrough(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (command, given) = match passed_through(&app, &parts, body).await {
        Ok((command, given)) => (Ok(command), given),
        Err(failure) => (Err(failure), None),
    };
    passed(&app.conclude(command).await, given.as_deref())
}

/// The command, and the recipient as the request spells them.
async fn passed_through(
    app: &App,
    parts: &Parts,
    body: Body,
) -> Result<(SendCommand, Option<String>), Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    let caller = app.caller(&parts.headers, Scope::Send, Clients::SendKeys).await?;
    let bytes = body::read(body, API_LIMIT).await?;
    let mut message = pipes::passthrough_request(&bytes)?;
    name_as_the_provider_does(app, &caller.tenant, &mut message).await?;
    let given = message.given.clone();
    let sent_by = sent_by::of_body(&bytes)?;
    Ok((as_command(parts, &caller, sent_by, deadline, wish("pass through", message))?, given))
}

/// Puts the provider's ids in the place of ours.
async fn name_as_the_provider_does(
    app: &App,
    tenant: &TenantId,
    message: &mut Message,
) -> Result<(), Failure> {
    for (field, id) in message.named() {
        let Ok(ours) = ids::read_message(id.as_str()) else { continue };
        let theirs = app.core.provider_id(tenant, ours).await?;
        *id = theirs.ok_or_else(|| InputError::field(field, "is no message that WhatsApp knows"))?;
    }
    Ok(())
}

fn wish(operation: &'static str, message: Message) -> Wish {
    let Message { recipient, content, quotes, .. } = message;
    Wish { quotes, ..Wish::new(operation, recipient, content) }
}

fn passed(outcome: &Outcome, given: Option<&str>) -> Response {
    let answer = pipes::passed(&outcome.result, given);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}
