//! `POST /api/whatsapp/send-template`: up to a hundred recipients are answered in the call; longer lists, and
//! what there was no time for, go on as a broadcast.

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

use self::{call::Call, outcome::Told};
use super::errors::{AmbioSys, MaySend};
use crate::app::BroadcastUseCases;
use crate::common::{prefer, respond};
use ventanilla_core::{
    domain::{id::BroadcastId, template::Problem},
    usecases::sending::Replay,
};

/// A caller who may send, before the function of broadcasts.
type Sender = MaySend<Arc<BroadcastUseCases>>;

/// How a request ended.
enum Ended {
    /// For each recipient.
    Each(Vec<Told>),
    /// It goes on.
    GoesOn(Vec<Told>, BroadcastId, Replay),
    /// It is open whether it goes on.
    Open(BroadcastId),
    /// Its template is wrong for everybody.
    WrongTemplate(Vec<Problem>),
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
