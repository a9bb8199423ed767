//! The route of Kaleyra.

use super::{errors::Kaleyra, send_message::send_message};
use crate::common::route::routes;

routes! {
    /// What the function `send` answers.
    send in "send", Kaleyra {
        post "/v2/{sid}/whatsapp/{phone_number}/messages" Send => send_message, "sendAsAtKaleyra", "Send a message, or tell that one was read";
    }
}
