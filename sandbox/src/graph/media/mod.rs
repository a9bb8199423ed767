//! Media: their description, bytes, upload and deletion. Numbers and templates are described on the same path.

mod multipart;
mod upload;

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    http::Uri,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(super) use self::upload::{MAX_UPLOAD_BODY, upload};
use super::{auth, check_version, error::GraphError, numbers, query::Parameters, templates};
use crate::{
    Sandbox, download, ids,
    media::{FileFault, Media, MediaOrigin},
    outbound::MetaError,
};

/// `GET /{version}/{media_id}`: a file's download URL and properties; or a number's health, or a template.
pub(super) async fn describe(
    State(sandbox): State<Sandbox>,
    Path((version, id)): Path<(String, String)>,
    OriginalUri(original): OriginalUri,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    let parameters = Parameters::from_uri(&original);
    if let Some(number) = numbers::show(&sandbox, &headers, &id, &parameters)? {
        return Ok(Json(number));
    }
    if let Some(template) = templates::show(&sandbox, &headers, &id, &parameters)? {
        return Ok(Json(template));
    }
    let media = find(&sandbox, &headers, &id)?.ok_or_else(|| GraphError::no_such_object(&id))?;
    check_number(&media, &parameters)?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let mount = original.path().strip_suffix(uri.path()).unwrap_or_default();
    let fault = sandbox.next_file_fault(FileFault::affects_description);
    if fault == Some(FileFault::NotFound) {
        return Err(GraphError::no_such_object(&id));
    }
    let expires_at = if fault == Some(FileFault::Expired) { 0 } else { sandbox.url_expires_at() };
    Ok(Json(json!({
        "messaging_product": "whatsapp",
        "url": format!("http://{host}{mount}{}", download_path(&id, expires_at)),
        "mime_type": media.mime_type,
        "sha256": ids::hex(&Sha256::digest(&media.bytes)),
        "file_size": media.bytes.len(),
        "id": id,
    })))
}

/// `GET /media/{id}?ext=…`: the bytes of a file, for the same token, until the time in `ext`.
pub(super) async fn download(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, GraphError> {
    let expires_at = Parameters::from_uri(&uri).get("ext").and_then(|seconds| seconds.parse().ok());
    let is_valid = expires_at.is_some_and(|expires_at: i64| sandbox.clock().unix_now() < expires_at);
    Ok(match find(&sandbox, &headers, &id)?.filter(|_| is_valid) {
        Some(media) => download::respond(&sandbox, media).await,
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

/// `DELETE /{version}/{media_id}`: deletes a file.
pub(super) async fn remove(
    State(sandbox): State<Sandbox>,
    Path((version, id)): Path<(String, String)>,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    let media = find(&sandbox, &headers, &id)?.ok_or_else(|| GraphError::no_such_object(&id))?;
    check_number(&media, &Parameters::from_uri(&original))?;
    sandbox.state().media.remove(&id);
    Ok(Json(json!({"success": true})))
}

/// The path of a download URL, relative to the mount point. It is valid until `expires_at`, in Unix seconds.
pub(crate) fn download_path(id: &str, expires_at: i64) -> String {
    format!("/media/{id}?ext={expires_at}")
}

/// A number in the query must be that of the upload. Of a customer's file none is accepted, as users report (facts:
/// meta.md 7).
fn check_number(media: &Media, parameters: &Parameters) -> Result<(), GraphError> {
    let given = parameters.get("phone_number_id");
    let is_uploads = |given: &str| media.origin == MediaOrigin::Upload && given == media.phone_number_id;
    if given.is_none_or(is_uploads) {
        return Ok(());
    }
    let details = "Param phone_number_id is not a valid whatsapp business phone number id ID";
    Err(MetaError::malformed(details).into())
}

fn find(sandbox: &Sandbox, headers: &HeaderMap, id: &str) -> Result<Option<Media>, GraphError> {
    let numbers = auth::numbers(sandbox, headers)?;
    let now = sandbox.clock().unix_now();
    let media = sandbox.state().media.get(id, now).cloned();
    let own = |media: &Media| numbers.iter().any(|number| number.phone_number_id == media.phone_number_id);
    Ok(media.filter(own))
}
