//! All use cases together, for functions and tests that need many of them.

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
    /// The queue of background jobs.
    pub queue: Arc<dyn Queue>,
    /// The queue of files to fetch.
    pub fetches: Arc<dyn FetchQueue>,
    /// The push to open sockets.
    pub connections: Arc<dyn Posts>,
    /// The file store, which is an S3 bucket.
    pub file_store: Arc<dyn FileStore>,
}

/// All use cases, built once.
pub struct UseCases {
    /// Store, ids and settings.
    pub ctx: Arc<Context>,
    /// The ports that every function has.
    pub ports: Ports,
    /// The ports that only some functions have.
    pub outside: Outside,
    /// Finds, opens and merges conversations.
    pub conversations: Conversations,
    /// Assigns, closes, hands off and reads conversations.
    pub actions: ConversationActions,
    /// Finds contacts and renames them.
    pub contacts: Contacts,
    /// Creates, updates and finds leads.
    pub leads: Leads,
    /// Numbers events, and reads the log.
    pub events: EventLog,
    /// Reads events with their conversations and messages.
    pub event_contexts: EventContexts,
    /// Applies and lists opt-outs.
    pub opt_outs: OptOuts,
    /// Lists the channels of a tenant.
    pub channels: Channels,
    /// Syncs and reads the template cache.
    pub templates: Templates,
    /// Validates messages against their templates.
    pub template_validation: TemplateValidation,
    /// Makes upload and download URLs, and ingests files.
    pub files: Files,
    /// Downloads the files that customers sent.
    pub media_fetch: MediaFetch,
    /// Ingests webhooks.
    pub inbound: Inbound,
    /// Resolves recipients of sends.
    pub recipients: Recipients,
    /// Resolves attachments of sends.
    pub attachments: Attachments,
    /// Sends messages.
    pub sending: Sending,
    /// Runs the batches of broadcasts.
    pub batches: BatchRunner,
    /// Begins, lists and cancels broadcasts.
    pub broadcasts: Broadcasts,
    /// Opens sockets, and makes their tickets.
    pub connect: Connect,
    /// Processes the frames of a socket in order.
    pub ordering: FrameOrder,
    /// Closes sockets, and cleans up after them.
    pub disconnect: Disconnect,
    /// Delivers missed events to a socket.
    pub catch_up: CatchUp,
    /// Pushes new events to the live sockets.
    pub push: Push,
    /// Checks the health of channels.
    pub health_checks: HealthChecks,
    /// Finishes what was left unfinished.
    pub reconcile: Reconcile,
}

impl UseCases {
    /// Builds all of them from these ports.
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
