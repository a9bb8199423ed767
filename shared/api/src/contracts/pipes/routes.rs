//! The routes of Pipes.bot, as one table.

use std::sync::Arc;

use super::{Pipes, PipesAsMeta, passthrough, send, send_from_pool_number};
use crate::{app::SendUseCases, common::route::routes};

routes! {
    /// The routes of the function `send` with Pipes.bot's failures.
    send in "send", Pipes where Arc<SendUseCases> {
        post "/v1/messages/send" Send => send::send, "sendByConversationId", "Send a text or a file in a conversation";
    }
    /// The routes of the function `send` with Meta's failures.
    send_as_meta in "send", PipesAsMeta where Arc<SendUseCases> {
        post "/v1/messages/passthrough" Send => passthrough::send, "passThrough", "Send a message object of Meta's";
        post "/v1/messages/app/send" Send => send_from_pool_number::send, "sendFromPoolNumber", "Send a text from one of the company's numbers";
    }
}
