//! `POST /{version}/{phone_number_id}/media`: uploads a file (facts: meta.md 7; graph-clients.md 1).

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
};
use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::multipart::{self, Part};
use crate::{
    Sandbox,
    graph::{auth, check_version, error::GraphError, query::Parameters},
    ids,
    media::{self, Media, MediaOrigin, UPLOAD_TYPES, UploadError},
    outbound::MetaError,
};

/// The maximum size of the body in bytes: the largest file and its form.
pub(in crate::graph) const MAX_UPLOAD_BODY: usize = 101 * 1024 * 1024;

/// Stores the file of a form and answers with its id.
pub(in crate::graph) async fn upload(
    State(sandbox): State<Sandbox>,
    Path((version, phone_number_id)): Path<(String, String)>,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    let number = auth::number(&sandbox, &headers, &phone_number_id)?;
    let (mime_type, bytes) = read(&headers, &Parameters::from_uri(&original), &body)?;
    let id = ids::media_id();
    let mut state = sandbox.state();
    let lifetime = state.settings.media.uploaded_seconds;
    let media = Media {
        phone_number_id: number.phone_number_id.clone(),
        origin: MediaOrigin::Upload,
        mime_type,
        bytes,
        expires_at: Some(sandbox.clock().unix_now() + i64::from(lifetime)),
    };
    state.media.insert(id.clone(), media);
    Ok(Json(json!({"id": id})))
}

/// The MIME type and the bytes of the file, if the form is valid.
fn read(headers: &HeaderMap, query: &Parameters, body: &Bytes) -> Result<(String, Bytes), MetaError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let parts = multipart::parts(content_type.unwrap_or_default(), body)
        .ok_or_else(|| MetaError::malformed("The body must be a form of the type multipart/form-data."))?;
    let field = |name: &str| parts.iter().find(|part| part.name == name && !part.is_file).map(Part::text);
    if field("messaging_product").or_else(|| query.get("messaging_product")) != Some("whatsapp") {
        return Err(MetaError::malformed("The parameter messaging_product is required."));
    }
    let file = parts.into_iter().find(|part| part.name == "file" && part.is_file);
    let file = file.ok_or_else(|| MetaError::malformed("The parameter file is required."))?;
    // Meta goes by the type of the part, not by the field `type`.
    let mime_type = file.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    media::validate_upload(&mime_type, file.bytes.len()).map_err(|error| rejection(error, &mime_type))?;
    Ok((mime_type, file.bytes))
}

fn rejection(error: UploadError, mime_type: &str) -> MetaError {
    MetaError::malformed(match error {
        UploadError::UnknownType => {
            let known = UPLOAD_TYPES.map(|(known, ..)| known).join(", ");
            format!(
                "Param file must be a file with one of the following types: {known}. Received file of type \
                 '{mime_type}'."
            )
        }
        UploadError::TooLarge(max) => format!("Param file must be at most {max} bytes."),
        UploadError::Empty => "Param file must not be empty.".to_owned(),
    })
}
