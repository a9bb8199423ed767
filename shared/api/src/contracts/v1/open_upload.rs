//! `POST /v1/media`: an upload URL, and the id by which the file is then sent.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::Request, response::Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::errors::{MaySend, V1};
use crate::app::SendUseCases;
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Encoded, InputError,
    access::Authorized,
    body::{self, API_LIMIT},
    file,
    ids::media_id,
    json, respond,
};
use ventanilla_core::{
    domain::file::{MimeType, harmless_name},
    usecases::files::{PendingUpload, UploadRequest},
};

/// A file that is to be put in.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct NewUpload {
    /// What the file holds.
    #[cfg_attr(feature = "schema", schemars(with = "String", length(max = 128)))]
    mime_type: MimeType,
    /// The exact size in bytes; an upload of another size is rejected.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 104_857_600)))]
    size: u64,
    /// What it is called. What paths would read otherwise becomes `_`.
    file_name: Option<String>,
}

/// Where the file is to be put.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Upload", deny_unknown_fields))]
pub(super) struct UploadView {
    #[cfg_attr(feature = "schema", schemars(with = "schema::FileId"))]
    id: String,
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    upload_url: String,
    headers: BTreeMap<&'static str, String>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    expires_at: String,
}

pub(super) async fn open(
    Authorized { caller, use_cases, .. }: MaySend<Arc<SendUseCases>>,
    request: Request,
) -> Response {
    let opened = async {
        let wanted_upload = upload_request(&body::read(request.into_body(), API_LIMIT).await?)?;
        let opened = use_cases.files.open_upload(&caller.tenant, wanted_upload).await;
        let opened = opened.map_err(|problem| file::failure("size", problem))?;
        Ok(Encoded { status: StatusCode::CREATED, headers: HeaderMap::new(), body: json!(upload(opened)) })
    };
    respond::answered::<V1>(opened.await)
}

fn upload_request(body: &[u8]) -> Result<UploadRequest, InputError> {
    let NewUpload { mime_type, size, file_name } = json::read(body)?;
    let name = file_name.map(|name| {
        harmless_name(&name)
            .ok_or_else(|| InputError::field("file_name", "must hold something to be called by"))
    });
    Ok(UploadRequest { mime: mime_type, size, name: name.transpose()? })
}

fn upload(opened: PendingUpload) -> UploadView {
    UploadView {
        id: media_id(opened.file),
        upload_url: opened.upload.url,
        headers: opened.upload.headers.into_iter().collect(),
        expires_at: opened.until.iso_millis(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_names_its_field() {
        for (body, says) in [
            (json!({ "size": 1 }), "mime_type is missing"),
            (
                json!({ "mime": "application/pdf", "size": 1 }),
                "mime is an unknown field; did you mean `mime_type`?",
            ),
            (json!({ "mime_type": "pdf", "size": 1 }), "mime_type must be a type like image/jpeg"),
            (json!({ "mime_type": "application/pdf" }), "size is missing"),
            (json!({ "mime_type": "application/pdf", "size": -1 }), "size must be a whole number from 0 on"),
            (
                json!({ "mime_type": "application/pdf", "size": 1, "file_name": " . " }),
                "file_name must hold something to be called by",
            ),
            (json!({ "mime_type": "application/pdf", "size": 1, "file_name": 7 }), "file_name must be text"),
        ] {
            assert_eq!(upload_request(body.to_string().as_bytes()).unwrap_err().to_string(), says, "{body}");
        }
    }
}
