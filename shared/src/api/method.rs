//! Methods that a path does not know, in the words of the contract whose path it is.

use std::future::{Ready, ready};

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::{problem, respond};
use crate::{
    contract::{Encoded, Failure, InputError, ambiosys, kaleyra, php, pipes, salesbot},
    service::send::Replay,
};

/// System 0 knows no such route, and says so in a text (facts: seed-apis.md 1.1). So it does of an id in a path
/// that is no number.
pub fn of_php() -> Ready<Response> {
    let html = [(header::CONTENT_TYPE, "text/html; charset=UTF-8")];
    ready((StatusCode::NOT_FOUND, html, php::NOT_FOUND).into_response())
}

/// System 1.
pub fn of_kaleyra() -> Ready<Response> {
    told(|failure| kaleyra::answered(&Err(failure), &[]))
}

/// System 2.
pub fn of_ambiosys() -> Ready<Response> {
    told(|failure| ambiosys::reads::answered(&Err(failure)))
}

/// System 3, where it sends by a conversation.
pub fn of_pipes() -> Ready<Response> {
    told(|failure| pipes::sent(&Err(failure), None))
}

/// System 3, where it answers as Meta does.
pub fn of_pipes_as_meta() -> Ready<Response> {
    told(|failure| pipes::passed(&Err(failure), None))
}

/// System 4.
pub fn of_salesbot() -> Ready<Response> {
    told(|failure| salesbot::failed(&failure))
}

/// Our own `/v1`.
pub fn of_own() -> Ready<Response> {
    told(|failure| problem::problem(&failure))
}

fn told(encode: impl FnOnce(Failure) -> Encoded) -> Ready<Response> {
    ready(respond::answer(encode(Failure::Input(InputError::Method)), None, Replay::Original))
}
