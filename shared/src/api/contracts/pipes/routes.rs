//! The routes of Pipes.bot.

use super::{Pipes, PipesAsMeta, messages};
use crate::api::common::route::routes;

routes! {
    /// What the function `send` answers in words of Pipes.bot.
    send in "send", Pipes {
        post "/v1/messages/send" Send => messages::send, "sendByConversationId", "Send a text in a conversation";
    }
    /// What the function `send` answers as Meta does.
    send_as_meta in "send", PipesAsMeta {
        post "/v1/messages/passthrough" Send => messages::passthrough, "passThrough", "Send a message object of Meta's";
        post "/v1/messages/app/send" Send => messages::through_pool_number, "sendFromPoolNumber", "Send a text from one of the company's numbers";
    }
}
