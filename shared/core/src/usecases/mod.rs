//! The use cases, which callers, webhooks and timers start.

mod all;
pub mod broadcasts;
pub mod channels;
pub mod contacts;
mod context;
pub mod conversations;
pub mod events;
pub mod files;
pub mod inbound;
pub mod leads;
pub mod live;
pub mod opt_outs;
pub mod reconcile;
pub mod requeue;
pub mod secrets;
pub mod sending;
pub mod templates;
pub mod until_committed;

pub use all::UseCases;
pub use broadcasts::{Broadcasts, run_batch::BatchRunner};
pub use channels::Channels;
pub use contacts::Contacts;
pub use context::{Context, Ports};
pub use conversations::{Conversations, actions::ConversationActions};
pub use events::{context::EventContexts, log::EventLog};
pub use files::{
    Files, fetch::MediaFetch, fetch_outcome::FetchOutcomes, links::FileLinks, requests::MediaRequests,
};
pub use inbound::{Inbound, status::StatusUpdates, update::Updates};
pub use leads::Leads;
pub use live::{
    catch_up::CatchUp, connect::Connect, disconnect::Disconnect, offline_queue::OfflineQueue,
    ordering::FrameOrder, push::Push, tickets::Tickets, writer::SocketWriter,
};
pub use opt_outs::OptOuts;
pub use reconcile::Reconcile;
pub use secrets::ChannelSecrets;
pub use sending::{
    Sending, attachment::Attachments, deliver::Delivery, outcome::Outcomes, recipient::Recipients,
};
pub use templates::{Templates, validate::TemplateValidation};
