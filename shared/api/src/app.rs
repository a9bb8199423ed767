//! The application state that handlers work with.

use std::sync::Arc;

use ventanilla_core::{
    domain::caller::KeyHash,
    ports::{
        clock::Clock,
        files::FileStore,
        inbox::InboxRecords,
        queue::{FetchQueue, Queue},
    },
    usecases::{Attachments, Broadcasts, Files, Inbound, Ports, Sending, UseCases},
};
use ventanilla_whatsapp::webhook_registry::WebhookRegistry;

/// The application state of every HTTP function's handlers.
#[derive(Clone)]
pub struct App {
    /// The use cases that need no queue, no bucket and no connections.
    pub core: Arc<UseCases>,
    /// Pages of conversations, messages and contacts.
    pub inbox: Arc<dyn InboxRecords>,
    /// The clock, for deadlines and defaults.
    pub clock: Arc<dyn Clock>,
    /// The API key that the local server assumes for contracts whose clients send none. Never set in the
    /// cloud.
    pub assumed: Option<KeyHash>,
}

impl App {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: Ports, assumed: Option<KeyHash>) -> Self {
        let (inbox, clock) = (Arc::clone(&ports.inbox), Arc::clone(ports.ctx.ids.clock()));
        Self { core: Arc::new(UseCases::new(ports)), inbox, clock, assumed }
    }
}

/// What a handler uses that needs nothing but the [`App`].
pub struct AppOnly;

/// What handlers use that send a message. All of it needs the bucket: a message may bring a file.
pub struct SendUseCases {
    /// Uploads, and files that templates show.
    pub files: Files,
    /// Makes the content of a request that brings a file.
    pub attachments: Attachments,
    /// Sends one message; a retry with the same idempotency key sends nothing.
    pub sending: Sending,
}

impl SendUseCases {
    /// Builds them of these ports.
    #[must_use]
    pub fn new(ports: &Ports, bucket: &Arc<dyn FileStore>) -> Self {
        Self {
            files: Files::new(ports, bucket),
            attachments: Attachments::new(ports, bucket),
            sending: Sending::new(ports, bucket),
        }
    }
}

/// What handlers use that send to many, at once or as a broadcast.
pub struct BroadcastUseCases {
    /// Files that templates show.
    pub files: Files,
    /// Sends to one recipient, for routes that answer with the result.
    pub sending: Sending,
    /// Begins broadcasts, and tells what became of them.
    pub broadcasts: Broadcasts,
}

impl BroadcastUseCases {
    /// Builds them of these ports.
    #[must_use]
    pub fn new(ports: &Ports, bucket: &Arc<dyn FileStore>, queue: &Arc<dyn Queue>) -> Self {
        Self {
            files: Files::new(ports, bucket),
            sending: Sending::new(ports, bucket),
            broadcasts: Broadcasts::new(ports, bucket, queue),
        }
    }
}

/// What handlers of webhooks use.
pub struct WebhookUseCases {
    /// Ingests what webhooks bring.
    pub inbound: Inbound,
    /// The providers whose webhooks are received.
    pub providers: WebhookRegistry,
}

impl WebhookUseCases {
    /// Builds them of these ports.
    #[must_use]
    pub fn new(ports: &Ports, fetches: &Arc<dyn FetchQueue>, providers: WebhookRegistry) -> Self {
        Self { inbound: Inbound::new(ports, fetches), providers }
    }
}
