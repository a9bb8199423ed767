//! Kaleyra's webhooks as a [`WebhookSource`]: a secret in the URL authenticates them.

use super::{Authenticated, archived, authenticate, split};
use crate::{
    kaleyra::KaleyraSecret,
    webhook::{Addressing, NotAuthentic, WebhookCall, WebhookKey, WebhookSource},
};
use ventanilla_core::domain::{channel::Origin, inbound::Item, raw::RawItem, time::Timestamp};

/// The webhook source of Kaleyra.
#[derive(Debug, Clone, Copy)]
pub struct KaleyraWebhooks;

impl WebhookSource for KaleyraWebhooks {
    type Authentic<'a> = Authenticated;

    const ADDRESSING: Addressing = Addressing::Channel;

    fn authenticate(
        &self,
        call: WebhookCall<'_>,
        key: WebhookKey<'_>,
    ) -> Result<Authenticated, NotAuthentic> {
        match key {
            WebhookKey::Channel(secret) => {
                authenticate(call, secret.of::<KaleyraSecret>().ok_or(NotAuthentic)?)
            }
            WebhookKey::App(_) => Err(NotAuthentic),
        }
    }

    fn archived(&self, kept: &RawItem) -> Vec<Authenticated> {
        archived(kept).collect()
    }

    fn split(&self, webhook: &Authenticated, origin: &Origin, now: Timestamp) -> Vec<Item> {
        match origin {
            Origin::Channel(channel) => split(webhook, *channel, now),
            // Its URL always names a channel.
            Origin::App(_) => Vec::new(),
        }
    }
}
