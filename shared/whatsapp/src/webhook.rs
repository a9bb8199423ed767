//! What is common to the webhooks of all providers: a call, what proves it, and how its items come out of it.

use http::HeaderMap;

use ventanilla_core::{
    domain::{channel::Origin, inbound::Item, raw::RawItem, time::Timestamp},
    ports::credentials::{AppSecret, ChannelSecret},
};

/// A webhook as it came, proven by nothing yet.
#[derive(Debug, Clone, Copy)]
pub struct WebhookCall<'a> {
    /// The secret in its path; none where its path names an app.
    pub path_secret: Option<&'a str>,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its query, without the question mark.
    pub query: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

impl<'a> WebhookCall<'a> {
    /// The one value of a header. Two of them are none.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut given = self.headers.get_all(name).iter();
        match (given.next(), given.next()) {
            (Some(only), None) => only.to_str().ok(),
            _ => None,
        }
    }
}

/// Who is named by the address that a provider's webhooks come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// An app that signs them: `/webhooks/{provider}/{app}`. It may speak for several channels.
    App,
    /// A channel, with a secret: `/webhooks/{provider}/{channel}/{secret}`.
    Channel,
}

/// The credentials that a webhook is checked with: those of the app or the channel that its address names.
#[derive(Debug, Clone, Copy)]
pub enum WebhookKey<'a> {
    /// An app's.
    App(&'a AppSecret),
    /// A channel's.
    Channel(&'a ChannelSecret),
}

/// What a provider asks when an address is entered there, in the query of a GET.
#[derive(Debug, Clone, Copy)]
pub struct Handshake<'a> {
    /// `hub.mode`.
    pub mode: Option<&'a str>,
    /// `hub.verify_token`.
    pub token: Option<&'a str>,
    /// `hub.challenge`.
    pub challenge: Option<&'a str>,
}

/// A webhook was not proven to be its provider's; what of it is missing or wrong is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook's signature or secret is missing or wrong")]
pub struct NotAuthentic;

/// A provider's webhooks. Only what was authenticated can be split.
pub trait WebhookSource: Sync {
    /// A webhook whose sender was checked, now or when it came. Nothing else makes one.
    type Authentic<'a>;

    /// Who the address of its webhooks names.
    const ADDRESSING: Addressing;

    /// What is answered when the address is entered at the provider; none where the question is refused.
    fn handshake<'a>(&self, _asked: Handshake<'a>, _app: &AppSecret) -> Option<&'a str> {
        None
    }

    /// Checks who sent a webhook, in constant time.
    ///
    /// # Errors
    /// [`NotAuthentic`].
    fn authenticate<'a>(
        &self,
        call: WebhookCall<'a>,
        key: WebhookKey<'_>,
    ) -> Result<Self::Authentic<'a>, NotAuthentic>;

    /// Webhooks from the archive: they were checked before they were kept.
    fn archived<'a>(&self, kept: &'a RawItem) -> Vec<Self::Authentic<'a>>;

    /// Splits a webhook into its items, and translates each. It refuses nothing: what it does not know is an item too.
    /// `origin` is who the address names; `now`, when it came, is the time of items that name none.
    fn split(&self, webhook: &Self::Authentic<'_>, origin: &Origin, now: Timestamp) -> Vec<Item>;
}

/// The webhooks of any provider, for who does not know which.
pub trait Webhooks: Sync {
    /// Who the address of its webhooks names.
    fn addressing(&self) -> Addressing;

    /// As [`WebhookSource::handshake`].
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
