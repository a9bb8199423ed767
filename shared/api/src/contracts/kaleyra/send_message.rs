//! Kaleyra's API V2, whichever provider the business number is at: sends a message or a read receipt.

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, StatusCode, request::Parts};
use serde_json::json;

use super::{
    errors::Kaleyra,
    request::{self as wanted, AROUND, Asked, Message},
    types::{Accepted, AcceptedData},
};
use crate::app::{App, SendUseCases};
use crate::common::{
    AuthError, Encoded, Failure, Unavailable,
    access::{Authorized, Contract, scope},
    body::{self, API_LIMIT},
    query::refuse_dry_run,
    request::{self, PathParams, path_param},
    respond,
    send::{SendInput, as_command},
    sent_by,
};
use ventanilla_core::{
    domain::{caller::Caller, id::Wamid, phone::Phone, sent_by::SentBy},
    ports::{
        clock::Deadline,
        credentials::{CredentialError, Freshness},
    },
    usecases::sending::{Recipient, Replay, SendCommand, Sent},
};

/// The effect of a request.
#[derive(Debug)]
enum RequestEffect {
    /// A message was accepted.
    Sent(Box<Sent>),
    /// A read receipt was sent.
    Read,
}

/// The result of a request, and whether it is a replay.
type Ended = (Result<RequestEffect, Failure>, Replay);

/// The sending number, its caller, and the sender within the company.
struct Sender {
    caller: Caller,
    sent_by: Option<SentBy>,
    number: Phone,
}

pub(super) async fn send_message(
    Authorized { app, caller, use_cases, .. }: Authorized<scope::Send, Kaleyra, Arc<SendUseCases>>,
    params: PathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let deadline = request::deadline(&parts, app.clock.as_ref());
    let mut cut = Vec::new();
    let (result, replay) = match asked(&app, caller, &params, &parts, body).await {
        Ok((sender, Asked::Send(message))) => {
            cut.clone_from(&message.cut);
            let command = command(&app, &parts, deadline, sender, *message).await;
            let outcome = use_cases.conclude(command).await;
            (outcome.result.map(|sent| RequestEffect::Sent(Box::new(sent))), outcome.replay)
        }
        Ok((sender, Asked::Read(wamid))) => read(&app, deadline, &sender, &wamid).await,
        Err(failure) => {
            respond::log(&failure);
            (Err(failure), Replay::Original)
        }
    };
    respond::answer(answered(&result, &cut), result.as_ref().err(), replay)
}

async fn asked(
    app: &App,
    caller: Caller,
    params: &PathParams,
    parts: &Parts,
    body: Body,
) -> Result<(Sender, Asked), Failure> {
    // An invalid number does not belong to the account.
    let number = Phone::parse(path_param(params, "phone_number")).map_err(|_| Failure::NoChannel)?;
    let mut sender = Sender { caller, sent_by: None, number };
    stands_for(app, &sender, path_param(params, "sid")).await?;
    AROUND.check_query(&parts.uri)?;
    refuse_dry_run(&parts.uri)?;
    let bytes = body::read(body, API_LIMIT).await?;
    let asked = wanted::request(&bytes)?;
    sender.sent_by = sent_by::of_body(&bytes)?;
    Ok((sender, asked))
}

/// Checks the SID: the tenant's own id, in any case, or the SID of any of its channels at Kaleyra. So a client keeps
/// its SID when one of its numbers moves to Meta.
async fn stands_for(app: &App, sender: &Sender, sid: &str) -> Result<(), Failure> {
    let tenant = &sender.caller.tenant;
    if sid.eq_ignore_ascii_case(tenant.as_str()) {
        return Ok(());
    }
    let mut failure = AuthError::BadKey.into();
    for channel in app.core.ports.directory.channels_of(tenant).await? {
        match app.core.ports.credentials.channel(channel.id, Freshness::Cached).await {
            Ok(secret) if secret.account() == Some(sid) => return Ok(()),
            Err(error @ CredentialError::Unavailable) => failure = Unavailable::Secrets(error).into(),
            _ => {}
        }
    }
    Err(failure)
}

async fn command(
    app: &App,
    parts: &Parts,
    deadline: Deadline,
    sender: Sender,
    message: Message,
) -> Result<SendCommand, Failure> {
    let Message { to, content, quotes, quote, references, .. } = message;
    let quotes = app.quoted(&sender.caller.tenant, quote).await?.or(quotes);
    let recipient = Recipient::Through { sender: sender.number, to };
    let input =
        SendInput { quotes, references, ..SendInput::new("send through a number", recipient, content) };
    as_command(parts, &sender.caller, sender.sent_by, deadline, input)
}

async fn read(app: &App, deadline: Deadline, sender: &Sender, wamid: &Wamid) -> Ended {
    let read = app.core.actions.mark_read(&sender.caller.tenant, &sender.number, wamid, deadline).await;
    let result = read.map(|()| RequestEffect::Read).map_err(Failure::from);
    if let Err(failure) = &result {
        respond::log(failure);
    }
    (result, Replay::Original)
}

/// The response of a request. `cut` are the references that were cut.
fn answered(outcome: &Result<RequestEffect, Failure>, cut: &[&'static str]) -> Encoded {
    let truncated = cut.to_vec();
    match outcome {
        // The user id of a customer without a number is an addition of ours.
        Ok(RequestEffect::Sent(sent)) => accepted(AcceptedData {
            message_id: Some(sent.id.get().to_string()),
            user_id: sent.user_id.as_ref().map(|id| id.as_str().to_owned()),
            outcome: None,
            truncated,
        }),
        Ok(RequestEffect::Read) => accepted(AcceptedData::default()),
        // Told to retry, its clients would send the message twice: it is accepted, and its outcome is
        // reported by `/v1/messages/{id}` and the status webhook, as with every 202 of this contract.
        Err(Failure::Unknown(id)) => accepted(AcceptedData {
            message_id: Some(id.get().to_string()),
            user_id: None,
            outcome: Some("unknown"),
            truncated,
        }),
        Err(failure) => Kaleyra::failed(failure),
    }
}

fn accepted(data: AcceptedData) -> Encoded {
    let body = json!(Accepted::from(data));
    Encoded { status: StatusCode::ACCEPTED, headers: HeaderMap::new(), body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_outcome_does_not_invite_a_retry() {
        let answer = answered(&Err(Failure::Unknown("7".parse().unwrap())), &["ref1"]);
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        let expected = json!({ "message_id": "7", "outcome": "unknown", "truncated": ["ref1"] });
        assert_eq!(answer.body["data"], expected);
    }
}
