//! `GET /media/{id}`: the files of customers, under public download URLs.
//!
//! Whether the real URLs require a key, and how long they live, is not documented.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use crate::{Sandbox, download};

/// The bytes of a file that was sent to a number of Kaleyra's.
pub(super) async fn download(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    let media = sandbox.state().media.get(&id, sandbox.clock().unix_now()).cloned();
    let is_kaleyras = |phone_number_id: &str| {
        sandbox.number(phone_number_id).is_some_and(|number| number.kaleyra_api().is_some())
    };
    match media.filter(|media| is_kaleyras(&media.phone_number_id)) {
        Some(media) => download::respond(&sandbox, media).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
