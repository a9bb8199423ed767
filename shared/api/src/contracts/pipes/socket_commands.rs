//! Processes the frames of sockets in the contract of Pipes.bot: replies and reactions, each answered by a
//! `reply_status`. The sockets' function processes them on arrival, the sweep what was left.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::app::{App, SendUseCases};
use crate::common::respond;
use crate::{
    common::{AuthError, Failure, InputError, Unavailable},
    contracts::pipes::{self, Asked, CodedError, SocketCommand, Unsent},
};
use ventanilla_core::{
    domain::{
        caller::{Caller, Scope},
        frame::{Frame, OPERATION},
        socket::{Audience, Grant},
    },
    ports::{clock::Deadline, credentials::Freshness, sockets::Connections, store::StoreError},
    usecases::{
        Disconnect, Push,
        files::BYTES_TAKE,
        live::{FrameHandler, FrameNotHandled},
        sending::{ContentSource, Recipient, SendCommand, Sent},
    },
};

/// Processes frames, each with the permissions that it arrived with, even after its socket closed.
pub struct CarriesOut {
    app: App,
    send: Arc<SendUseCases>,
    push: Push,
    disconnect: Disconnect,
    connections: Arc<dyn Connections>,
}

impl CarriesOut {
    /// Builds it for the function of this application that has these use cases and connections.
    #[must_use]
    pub fn new(app: App, send: Arc<SendUseCases>, connections: &Arc<dyn Connections>) -> Self {
        let ports = &app.core.ports;
        let (push, disconnect) = (Push::new(ports, connections), Disconnect::new(ports, connections));
        Self { app, send, push, disconnect, connections: Arc::clone(connections) }
    }
}

#[async_trait]
impl FrameHandler for CarriesOut {
    fn time_needed(&self, frame: &Frame) -> Duration {
        match pipes::asked(frame.body.as_bytes()) {
            Ok(Asked { command: SocketCommand::File(_), .. }) => BYTES_TAKE,
            // A text reports itself when the time is up, and for an invalid frame nothing is sent.
            _ => Duration::ZERO,
        }
    }

    async fn handle_frame(&self, frame: &Frame, deadline: Deadline) -> Result<(), FrameNotHandled> {
        let Some(Answer { text, again }) = self.answer(frame, deadline).await else { return Ok(()) };
        match (self.connections.send_frame(&frame.socket, &text).await, again) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(again)) => Err(again),
            // The outcome of the message is stored.
            (Err(error), None) => {
                tracing::info!(tenant = %frame.tenant, %error, "the socket of a reply is gone before its status could be sent");
                Ok(())
            }
        }
    }
}

/// The answer to a processed frame.
struct Answer {
    text: String,
    /// Why the frame must be processed again if its client is gone: something did not respond before anything
    /// was sent.
    again: Option<FrameNotHandled>,
}

