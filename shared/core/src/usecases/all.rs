//! The use cases that need no queue, no bucket and no connections.

use crate::usecases::{
    Channels, Contacts, ConversationActions, Conversations, EventContexts, EventLog, Leads, OptOuts, Ports,
    Recipients, TemplateValidation, Templates, Tickets,
};

/// The use cases that are built of [`Ports`] alone, so that every function can have them. One that needs a queue, the
/// bucket or connections is built by the functions that have those.
pub struct UseCases {
    /// What these use cases, and all others, are built of.
    pub ports: Ports,
    /// Lists conversations, reads their messages, and opens them.
    pub conversations: Conversations,
    /// Assigns, closes, reopens and hands over conversations, and marks them as read.
    pub actions: ConversationActions,
    /// Finds and renames contacts.
    pub contacts: Contacts,
    /// Keeps the leads of a CRM, and reads what was said to each.
    pub leads: Leads,
    /// Numbers events, and reads the log.
    pub events: EventLog,
    /// Reads what an event is about: its conversation and its message.
    pub event_contexts: EventContexts,
    /// Keeps the list of who wants no marketing.
    pub opt_outs: OptOuts,
    /// Finds channels, and tells how each stands.
    pub channels: Channels,
    /// Keeps the template cache up to date, and reads it.
    pub templates: Templates,
    /// Compares a message with its template before it is sent.
    pub template_validation: TemplateValidation,
    /// Resolves whom a request names.
    pub recipients: Recipients,
    /// Issues and takes the tickets that open sockets.
    pub tickets: Tickets,
}

impl UseCases {
    /// Builds them of these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self {
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
            recipients: Recipients::new(&ports),
            tickets: Tickets::new(&ports),
            ports,
        }
    }
}
