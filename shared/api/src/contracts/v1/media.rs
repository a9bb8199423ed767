//! The download URL of a file, valid for five minutes: `GET /v1/media/download/{id}` redirects to it, `GET
//! /v1/media/{id}` returns it.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::errors::{Reader, V1Link, answered, refused};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Failure, InputError, Missing,
    access::{Authorized, scope},
    file,
    ids::{media_id, read_id},
    problem::Problem,
    request::{PathParams, path_param},
    respond,
};
use ventanilla_core::{
    domain::{caller::Caller, file::ContentHash},
    usecases::{
        Files,
        files::{Download, FileProblem},
    },
};

/// The `Retry-After` for a file that is not stored yet, in seconds.
const AGAIN_AFTER: u64 = 5;

/// A file, and where it can be read.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Media", deny_unknown_fields))]
pub(super) struct FileView {
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    file_name: Option<String>,
    /// The size in bytes.
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9a-f]{64}$")))]
    sha256: Option<String>,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ready"])))]
    state: &'static str,
    #[cfg_attr(feature = "schema", schemars(with = "schema::FileId"))]
    id: String,
    /// Absolute, on another host.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    url: String,
    #[cfg_attr(feature = "schema", schemars(with = "schema::Instant"))]
    expires_at: String,
}

pub(super) async fn download(
    Authorized { caller, use_cases: files, .. }: Authorized<scope::Read, V1Link, Arc<Files>>,
    params: PathParams,
) -> Response {
    answer_file(&files, &caller, &params, |there| respond::redirect::<V1Link>(&there.url)).await
}

/// For pages in browsers: a redirect to another host makes the origin null there, and is rejected.
pub(super) async fn one(
    Authorized { caller, use_cases: files, .. }: Reader<Arc<Files>>,
    params: PathParams,
) -> Response {
    answer_file(&files, &caller, &params, |there| answered(Ok(file_view(there)))).await
}

fn file_view(it: &Download) -> FileView {
    FileView {
        mime_type: it.file.mime.essence().to_owned(),
        file_name: it.file.name.clone(),
        size: it.file.size.unwrap_or_default(),
        sha256: it.file.sha256.as_ref().map(ContentHash::as_str).map(str::to_owned),
        state: it.file.presence.word(),
        id: media_id(it.file.file),
        url: it.url.clone(),
        expires_at: it.until.iso_millis(),
    }
}

fn failed(failure: Failure) -> Response {
    answered::<FileView>(Err(failure))
}

async fn answer_file(
    files: &Files,
    caller: &Caller,
    params: &PathParams,
    show: impl FnOnce(&Download) -> Response + Send,
) -> Response {
    let id = match read_id(path_param(params, "id")) {
        Ok(id) => id,
        Err(error) => return failed(InputError::field("id", error).into()),
    };
    match files.download_url(&caller.tenant, id).await {
        Ok(there) => show(&there),
        Err(FileProblem::NotYet) => {
            let problem = Problem::new(StatusCode::CONFLICT, "media_not_there", "File not there yet");
            let mut response = refused(problem.detail("the file is not there yet; try again"));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(AGAIN_AFTER));
            response
        }
        Err(FileProblem::Lost) => {
            let problem = Problem::new(StatusCode::GONE, "media_lost", "File lost");
            refused(problem.detail("WhatsApp did not give the file while it had it"))
        }
        Err(FileProblem::NotFound) => failed(Failure::NotFound(Missing::File)),
        Err(other) => failed(file::failure("id", other)),
    }
}
