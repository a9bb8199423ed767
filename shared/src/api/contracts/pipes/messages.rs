//! The operations that send over HTTP.

use axum::{body::Body, extract::Request, response::Response};
use http::request::Parts;

use super::{
    Pipes, PipesAsMeta,
    near_misses::{FROM_POOL_NUMBER, PASSTHROUGH, SEND},
};
use crate::{
    api::{
        common::{
            Failure, InputError,
            access::{Authorized, scope},
            body::{self, API_LIMIT, FILE_LIMIT},
            policy::Choice,
            request, respond,
            send::{Besides, Outcome, Wish, as_command},
            sent_by,
        },
        contracts::pipes::{self, Message, ids},
    },
    assembly::App,
    domain::id::{ConversationId, TenantId},
    service::send::{Recipient, SendCommand},
};

/// A caller who may pass messages through.
type MayPass = Authorized<scope::Send, PipesAsMeta>;

pub(super) async fn send(sender: Authorized<scope::Send, Pipes>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut asked = None;
    let command = into_conversation(&sender, &parts, body, &mut asked).await;
    let outcome = sender.app.conclude(command).await;
    let answer = pipes::sent(&outcome.result, asked);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}

/// The command; `asked` is the conversation that the request names.
async fn into_conversation(
    Authorized { app, caller, .. }: &Authorized<scope::Send, Pipes>,
    parts: &Parts,
    body: Body,
    asked: &mut Option<ConversationId>,
) -> Result<SendCommand, Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    SEND.check_query(&parts.uri)?;
    let bytes = body::read(body, FILE_LIMIT).await?;
    let (read, sent_by) = (pipes::send_request(&bytes)?, sent_by::of_body(&bytes)?);
    *asked = Some(read.conversation);
    let recipient = Recipient::Conversation(read.conversation);
    app.check_claim(&caller.tenant, read.conversation, &read.besides.claim).await?;
    let quotes = app.quoted(&caller.tenant, read.besides.quote).await?;
    let wish = Wish::new("send by conversation id", recipient, read.what);
    let wish = Wish { choice: Choice::Free, quotes, ..wish };
    let command = as_command(parts, caller, sent_by, deadline, wish)?;
    app.ready("media", command).await
}

pub(super) async fn through_pool_number(sender: MayPass, request: Request) -> Response {
    let mut given = None;
    let outcome = sender
        .send(request, &FROM_POOL_NUMBER, |body| {
            let mut message = pipes::app_request(body)?;
            given.clone_from(&message.given);
            let besides = Besides { quote: message.quote.take(), ..Besides::default() };
            Ok((wish("send through a pool number", message), besides))
        })
        .await;
    passed(&outcome, given.as_deref())
}

pub(super) async fn passthrough(sender: MayPass, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (command, given) = match passed_through(&sender, &parts, body).await {
        Ok((command, given)) => (Ok(command), given),
        Err(failure) => (Err(failure), None),
    };
    passed(&sender.app.conclude(command).await, given.as_deref())
}

/// The command, and the recipient as the request spells them.
async fn passed_through(
    Authorized { app, caller, .. }: &MayPass,
    parts: &Parts,
    body: Body,
) -> Result<(SendCommand, Option<String>), Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    PASSTHROUGH.check_query(&parts.uri)?;
    let bytes = body::read(body, API_LIMIT).await?;
    let mut message = pipes::passthrough_request(&bytes)?;
    if let Some(quoted) = app.quoted(&caller.tenant, message.quote.take()).await? {
        message.quotes = Some(quoted);
    }
    name_as_the_provider_does(app, &caller.tenant, &mut message).await?;
    let given = message.given.clone();
    let sent_by = sent_by::of_body(&bytes)?;
    Ok((as_command(parts, caller, sent_by, deadline, wish("pass through", message))?, given))
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
