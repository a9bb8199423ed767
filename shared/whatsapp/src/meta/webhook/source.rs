//! Meta's webhooks as a [`WebhookSource`]: an app's secret signs them.

use super::{Verified, archived, handshake, split, verify};
use crate::webhook::{Addressing, Handshake, NotAuthentic, WebhookCall, WebhookKey, WebhookSource};
use ventanilla_core::{
    domain::{channel::Origin, inbound::Item, raw::RawItem, time::Timestamp},
    ports::credentials::AppSecret,
};

/// The header with a body's signature.
const SIGNATURE: &str = "x-hub-signature-256";

/// The webhook source of Meta.
#[derive(Debug, Clone, Copy)]
pub struct MetaWebhooks;

impl WebhookSource for MetaWebhooks {
    type Authentic<'a> = Verified<'a>;

    const ADDRESSING: Addressing = Addressing::App;

    fn handshake<'a>(&self, asked: Handshake<'a>, app: &AppSecret) -> Option<&'a str> {
        handshake(asked.mode, asked.token, asked.challenge, &app.verify_token)
    }

    fn authenticate<'a>(
        &self,
        call: WebhookCall<'a>,
        key: WebhookKey<'_>,
    ) -> Result<Verified<'a>, NotAuthentic> {
        match key {
            WebhookKey::App(secret) => verify(call.body, call.header(SIGNATURE), &secret.signing),
            WebhookKey::Channel(_) => Err(NotAuthentic),
        }
    }

    fn archived<'a>(&self, kept: &'a RawItem) -> Vec<Verified<'a>> {
        archived(kept).collect()
    }

    fn split(&self, webhook: &Verified<'_>, _: &Origin, now: Timestamp) -> Vec<Item> {
        split(*webhook, now)
    }
}
