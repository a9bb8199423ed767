//! Outgoing calls to a provider.

use std::time::Duration;

use async_trait::async_trait;

pub use crate::domain::attempt::Acceptance;

use super::{
    credentials::ChannelSecret,
    files::{Source, SourceError},
};
use crate::domain::{
    channel::Channel,
    contact::Address,
    content::Content,
    id::{CatalogueId, Wamid},
    reference::References,
    rejection::Rejection,
    template::{TemplateKey, Told},
};

/// One message on its way out.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The channel it goes through.
    pub channel: &'a Channel,
    /// The channel's credentials.
    pub secret: &'a ChannelSecret,
    /// Who gets it.
    pub to: &'a Address,
    /// What is sent.
    pub content: &'a Content,
    /// The provider's id of the message that it answers, where it quotes one.
    pub quotes: Option<&'a Wamid>,
    /// The caller's own words about it.
    pub references: &'a References,
    /// Text that the provider gives back with every status; at most 255 characters.
    pub echo: &'a str,
    /// How long the call may take in all.
    pub timeout: Duration,
}

/// Whether a customer is shown that somebody types, until the next message or for 25 seconds (facts: meta.md 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// They are.
    On,
    /// They are not.
    Off,
}

/// The news that a customer's message was read.
#[derive(Debug)]
pub struct ReadReceipt<'a> {
    /// The channel that the message came through.
    pub channel: &'a Channel,
    /// The channel's credentials.
    pub secret: &'a ChannelSecret,
    /// The provider's id of the message.
    pub wamid: &'a Wamid,
    /// Whether somebody types.
    pub typing: Typing,
    /// How long the call may take in all.
    pub timeout: Duration,
}

/// What is asked of the provider about who has a conversation (facts: onboarding.md 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadAction {
    /// Meta's agent is to have it.
    Pass,
    /// Nobody is to have it: whoever is first in line gets the customer's next message.
    Release,
    /// We want it.
    Take,
}

/// A wish about who has a conversation.
#[derive(Debug)]
pub struct ThreadControl<'a> {
    /// The channel that it runs on.
    pub channel: &'a Channel,
    /// The channel's credentials.
    pub secret: &'a ChannelSecret,
    /// The customer.
    pub to: &'a Address,
    /// What is asked.
    pub action: ThreadAction,
    /// What is left to who has it next; at most 2,000 characters.
    pub metadata: Option<&'a str>,
    /// How long the call may take in all.
    pub timeout: Duration,
}

/// A question for one page of an account's templates.
#[derive(Debug)]
pub struct Listing<'a> {
    /// A channel of the account.
    pub channel: &'a Channel,
    /// The account.
    pub catalogue: &'a CatalogueId,
    /// The channel's credentials.
    pub secret: &'a ChannelSecret,
    /// Where the page before ended, in the provider's words.
    pub after: Option<&'a str>,
    /// How long the call may take in all.
    pub timeout: Duration,
}

/// A page of an account's templates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplatePage {
    /// The templates.
    pub templates: Vec<(TemplateKey, Told)>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// A wish for a file that a customer sent.
#[derive(Debug)]
pub struct Wish<'a> {
    /// The channel that it came through.
    pub channel: &'a Channel,
    /// The channel's credentials.
    pub secret: &'a ChannelSecret,
    /// The provider's id of it.
    pub media_id: &'a str,
    /// How long reading it may take in all.
    pub timeout: Duration,
}

/// The provider did not say that it took the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendFailure {
    /// It was definitely not taken.
    Refused(Rejection),
    /// It may have been taken: no answer, a broken one, or one that says nothing. The text says what
    /// was seen, without any content.
    Ambiguous(&'static str),
}

/// A provider of WhatsApp messaging.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Hands one message over, at most once: an implementation must not try again by itself after
    /// the request may have reached the provider.
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure>;

    /// Tells the customer that their message, and all before it, were read. Doing it again is harmless. Gives
    /// whether they see that somebody types: not every provider can show it.
    async fn mark_read(&self, receipt: ReadReceipt<'_>) -> Result<Typing, SendFailure>;

    /// Asks for a conversation to change hands. Doing it again is refused by the provider and changes nothing.
    async fn thread_control(&self, asked: ThreadControl<'_>) -> Result<(), SendFailure>;

    /// Begins to read a file that a customer sent.
    async fn file(&self, wish: Wish<'_>) -> Result<Box<dyn Source>, SourceError>;

    /// One page of the templates that the provider has for an account.
    async fn templates(&self, listing: Listing<'_>) -> Result<TemplatePage, SendFailure>;
}
