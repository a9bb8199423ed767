//! Where providers call.

use std::sync::Arc;

use super::{
    errors::Webhooks, receive_kaleyra::receive_kaleyra, receive_meta::receive_meta, verify_meta::verify_meta,
};
use crate::common::route::routes;
use ventanilla_core::usecases::Inbound;

routes! {
    /// What the function `webhook` answers.
    webhook in "webhook", Webhooks where Arc<Inbound> {
        get "/webhooks/meta/{app}" None => verify_meta, "verifyMetaWebhook", "Answer Meta's subscription handshake";
        post "/webhooks/meta/{app}" None => receive_meta, "receiveMetaWebhook", "Take in a callback";
        any "/webhooks/kaleyra/{channel}/{secret}" None => receive_kaleyra, "receiveKaleyraWebhook", "Take in a callback";
    }
}
