//! The routes of the providers' webhooks. A provider's webhooks come to one of two URLs: that of an app which
//! signs them, or that of a channel, with a secret (`ventanilla_whatsapp::webhook::Addressing`).

use std::sync::Arc;

use super::{
    errors::Webhooks, receive_from_app::receive_from_app, receive_from_channel::receive_from_channel,
    verify::verify,
};
use crate::{app::WebhookUseCases, common::route::routes};

routes! {
    /// The routes of the function `webhook`.
    webhook in "webhook", Webhooks where Arc<WebhookUseCases> {
        get "/webhooks/{provider}/{app}" None => verify, "verifyWebhook", "Answer the subscription handshake of an app";
        post "/webhooks/{provider}/{app}" None => receive_from_app, "receiveAppWebhook", "Take in a callback of an app";
        // Any method: it is chosen at the provider, which is not known to retry what the gateway rejects.
        any "/webhooks/{provider}/{channel}/{secret}" None => receive_from_channel, "receiveChannelWebhook", "Take in a callback of a channel";
    }
}
