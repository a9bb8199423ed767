//! `POST /api/whatsapp/send-template`: up to a hundred recipients are processed in the call; longer lists,
//! and recipients left when the time is up, are processed in the background as a broadcast.

mod answer;
mod background;
mod call;
mod outcome;
pub(super) mod request;
mod results;
mod run;
pub(super) mod types;

use std::sync::Arc;

use axum::{extract::Request, response::Response};

use self::{call::Call, outcome::RecipientResult};
use super::errors::{AmbioSys, MaySend};
use crate::app::BroadcastUseCases;
use crate::common::{prefer, respond};
use ventanilla_core::{
    domain::{id::BroadcastId, template::ValidationProblem},
    usecases::sending::Replay,
};

/// A caller who may send, before the function of broadcasts.
type Sender = MaySend<Arc<BroadcastUseCases>>;

/// The result of a request.
enum Ended {
    /// It is finished, with a result for each recipient.
    Each(Vec<RecipientResult>),
    /// It continues in the background as this broadcast.
    GoesOn(Vec<RecipientResult>, BroadcastId, Replay),
    /// It is unknown whether it continues as this broadcast.
    Open(BroadcastId),
    /// Its template has faults that concern every recipient.
    WrongTemplate(Vec<ValidationProblem>),
}

pub(super) async fn to_many(sender: Sender, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let ended = async {
        let call = Box::pin(Call::read(&sender, &parts, body)).await?;
        Box::pin(call.run(&sender)).await
    };
    match ended.await {
        Ok(ended) => answer::answer(ended, prefer::wait(&parts.headers)),
        Err(failure) => respond::failed::<AmbioSys>(&failure),
    }
}
