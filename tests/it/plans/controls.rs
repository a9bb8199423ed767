//! Ways of sending that are wrong on purpose: the harness must find them out.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;
use ventanilla::{
    api::app::App,
    domain::{
        attempt::{Attempt, State, Target},
        content::Content,
        conversation::{Conversation, Happening},
        delivery::AttemptOutcome,
        idempotency::{Fingerprint, IdempotencyKey, KeyRecord, REMEMBERED},
        message::MessageAddress,
        message_lookup::MessageLookup,
        reference::References,
    },
    ports::{
        credentials::Freshness,
        files::{DownloadError, FileReader},
        provider::{
            Acceptance, Listing, MediaDownload, Outgoing, Provider, ReadReceipt, SendFailure, TemplatePage,
            ThreadControl, Typing,
        },
        store::{Commit, Record, StoreError, Write},
    },
    usecases::Ports,
};
use ventanilla_local::functions::Functions;

use super::{rig::real, way::Case};
use crate::harness::{Stand, over};

/// Which way of sending is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// Our own code, unchanged.
    Real,
    /// Sends first and saves then, as the PHP bot does.
    SendThenSave,
    /// Takes a lock for the key, and gives it back when anything fails, as idempotency wrappers do.
    LockDeletedOnError,
    /// Ours, over a client that calls again when it got no answer.
    BlindRetry,
}

/// How long such a lock holds while its owner works.
const LOCKED: Duration = Duration::from_secs(30);

impl Path {
    /// The functions that this way of sending works with.
    pub(super) fn fitted(self, functions: Functions) -> Functions {
        if self == Self::BlindRetry {
            let ports = functions.app.core.ports.clone();
            let provider = Arc::new(CallingAgain(Arc::clone(&ports.provider)));
            return over(&functions, Ports { provider, ..ports });
        }
        functions
    }

    /// Answers the client's request.
    pub(super) async fn serve(self, functions: &Functions, case: &Case) -> Response {
        let ended = match self {
            Self::Real | Self::BlindRetry => return real(functions, case).await,
            Self::SendThenSave => send_then_save(&functions.app, case).await,
            Self::LockDeletedOnError => locked(&functions.app, case).await,
        };
        match ended {
            Ok(()) => (StatusCode::OK, json!({ "success": true }).to_string()).into_response(),
            Err(problem) => (StatusCode::INTERNAL_SERVER_ERROR, problem).into_response(),
        }
    }
}

struct CallingAgain(Arc<dyn Provider>);

#[async_trait]
impl Provider for CallingAgain {
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure> {
        match self.0.send(outgoing).await {
            Err(SendFailure::Ambiguous(_)) => self.0.send(outgoing).await,
            other => other,
        }
    }

    async fn mark_read(&self, receipt: ReadReceipt<'_>) -> Result<Typing, SendFailure> {
        self.0.mark_read(receipt).await
    }

    async fn thread_control(&self, asked: ThreadControl<'_>) -> Result<(), SendFailure> {
        self.0.thread_control(asked).await
    }

    async fn file(&self, download: MediaDownload<'_>) -> Result<Box<dyn FileReader>, DownloadError> {
        self.0.file(download).await
    }

    async fn templates(&self, listing: Listing<'_>) -> Result<TemplatePage, SendFailure> {
        self.0.templates(listing).await
    }
}

#[expect(clippy::needless_pass_by_value, reason = "so that it fits into map_err")]
fn text(error: StoreError) -> String {
    error.to_string()
}

async fn send_then_save(app: &App, case: &Case) -> Result<(), String> {
    let core = &app.core;
    let tenant = Stand::tenant();
    let id = case.conversation.to_string().parse().unwrap();
    let place =
        core.ports.ctx.conversation(&tenant, id).await.map_err(text)?.ok_or("no such conversation")?;
    let channel = core.ports.directory.channel(&tenant, place.channel).await.map_err(text)?.unwrap();
    let secret = core.ports.credentials.channel(channel.id, Freshness::Cached).await.unwrap();
    let content = Content::plain(case.text.clone().try_into().unwrap());
    let address =
        MessageAddress { conversation: place.id, at: core.ports.ctx.ids.now(), id: core.ports.ctx.ids.id() };
    let (to, echo) = (place.recipient().unwrap(), address.to_echo());
    let timeout = Duration::from_secs(8);
    let outgoing = Outgoing {
        channel: &channel,
        secret: &secret,
        to: &to,
        content: &content,
        quotes: None,
        references: &References::default(),
        echo: &echo,
        timeout,
    };
    let taken = core.ports.provider.send(outgoing).await.map_err(|failure| format!("{failure:?}"))?;
    save(app, place, address, content, taken).await
}

async fn save(
    app: &App,
    mut place: Conversation,
    address: MessageAddress,
    content: Content,
    taken: Acceptance,
) -> Result<(), String> {
    let core = &app.core;
    let mut attempt = Attempt::new(place.tenant.clone(), address, Target::Conversation, content);
    attempt.channel = Some(place.channel);
    attempt.state = State::Accepted { wamid: taken.wamid.clone() };
    let channel = core.ports.directory.channel(&place.tenant, place.channel).await.map_err(text)?.unwrap();
    // A status may arrive first; only the seeded fault must be found.
    for _ in 0..5 {
        let mut message = attempt.message(place.channel, AttemptOutcome::Accepted, Some(taken.wamid.clone()));
        place.apply(&Happening::Sent(&message));
        let known = core
            .ports
            .ctx
            .store
            .message_lookup(&channel.inbound_address(), &taken.wamid)
            .await
            .map_err(text)?;
        let mut lookup = known.unwrap_or_else(|| MessageLookup::unseen(&channel, &taken.wamid));
        message.merge_facts(&lookup.parked);
        lookup.message = Some(address);
        let changes = vec![
            Write::Put(Record::Attempt(attempt.clone())),
            Write::Put(Record::Message(message)),
            Write::Put(Record::MessageLookup(lookup)),
            Write::Put(Record::Conversation(place.clone())),
        ];
        if core.ports.ctx.store.commit(changes).await.map_err(text)? == Commit::Committed {
            return Ok(());
        }
        let found = core.ports.ctx.conversation(&place.tenant, place.id).await.map_err(text)?;
        place = found.ok_or("no such conversation")?;
    }
    Err("somebody was quicker".to_owned())
}

async fn locked(app: &App, case: &Case) -> Result<(), String> {
    let core = &app.core;
    let now = core.ports.ctx.ids.now();
    let key = IdempotencyKey::parse(&case.text).unwrap().hashed("locked");
    let known = core.ports.attempts.key(&Stand::tenant(), &key).await.map_err(text)?;
    if known.as_ref().is_some_and(|known| known.expires_at > now) {
        return Err("the key is in use".to_owned());
    }
    let mut lock = KeyRecord {
        tenant: Stand::tenant(),
        key,
        fingerprint: Fingerprint::of(&case.text),
        message: core.ports.ctx.ids.id(),
        expires_at: now.plus(LOCKED),
        rev: known.map_or(0, |known| known.rev),
    };
    if core.ports.ctx.store.commit(vec![Write::Put(Record::Key(lock.clone()))]).await.map_err(text)?
        == Commit::Conflict
    {
        return Err("the key is in use".to_owned());
    }
    lock.rev += 1;
    let sent = send_then_save(app, case).await;
    // Given back on failure, kept on success.
    lock.expires_at = if sent.is_err() { now } else { now.plus(REMEMBERED) };
    core.ports.ctx.store.commit(vec![Write::Put(Record::Key(lock))]).await.map_err(text)?;
    sent
}
