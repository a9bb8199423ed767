//! Calls to a provider.

use std::time::Duration;

use async_trait::async_trait;

pub use crate::domain::attempt::Acceptance;

use super::{
    credentials::ChannelSecret,
    files::{DownloadError, FileReader},
};
use crate::domain::{
    channel::Channel,
    contact::Address,
    content::Content,
    id::{TemplateAccountId, Wamid},
    reference::References,
    rejection::Rejection,
    template::{TemplateDetails, TemplateKey},
};

/// The input of a send call.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The channel to send through.
    pub channel: &'a Channel,
    /// The credentials of the channel.
    pub secret: &'a ChannelSecret,
    /// The number or user id that the message goes to.
    pub to: &'a Address,
    /// The content of the message.
    pub content: &'a Content,
    /// The provider's id of the quoted message, for a reply.
    pub quotes: Option<&'a Wamid>,
    /// The caller's own references for the message.
    pub references: &'a References,
    /// Callback data, which the provider returns with every status; at most 255 characters.
    pub echo: &'a str,
    /// The time limit of the whole call.
    pub timeout: Duration,
}

/// Whether the customer sees a typing indicator, until the next message or for 25 seconds (facts: meta.md
/// 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// The typing indicator is shown.
    On,
    /// No typing indicator is shown.
    Off,
}

/// The input of a read receipt.
#[derive(Debug)]
pub struct ReadReceipt<'a> {
    /// The channel that the message came through.
    pub channel: &'a Channel,
    /// The credentials of the channel.
    pub secret: &'a ChannelSecret,
    /// The provider's id of the message.
    pub wamid: &'a Wamid,
    /// Whether to show a typing indicator.
    pub typing: Typing,
    /// The time limit of the whole call.
    pub timeout: Duration,
}

/// The handover requests of a provider's thread control (facts: onboarding.md 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadAction {
    /// Pass the conversation to Meta's agent.
    Pass,
    /// Release it: the first app in line gets the customer's next message.
    Release,
    /// Take it back for us.
    Take,
}

/// The input of a handover request.
#[derive(Debug)]
pub struct ThreadControl<'a> {
    /// The channel of the conversation.
    pub channel: &'a Channel,
    /// The credentials of the channel.
    pub secret: &'a ChannelSecret,
    /// The address of the customer.
    pub to: &'a Address,
    /// The handover to request.
    pub action: ThreadAction,
    /// A text for the next owner; at most 2,000 characters.
    pub metadata: Option<&'a str>,
    /// The time limit of the whole call.
    pub timeout: Duration,
}

/// The input of a template list call, for one page.
#[derive(Debug)]
pub struct Listing<'a> {
    /// A channel of the account.
    pub channel: &'a Channel,
    /// The account whose templates are listed.
    pub account: &'a TemplateAccountId,
    /// The credentials of the channel.
    pub secret: &'a ChannelSecret,
    /// The provider's cursor after the previous page; `None` for the first page.
    pub after: Option<&'a str>,
    /// The time limit of the whole call.
    pub timeout: Duration,
}

/// A page of a template list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplatePage {
    /// The templates of this page, by name and language.
    pub templates: Vec<(TemplateKey, TemplateDetails)>,
    /// The provider's cursor for the next page; `None` on the last.
    pub next: Option<String>,
}

/// The input of a media download.
#[derive(Debug)]
pub struct MediaDownload<'a> {
    /// The channel that it came through.
    pub channel: &'a Channel,
    /// The credentials of the channel.
    pub secret: &'a ChannelSecret,
    /// The provider's id of the media.
    pub media_id: &'a str,
    /// The time limit of the whole download.
    pub timeout: Duration,
}

/// The provider did not confirm that it accepted the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendFailure {
    /// It was definitely not accepted.
    Refused(Rejection),
    /// It may have been accepted: no response, a broken one, or one without a result. The text says what was
    /// received, without any content.
    Ambiguous(&'static str),
}

/// A provider of WhatsApp messaging.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Sends one message, at most once: an implementation must not retry after the request may have reached
    /// the provider.
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure>;

    /// Marks the customer's message, and all before it, as read. Doing it again is harmless. Returns whether
    /// a typing indicator is shown: not every provider can.
    async fn mark_read(&self, receipt: ReadReceipt<'_>) -> Result<Typing, SendFailure>;

    /// Requests a handover of a conversation. Repeated requests are rejected by the provider and change
    /// nothing.
    async fn thread_control(&self, asked: ThreadControl<'_>) -> Result<(), SendFailure>;

    /// Starts to download a file that a customer sent.
    async fn file(&self, download: MediaDownload<'_>) -> Result<Box<dyn FileReader>, DownloadError>;

    /// One page of the account's templates.
    async fn templates(&self, listing: Listing<'_>) -> Result<TemplatePage, SendFailure>;
}
