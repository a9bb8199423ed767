//! What handlers work with.

use std::sync::Arc;

use ventanilla_core::{
    domain::caller::KeyHash,
    ports::{archive::Archive, clock::Clock, inbox::Inbox},
    usecases::UseCases,
};
use ventanilla_whatsapp::registry::Registry;

/// An application: what every function's handlers work with.
#[derive(Clone)]
pub struct App {
    /// The use cases.
    pub core: Arc<UseCases>,
    /// The providers that channels may have.
    pub providers: Registry,
    /// Lists for people.
    pub inbox: Arc<dyn Inbox>,
    /// Callbacks as they came.
    pub archive: Arc<dyn Archive>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The key that counts when a contract's clients send none, while it is good. Never set in the cloud.
    pub assumed: Option<KeyHash>,
}
