//! The route of Kaleyra's contract.

use super::{errors::Kaleyra, send_message::send_message};
use crate::common::route::routes;

routes! {
    /// The routes of the function `send`.
    send in "send", Kaleyra {
        post "/v2/{sid}/whatsapp/{phone_number}/messages" Send => send_message, "sendAsAtKaleyra", "Send a message, or tell that one was read";
    }
}
