//! `GET /v1/attachments/{id}/download` (facts: seed-apis.md 4.2). The id of an attachment is the reference
//! of its file, `media_1234`.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use super::{
    errors::{AbcSales, Reader},
    types::{LeadError, LeadErrorDetails},
};
use crate::common::{
    Encoded,
    access::{Authorized, Contract},
    file,
    ids::read_id,
    request::{PathParams, path_param},
    respond,
};
use ventanilla_core::usecases::{Files, files::FileProblem};

/// The `Retry-After` for a file that is not stored yet, in seconds.
const AGAIN_AFTER: u16 = 5;

pub(super) async fn download_attachment(
    Authorized { caller, use_cases: files, .. }: Reader<Arc<Files>>,
    params: PathParams,
) -> Response {
    let found = match read_id(path_param(&params, "id")) {
        Ok(id) => files.download_url(&caller.tenant, id).await,
        // A text that is no reference belongs to no file.
        Err(_) => Err(FileProblem::NotFound),
    };
    match found {
        Ok(there) => respond::redirect::<AbcSales>(&there.url),
        Err(problem) => respond::answered::<AbcSales>(Ok(not_given(problem))),
    }
}

/// The failure of a download.
fn not_given(problem: FileProblem) -> Encoded {
    let (status, code, text) = match problem {
        FileProblem::NotFound => (StatusCode::NOT_FOUND, "not_found", "There is no such attachment."),
        FileProblem::NotYet => (
            StatusCode::CONFLICT,
            "media_not_there",
            "The attachment is not there yet; try again in a moment.",
        ),
        FileProblem::Lost => {
            (StatusCode::GONE, "media_lost", "WhatsApp did not give the file while it had it.")
        }
        other => return AbcSales::failed(&file::failure("id", other)),
    };
    let mut headers = HeaderMap::new();
    if status == StatusCode::CONFLICT {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(AGAIN_AFTER));
    }
    let error = LeadErrorDetails { code, message: text.into(), ..LeadErrorDetails::default() };
    Encoded { status, headers, body: json!(LeadError::from(error)) }
}
