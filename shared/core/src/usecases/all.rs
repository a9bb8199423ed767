//! The use cases that functions call, together.

use std::sync::Arc;

use crate::{
    ports::{
        files::Files as FileStore,
        queue::{FetchQueue, Queue},
        sockets::Posts,
    },
    usecases::{
        Attachments, BatchRunner, Broadcasts, CatchUp, Channels, Connect, Contacts, Context,
        ConversationActions, Conversations, Disconnect, EventContexts, EventLog, Files, FrameOrder,
        HealthChecks, Inbound, Leads, MediaFetch, OptOuts, Ports, Push, Recipients, Reconcile, Sending,
        TemplateValidation, Templates,
    },
};

/// The ports that only some functions have.
#[derive(Clone)]
pub struct Outside {
    /// Work that goes on after its caller was answered.
    pub queue: Arc<dyn Queue>,
    /// Files that are to be fetched.
    pub fetches: Arc<dyn FetchQueue>,
    /// Open sockets.
    pub connections: Arc<dyn Posts>,
    /// The bucket.
    pub file_store: Arc<dyn FileStore>,
}

/// The use cases that functions call, together.
pub struct UseCases {
    /// Store, ids and settings.
    pub ctx: Arc<Context>,
    /// What they are built of.
    pub ports: Ports,
    /// What else they are built of.
    pub outside: Outside,
    /// See [`Conversations`].
    pub conversations: Conversations,
    /// See [`ConversationActions`].
    pub actions: ConversationActions,
    /// See [`Contacts`].
    pub contacts: Contacts,
    /// See [`Leads`].
    pub leads: Leads,
    /// See [`EventLog`].
    pub events: EventLog,
    /// See [`EventContexts`].
    pub event_contexts: EventContexts,
    /// See [`OptOuts`].
    pub opt_outs: OptOuts,
    /// See [`Channels`].
    pub channels: Channels,
    /// See [`Templates`].
    pub templates: Templates,
    /// See [`TemplateValidation`].
    pub template_validation: TemplateValidation,
    /// See [`Files`].
    pub files: Files,
    /// See [`MediaFetch`].
    pub media_fetch: MediaFetch,
    /// See [`Inbound`].
    pub inbound: Inbound,
    /// See [`Recipients`].
    pub recipients: Recipients,
    /// See [`Attachments`].
    pub attachments: Attachments,
    /// See [`Sending`].
    pub sending: Sending,
    /// See [`BatchRunner`].
    pub batches: BatchRunner,
    /// See [`Broadcasts`].
    pub broadcasts: Broadcasts,
    /// See [`Connect`].
    pub connect: Connect,
    /// See [`FrameOrder`].
    pub ordering: FrameOrder,
    /// See [`Disconnect`].
    pub disconnect: Disconnect,
    /// See [`CatchUp`].
    pub catch_up: CatchUp,
    /// See [`Push`].
    pub push: Push,
    /// See [`HealthChecks`].
    pub health_checks: HealthChecks,
    /// See [`Reconcile`].
    pub reconcile: Reconcile,
}

impl UseCases {
    /// All of them, built of these ports.
    #[must_use]
    pub fn new(ports: Ports, outside: Outside) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            conversations: Conversations::new(&ports),
            actions: ConversationActions::new(&ports),
            contacts: Contacts::new(&ports),
            leads: Leads::new(&ports),
            events: EventLog::new(&ports),
            event_contexts: EventContexts::new(&ports),
            opt_outs: OptOuts::new(&ports),
            channels: Channels::new(&ports),
            templates: Templates::new(&ports),
            template_validation: TemplateValidation::new(&ports),
            files: Files::new(&ports, &outside.file_store),
            media_fetch: MediaFetch::new(&ports, &outside.file_store),
            inbound: Inbound::new(&ports, &outside.fetches),
            recipients: Recipients::new(&ports),
            attachments: Attachments::new(&ports, &outside.file_store),
            sending: Sending::new(&ports, &outside.file_store),
            batches: BatchRunner::new(&ports, &outside.file_store, &outside.queue),
            broadcasts: Broadcasts::new(&ports, &outside.file_store, &outside.queue),
            connect: Connect::new(&ports, &outside.connections),
            ordering: FrameOrder::new(&ports, &outside.connections),
            disconnect: Disconnect::new(&ports, &outside.connections),
            catch_up: CatchUp::new(&ports, &outside.connections),
            push: Push::new(&ports, &outside.connections),
            health_checks: HealthChecks::new(&ports),
            reconcile: Reconcile::new(
                &ports,
                &outside.fetches,
                &outside.file_store,
                &outside.connections,
                &outside.queue,
            ),
            ports,
            outside,
        }
    }
}
