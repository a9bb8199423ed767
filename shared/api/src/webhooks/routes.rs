//! The routes of the providers' webhooks.

use super::{
    errors::Webhooks, receive_kaleyra::receive_kaleyra, receive_meta::receive_meta, verify_meta::verify_meta,
};
use crate::common::route::routes;

routes! {
    /// The routes of the function `webhook`.
    webhook in "webhook", Webhooks {
        get "/webhooks/meta/{app}" None => verify_meta, "verifyMetaWebhook", "Answer Meta's subscription handshake";
        post "/webhooks/meta/{app}" None => receive_meta, "receiveMetaWebhook", "Take in a callback";
        any "/webhooks/kaleyra/{channel}/{secret}" None => receive_kaleyra, "receiveKaleyraWebhook", "Take in a callback";
    }
}
