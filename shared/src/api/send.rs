//! The way of every request that sends one message: caller, body, key, core.

use axum::body::Body;
use http::request::Parts;

use super::{
    auth::Clients,
    body::{self, API_LIMIT},
    idempotency,
    policy::{self, Choice},
    request, respond,
};
use crate::{
    assembly::App,
    contract::{Failure, InputError},
    domain::{caller::Scope, content::Content, id::RequestRef},
    service::send::{Recipient, Replay, SendCommand, Sent},
};

/// What a contract reads from a request.
#[derive(Debug)]
pub struct Wish {
    /// Which kind of request it is.
    pub operation: &'static str,
    /// Who gets it.
    pub recipient: Recipient,
    /// What.
    pub content: Content,
    /// The caller's own reference.
    pub request: Option<RequestRef>,
    /// Whether the request may choose what is done when its outcome stays open.
    pub choice: Choice,
}

/// How a request to send ended.
#[derive(Debug)]
pub struct Outcome {
    /// The result.
    pub result: Result<Sent, Failure>,
    /// Whether it is an earlier one given again.
    pub replay: Replay,
}

impl App {
    /// Carries out a request to send, whose body `read` understands.
    pub async fn carry_out(
        &self,
        parts: &Parts,
        body: Body,
        clients: Clients,
        read: impl FnOnce(&[u8]) -> Result<Wish, InputError>,
    ) -> Outcome {
        let outcome = match self.command(parts, body, clients, read).await {
            Ok(command) => {
                let answer = Box::pin(self.core.send(&command)).await;
                Outcome { result: answer.outcome.map_err(Failure::from), replay: answer.replay }
            }
            Err(failure) => Outcome { result: Err(failure), replay: Replay::Original },
        };
        if let Err(failure) = &outcome.result {
            respond::log(failure);
        }
        outcome
    }

    async fn command(
        &self,
        parts: &Parts,
        body: Body,
        clients: Clients,
        read: impl FnOnce(&[u8]) -> Result<Wish, InputError>,
    ) -> Result<SendCommand, Failure> {
        let deadline = request::deadline(parts, self.clock.as_ref());
        let caller = self.caller(&parts.headers, Scope::Send, clients).await?;
        let key = idempotency::key(&parts.headers)?;
        let bytes = body::read(body, API_LIMIT).await?;
        let Wish { operation, recipient, content, request, choice } = read(&bytes)?;
        let policy = policy::policy(&parts.headers, choice)?;
        let tenant = caller.tenant;
        Ok(SendCommand { tenant, operation, recipient, content, request, key, policy, deadline })
    }
}