/// Why a frame sent nothing, or why that is unknown.
enum Stopped {
    /// The API key of its socket is no longer valid. The client gets no answer.
    Revoked,
    /// The tenant has no such conversation. The client gets no answer, as at the vendor (the vendor's
    /// documents).
    Foreign,
    /// Its socket was opened for another conversation or channel.
    OutOfScope(Audience),
    /// Any failure of a request.
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl CarriesOut {
    /// Processes one frame. `None` where it has no answer.
    async fn answer(&self, frame: &Frame, deadline: Deadline) -> Option<Answer> {
        let asked = match pipes::asked(frame.body.as_bytes()) {
            Ok(asked) => asked,
            Err(error) => {
                let coded = pipes::coded_error(&Failure::Input(error));
                return Some(Answer { text: pipes::error(coded.code, &coded.text), again: None });
            }
        };
        let ended = |ended: Result<&Sent, &Unsent>, again| {
            let text = pipes::reply_status(Some(&asked.given), ended, asked.client.as_ref());
            Some(Answer { text, again })
        };
        match self.run_command(frame, &asked, deadline).await {
            Ok(sent) => ended(Ok(&sent), None),
            Err(Stopped::Failed(failure)) => {
                respond::log(&failure);
                let again = match &failure {
                    // A retry cannot decode the row either.
                    Failure::Unavailable(Unavailable::Store(StoreError::Corrupt(_))) => None,
                    Failure::Unavailable(problem) => Some(FrameNotHandled(problem.to_string())),
                    _ => None,
                };
                ended(Err(&failure.into()), again)
            }
            Err(Stopped::OutOfScope(audience)) => ended(Err(&out_of_scope(audience).into()), None),
            Err(Stopped::Foreign) => {
                tracing::warn!(tenant = %frame.tenant, "a reply to an unknown conversation");
                None
            }
            Err(Stopped::Revoked) => {
                tracing::warn!(tenant = %frame.tenant, "a frame of a socket with a revoked key is not processed");
                if let Err(error) = self.disconnect.drop_socket(&frame.socket).await {
                    tracing::warn!(tenant = %frame.tenant, %error, "the socket of a revoked key is closed later");
                }
                None
            }
        }
    }

    /// Sends the content of a frame.
    async fn run_command(&self, frame: &Frame, asked: &Asked, deadline: Deadline) -> Result<Sent, Stopped> {
        let core = &self.app.core;
        let grant = self.grant(frame).await?;
        // After all keys expired: the rest of a socket's rows outlive its API key.
        let caller = match core.ports.directory.api_key(&grant.key, Freshness::Refreshed).await? {
            Some(key) if key.revoked_at.is_some() || key.tenant != frame.tenant => {
                return Err(Stopped::Revoked);
            }
            Some(key) if !key.scopes.contains(&Scope::Send) => {
                return Err(Failure::from(AuthError::Forbidden(Scope::Send)).into());
            }
            Some(key) => Caller { tenant: key.tenant, key: key.name, scopes: key.scopes, kind: key.kind },
            None => return Err(Stopped::Revoked),
        };
        let place = match asked.conversation {
            Some(id) => core.ports.ctx.conversation(&frame.tenant, id).await?,
            None => None,
        };
        let place = place.ok_or(Stopped::Foreign)?;
        if !self.push.reaches(grant.audience, &place).await? {
            return Err(Stopped::OutOfScope(grant.audience));
        }
        self.app.contradiction(&place, &asked.besides.claim).await?;
        let quotes = self.app.quoted(&frame.tenant, asked.besides.quote.clone()).await?;
        let source = self.what(frame, &asked.command).await?;
        let recipient = Recipient::Conversation(place.id);
        let command = SendCommand {
            key: Some(frame.key()),
            quotes,
            sent_by: caller.sender(asked.sent_by.clone()),
            ..SendCommand::new(frame.tenant.clone(), OPERATION, recipient, source, deadline)
        };
        let command = self.send.ready("media", command).await?;
        let answer = Box::pin(self.send.sending.send(&command)).await;
        answer.outcome.map_err(|error| Stopped::Failed(error.into()))
    }

    /// The permissions of a frame. Old frames, which do not store them, have those of their socket.
    async fn grant(&self, frame: &Frame) -> Result<Grant, Stopped> {
        if let Some(grant) = &frame.grant {
            return Ok(grant.clone());
        }
        let opened = self.app.core.ports.sockets.opened(&frame.socket).await?;
        opened.and_then(|opened| opened.grant()).ok_or(Stopped::Revoked)
    }

    async fn what(&self, frame: &Frame, command: &SocketCommand) -> Result<ContentSource, Failure> {
        match command {
            SocketCommand::Send(content) => Ok(ContentSource::Content(content.clone())),
            SocketCommand::React { to, emoji } => {
                let known = self.app.core.conversations.provider_id(&frame.tenant, *to).await?;
                let known =
                    known.ok_or_else(|| InputError::field("messageId", "is none of a message of yours"))?;
                Ok(ContentSource::Content(pipes::react(known.as_str(), emoji)?))
            }
            SocketCommand::File(asked) => Ok(ContentSource::File(asked.clone())),
            SocketCommand::TooLong(error) => Err(error.clone().into()),
        }
    }
}

/// Only the rejection is documented (the vendor's documents); the code is ours.
fn out_of_scope(audience: Audience) -> CodedError {
    let text = match audience {
        Audience::Conversation { .. } => "This connection is scoped to another conversation.",
        Audience::Channel { .. } | Audience::Tenant => "This connection is scoped to another pool number.",
    };
    CodedError { code: "CONVERSATION_SCOPE_MISMATCH", text: text.into() }
}
