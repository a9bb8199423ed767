//! What comes over a socket: replies and reactions, each answered by a `reply_status` in the order in which they
//! came.

use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use http::StatusCode;
use ventanilla::{
    assembly::App,
    contract::{
        Failure, InputError,
        pipes::{self, Asked, Told, Unsent, Wish},
    },
    domain::{
        caller::Scope,
        conversation::Conversation,
        frame::{Frame, OPERATION},
        socket::{Audience, Phase, Socket, SocketId},
        time::Timestamp,
    },
    port::{book::StoreError, clock::Deadline, credentials::Freshness},
    service::{
        files::BYTES_TAKE,
        send::{Recipient, SendCommand, SendError, Sent, What},
        socket::Deals,
    },
};

pub(super) async fn message(
    app: &App,
    id: &SocketId,
    event: ApiGatewayWebsocketProxyRequest,
    deadline: Deadline,
) -> StatusCode {
    let taken = async {
        let known = app.core.sockets.socket(id).await?;
        let Some(socket) = known.filter(|socket| socket.phase != Phase::Lost) else {
            turn_away(app, id).await?;
            return Ok(StatusCode::GONE);
        };
        if pipes::is_ping(event.body.as_deref().unwrap_or_default().as_bytes()) {
            app.core.posts.post(id, &pipes::pong()).await.ok();
            return Ok(StatusCode::OK);
        }
        let Some(frame) = frame(&socket, event) else { return Ok(StatusCode::BAD_REQUEST) };
        app.core.in_turn(frame, deadline, &Answering { app, socket: &socket, deadline }).await?;
        Ok::<_, StoreError>(StatusCode::OK)
    };
    match taken.await {
        Ok(status) => status,
        Err(error) => {
            tracing::error!(metric = "frame_failed", %error,
                "a frame could not be dealt with; if it is on record, the next one's call will");
            let told = pipes::error("UNAVAILABLE", "The frame could not be dealt with now; it may still be.");
            // Best effort: the gateway may be out of reach as well.
            app.core.posts.post(id, &told).await.ok();
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// What comes over a socket that is none of ours any more, though it is still open: its client hears that nothing
/// was done, and comes again.
async fn turn_away(app: &App, id: &SocketId) -> Result<(), StoreError> {
    tracing::error!(
        metric = "frame_failed",
        "a frame of a socket that is given up; nothing was done with it"
    );
    let told = pipes::error("CONNECTION_LOST", "Nothing was done with the frame; connect again.");
    // Best effort: it may be gone.
    app.core.posts.post(id, &told).await.ok();
    app.core.drop_socket(id).await
}

fn frame(socket: &Socket, event: ApiGatewayWebsocketProxyRequest) -> Option<Frame> {
    let context = event.request_context;
    Some(Frame {
        tenant: socket.tenant.clone(),
        socket: socket.id.clone(),
        came_at: Timestamp::from_millis(context.request_time_epoch),
        name: context.message_id.or(context.request_id)?,
        body: event.body.unwrap_or_default(),
    })
}

/// Deals with the frames of a socket.
struct Answering<'a> {
    app: &'a App,
    socket: &'a Socket,
    deadline: Deadline,
}

#[async_trait]
impl Deals for Answering<'_> {
    fn takes(&self, frame: &Frame) -> Duration {
        match pipes::asked(frame.body.as_bytes()) {
            Ok(Asked { wish: Wish::File(_), .. }) => BYTES_TAKE,
            // A text says by itself what there is no time for, and nothing is to be sent for what cannot be read.
            _ => Duration::ZERO,
        }
    }

    async fn deal(&self, frame: &Frame) {
        act(self.app, self.socket, frame, self.deadline).await;
    }
}

/// Deals with one frame and answers it. The answer is best effort; what became of the message is on record.
async fn act(app: &App, socket: &Socket, frame: &Frame, deadline: Deadline) {
    let answer = match pipes::asked(frame.body.as_bytes()) {
        Ok(asked) => match carry_out(app, socket, frame, &asked, deadline).await {
            Ok(Some(ended)) => {
                let ended = ended.as_ref();
                Some(pipes::reply_status(Some(&asked.given), ended, asked.client.as_ref()))
            }
            Ok(None) => None,
            Err(Revoked) => {
                if let Err(error) = app.core.drop_socket(&socket.id).await {
                    tracing::warn!(tenant = %socket.tenant, %error, "the socket of a revoked key is closed later");
                }
                None
            }
        },
        Err(error) => {
            let told = pipes::told(&Failure::Input(error));
            Some(pipes::error(told.code, &told.text))
        }
    };
    if let Some(answer) = answer
        && let Err(error) = app.core.posts.post(&socket.id, &answer).await
    {
        tracing::info!(tenant = %socket.tenant, %error, "nobody is there to hear how a reply ended");
    }
}

/// The key that the socket was opened with is not good any more.
struct Revoked;

type Ended = Result<Sent, Unsent>;

/// Sends what a frame wants sent. None where nothing may be said.
async fn carry_out(
    app: &App,
    socket: &Socket,
    frame: &Frame,
    asked: &Asked,
    deadline: Deadline,
) -> Result<Option<Ended>, Revoked> {
    let failed = |failure: Failure| Ok(Some(Err(Unsent::from(failure))));
    match app.core.directory.api_key(&socket.key, Freshness::Cached).await {
        Ok(Some(key)) if key.revoked_at.is_none() && key.scopes.contains(&Scope::Send) => {}
        Ok(Some(key)) if key.revoked_at.is_none() => {
            return failed(ventanilla::contract::AuthError::Forbidden.into());
        }
        Ok(_) => return Err(Revoked),
        Err(error) => return failed(error.into()),
    }
    let place = match conversation(app, socket, asked).await {
        Ok(Some(place)) => place,
        // Silent to the client, as the vendor's own server is (seed 003).
        Ok(None) => {
            tracing::warn!(tenant = %socket.tenant, "a reply to a conversation that the tenant does not have");
            return Ok(None);
        }
        Err(error) => return failed(error.into()),
    };
    match app.core.reaches(socket, &place).await {
        Ok(true) => {}
        Ok(false) => return Ok(Some(Err(out_of_scope(&socket.audience).into()))),
        Err(error) => return failed(error.into()),
    }
    let what = match what(app, socket, &asked.wish).await {
        Ok(what) => what,
        Err(failure) => return failed(failure),
    };
    let recipient = Recipient::Conversation(place.id);
    let command = SendCommand {
        key: Some(frame.key()),
        ..SendCommand::new(socket.tenant.clone(), OPERATION, recipient, what, deadline)
    };
    let command = match app.ready("media", command).await {
        Ok(command) => command,
        Err(failure) => return failed(failure),
    };
    let answer = Box::pin(app.core.send(&command)).await;
    Ok(Some(answer.outcome.map_err(|error: SendError| Failure::from(error).into())))
}

async fn conversation(app: &App, socket: &Socket, asked: &Asked) -> Result<Option<Conversation>, StoreError> {
    let Some(id) = asked.conversation else { return Ok(None) };
    app.core.conversation(&socket.tenant, id).await
}

/// Not documented but for that it is rejected (seed 003); the code is ours.
fn out_of_scope(audience: &Audience) -> Told {
    let text = match audience {
        Audience::Conversation { .. } => "This connection is scoped to another conversation.",
        Audience::Channel { .. } | Audience::Tenant => "This connection is scoped to another pool number.",
    };
    Told { code: "CONVERSATION_SCOPE_MISMATCH", text: text.into() }
}

async fn what(app: &App, socket: &Socket, wish: &Wish) -> Result<What, Failure> {
    match wish {
        Wish::Send(content) => Ok(What::Content(content.clone())),
        Wish::React { to, emoji } => {
            let known = app.core.provider_id(&socket.tenant, *to).await?;
            let known =
                known.ok_or_else(|| InputError::field("messageId", "is none of a message of yours"))?;
            Ok(What::Content(pipes::react(known.as_str(), emoji)?))
        }
        Wish::File(asked) => Ok(What::File(asked.clone())),
    }
}
