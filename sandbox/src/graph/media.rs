//! The description and the bytes of media. Numbers are described on the same path.

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    http::Uri,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{auth, check_version, error::GraphError, health, query::Parameters};
use crate::{
    Sandbox, download, ids,
    media::{FileFault, Media},
};

/// `GET /{version}/{media_id}`: a file's download URL and properties; or a number's health.
pub(super) async fn describe(
    State(sandbox): State<Sandbox>,
    Path((version, id)): Path<(String, String)>,
    OriginalUri(original): OriginalUri,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    if let Some(number) = health::number(&sandbox, &headers, &id, &Parameters::from_uri(&original))? {
        return Ok(Json(number));
    }
    let media = find(&sandbox, &headers, &id)?.ok_or_else(|| GraphError::no_such_object(&id))?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let mount = original.path().strip_suffix(uri.path()).unwrap_or_default();
    let fault = sandbox.next_file_fault(FileFault::affects_description);
    if fault == Some(FileFault::NotFound) {
        return Err(GraphError::no_such_object(&id));
    }
    let run_out = if fault == Some(FileFault::Expired) { "?run_out" } else { "" };
    Ok(Json(json!({
        "messaging_product": "whatsapp",
        "url": format!("http://{host}{mount}/media/{id}{run_out}"),
        "mime_type": media.mime_type,
        "sha256": ids::hex(&Sha256::digest(&media.bytes)),
        "file_size": media.bytes.len(),
        "id": id,
    })))
}

/// `GET /media/{id}`: the bytes of a file, for the same token.
pub(super) async fn download(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, GraphError> {
    let found = find(&sandbox, &headers, &id)?.filter(|_| uri.query() != Some("run_out"));
    Ok(match found {
        Some(media) => download::respond(&sandbox, media).await,
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

fn find(sandbox: &Sandbox, headers: &HeaderMap, id: &str) -> Result<Option<Media>, GraphError> {
    let numbers = auth::numbers(sandbox, headers)?;
    let media = sandbox.state().media.get(id).cloned();
    let own = |media: &Media| numbers.iter().any(|number| number.phone_number_id == media.phone_number_id);
    Ok(media.filter(own))
}
