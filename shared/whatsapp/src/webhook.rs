//! The common parts of all providers' webhooks: a call, its authentication, and its split into items.

use http::HeaderMap;

use ventanilla_core::{
    domain::{channel::Origin, inbound::Item, raw::RawItem, time::Timestamp},
    ports::credentials::{AppSecret, ChannelSecret},
};

/// A webhook as it came, not authenticated yet.
#[derive(Debug, Clone, Copy)]
pub struct WebhookCall<'a> {
    /// The secret in its path; `None` where its path names an app.
    pub path_secret: Option<&'a str>,
    /// The headers, among them the signature.
    pub headers: &'a HeaderMap,
    /// The call's query, without the question mark.
    pub query: &'a str,
    /// The body as bytes, which the signature covers.
    pub body: &'a [u8],
}

impl<'a> WebhookCall<'a> {
    /// The only value of a header; `None` where there are two.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut given = self.headers.get_all(name).iter();
        match (given.next(), given.next()) {
            (Some(only), None) => only.to_str().ok(),
            _ => None,
        }
    }
}

/// The kind of URL that a provider's webhooks come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// An app that signs them: `/webhooks/{provider}/{app}`. It may send for several channels.
    App,
    /// A channel, with a secret: `/webhooks/{provider}/{channel}/{secret}`.
    Channel,
}

/// The credentials that authenticate a webhook: those of the app or the channel in its URL.
#[derive(Debug, Clone, Copy)]
pub enum WebhookKey<'a> {
    /// The credentials of an app.
    App(&'a AppSecret),
    /// The credentials of a channel.
    Channel(&'a ChannelSecret),
}

/// A provider's handshake when a URL is entered there, from the query of a GET.
#[derive(Debug, Clone, Copy)]
pub struct Handshake<'a> {
    /// The value of `hub.mode`.
    pub mode: Option<&'a str>,
    /// The value of `hub.verify_token`.
    pub token: Option<&'a str>,
    /// The value of `hub.challenge`.
    pub challenge: Option<&'a str>,
}

/// A webhook could not be authenticated; the reason is not disclosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook's signature or secret is missing or wrong")]
pub struct NotAuthentic;

/// A provider's webhooks. Only an authenticated webhook can be split.
pub trait WebhookSource: Sync {
    /// A webhook whose sender was authenticated, now or on arrival. Nothing else makes one.
    type Authentic<'a>;

    /// The kind of URL of its webhooks.
    const ADDRESSING: Addressing;

    /// The answer to the handshake; `None` where it is rejected.
    fn handshake<'a>(&self, _asked: Handshake<'a>, _app: &AppSecret) -> Option<&'a str> {
        None
    }

    /// Authenticates a webhook, in constant time.
    ///
    /// # Errors
    /// [`NotAuthentic`].
    fn authenticate<'a>(
        &self,
        call: WebhookCall<'a>,
        key: WebhookKey<'_>,
    ) -> Result<Self::Authentic<'a>, NotAuthentic>;

    /// Webhooks from the archive: they were authenticated before they were stored.
    fn archived<'a>(&self, kept: &'a RawItem) -> Vec<Self::Authentic<'a>>;

    /// Splits a webhook into its items, and parses each. It rejects nothing: an unknown part is an item too.
    /// `origin` is the sender in the URL; `now`, the time of arrival, is for items without a time.
    fn split(&self, webhook: &Self::Authentic<'_>, origin: &Origin, now: Timestamp) -> Vec<Item>;
}

/// The webhooks of any provider, for callers that do not know which.
pub trait Webhooks: Sync {
    /// The kind of URL of its webhooks.
    fn addressing(&self) -> Addressing;

    /// The same as [`WebhookSource::handshake`].
    fn handshake<'a>(&self, asked: Handshake<'a>, app: &AppSecret) -> Option<&'a str>;

    /// Authenticates a webhook, and splits it.
    ///
    /// # Errors
    /// [`NotAuthentic`].
    fn receive(
        &self,
        call: WebhookCall<'_>,
        key: WebhookKey<'_>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Vec<Item>, NotAuthentic>;

    /// The items of a webhook from the archive.
    fn read_again(&self, kept: &RawItem) -> Vec<Item>;
}

impl<S: WebhookSource> Webhooks for S {
    fn addressing(&self) -> Addressing {
        S::ADDRESSING
    }

    fn handshake<'a>(&self, asked: Handshake<'a>, app: &AppSecret) -> Option<&'a str> {
        WebhookSource::handshake(self, asked, app)
    }

    fn receive(
        &self,
        call: WebhookCall<'_>,
        key: WebhookKey<'_>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Vec<Item>, NotAuthentic> {
        Ok(self.split(&self.authenticate(call, key)?, origin, now))
    }

    fn read_again(&self, kept: &RawItem) -> Vec<Item> {
        self.archived(kept).iter().flat_map(|webhook| self.split(webhook, &kept.origin, kept.at)).collect()
    }
}
