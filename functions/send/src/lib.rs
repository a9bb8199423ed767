//! Sends to a number or into a conversation, in the contract of AmbioSys.

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::Response,
    routing::post,
};
use ventanilla::{
    api::{
        auth::Clients,
        policy::Choice,
        request::{PathParams, named, path_param},
        respond,
        send::Wish,
    },
    assembly::App,
    contract::ambiosys,
    service::send::Recipient,
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/whatsapp/send", post(to_number))
        .route("/api/whatsapp/conversations/{conversationId}/messages", post(in_conversation))
        .layer(middleware::from_fn(named))
        .with_state(app)
}

async fn to_number(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = app
        .carry_out(&parts, body, Clients::SendKeys, |body| {
            let read = ambiosys::send_request(body)?;
            Ok(Wish {
                operation: "send",
                recipient: Recipient::Number(read.number),
                content: read.content,
                request: read.request,
                choice: Choice::AtMostOnce,
            })
        })
        .await;
    respond::answer(ambiosys::sent_to_number(&outcome.result), outcome.result.as_ref().err(), outcome.replay)
}

async fn in_conversation(State(app): State<App>, params: PathParams, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = app
        .carry_out(&parts, body, Clients::SendKeys, |body| {
            let id = ambiosys::conversation(path_param(&params, "conversationId"))?;
            let content = ambiosys::message_request(body)?;
            Ok(Wish {
                operation: "send in conversation",
                recipient: Recipient::Conversation(id),
                content,
                request: None,
                choice: Choice::Free,
            })
        })
        .await;
    let answer = ambiosys::sent_in_conversation(&outcome.result);
    respond::answer(answer, outcome.result.as_ref().err(), outcome.replay)
}
