//! Responses with the bytes of a file, and the faults that are injected into them.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{StatusCode, header};

use crate::{
    Sandbox,
    media::{FileFault, Media},
};

/// Responds with the file, or with the injected fault that is due.
pub(crate) async fn respond(sandbox: &Sandbox, media: Media) -> Response {
    let fault = sandbox.next_file_fault(|_| true);
    let mime = [(header::CONTENT_TYPE, media.mime_type)];
    match fault {
        Some(FileFault::NotFound | FileFault::Expired) => StatusCode::NOT_FOUND.into_response(),
        Some(FileFault::Unavailable) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(FileFault::OtherBytes) => {
            let mut bytes = media.bytes.to_vec();
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            (mime, bytes).into_response()
        }
        Some(FileFault::CutShort) => {
            let half = media.bytes.slice(..media.bytes.len() / 2);
            let cut = stream::iter([Ok::<Bytes, std::io::Error>(half), Err(std::io::Error::other("cut"))]);
            (mime, Body::from_stream(cut)).into_response()
        }
        Some(FileFault::Slow(wait)) => {
            tokio::time::sleep(wait).await;
            (mime, media.bytes).into_response()
        }
        None => (mime, media.bytes).into_response(),
    }
}
