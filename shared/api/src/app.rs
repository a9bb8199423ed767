//! The application state that handlers work with.

use std::sync::Arc;

use ventanilla_core::{
    domain::caller::KeyHash,
    ports::{archive::Archive, clock::Clock, inbox::Inbox},
    usecases::UseCases,
};
use ventanilla_whatsapp::registry::Registry;

/// The application state of every function's handlers.
#[derive(Clone)]
pub struct App {
    /// All use cases of the core.
    pub core: Arc<UseCases>,
    /// The providers that channels may have.
    pub providers: Registry,
    /// Pages of conversations, messages and contacts.
    pub inbox: Arc<dyn Inbox>,
    /// Reads of archived webhooks.
    pub archive: Arc<dyn Archive>,
    /// The clock, for deadlines and defaults.
    pub clock: Arc<dyn Clock>,
    /// The API key that the local server assumes for contracts whose clients send none. Never set in the
    /// cloud.
    pub assumed: Option<KeyHash>,
}
