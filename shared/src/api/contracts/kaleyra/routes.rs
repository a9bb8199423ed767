//! The route of Kaleyra.

use super::{Kaleyra, messages};
use crate::api::common::route::routes;

routes! {
    /// What the function `send` answers.
    send in "send", Kaleyra {
        post "/v2/{sid}/whatsapp/{phone_number}/messages" Send => messages::messages, "sendAsAtKaleyra", "Send a message, or tell that one was read";
    }
}
