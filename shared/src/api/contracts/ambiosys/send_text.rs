//! A text or a file to a number, or into a conversation.

use axum::{extract::Request, response::Response};

use super::{
    near_misses::{MESSAGE, SEND},
    send::MaySend,
};
use crate::{
    api::{
        common::{
            policy::Choice,
            request::{PathParams, path_param},
            respond,
            send::Wish,
        },
        contracts::ambiosys,
    },
    service::send::Recipient,
};

pub(super) async fn to_number(sender: MaySend, request: Request) -> Response {
    let outcome = sender
        .send(request, &SEND, |body| {
            let read = ambiosys::send_request(body)?;
            let channel = read.besides.channel.as_ref().map(|(_, channel)| *channel);
            let recipient = Recipient::on(channel, read.recipient);
            let wish = Wish { request: read.request, ..Wish::new("send", recipient, read.content) };
            Ok((wish, read.besides))
        })
        .await;
    respond::answer(ambiosys::sent_to_number(&outcome.result), outcome.result.as_ref().err(), outcome.replay)
}

pub(super) async fn in_conversation(sender: MaySend, params: PathParams, request: Request) -> Response {
    let outcome = sender
        .send(request, &MESSAGE, |body| {
            let id = ambiosys::conversation(path_param(&params, "conversationId"))?;
            let (content, besides) = ambiosys::message_request(body)?;
            let wish = Wish::new("send in conversation", Recipient::Conversation(id), content);
            Ok((Wish { choice: Choice::Free, ..wish }, besides))
        })
        .await;
    let answer = ambiosys::sent_in_conversation(&outcome.result);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}
