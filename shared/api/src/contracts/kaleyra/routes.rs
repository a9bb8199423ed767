//! The route of Kaleyra's contract.

use std::sync::Arc;

use super::{errors::Kaleyra, send_message::send_message};
use crate::{app::SendUseCases, common::route::routes};

routes! {
    /// The routes of the function `send`.
    send in "send", Kaleyra where Arc<SendUseCases> {
        post "/v2/{sid}/whatsapp/{phone_number}/messages" Send => send_message, "sendAsAtKaleyra", "Send a message, or mark one as read";
    }
}
