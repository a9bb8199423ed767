//! Files: as a reply names them, as they are shown, and `GET /v1/attachments/{id}/download` (facts: seed-apis.md
//! 4.2). An attachment goes by the reference of its file, `media_1234`.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::errors::failed;
use crate::{
    api::common::{
        Encoded, InputError,
        file::{self, Words},
        ids::{media_id, read_id},
    },
    domain::{file::Attachment, id::FileId},
    service::files::FileProblem,
};

/// When a file that is not there yet is asked for again, in seconds.
const AGAIN_AFTER: u16 = 5;

/// Reads what `s3_attachment` holds: the reference of a file that was put in, or came from a customer.
pub(super) fn read(text: &str) -> Result<FileId, InputError> {
    read_id(text).map_err(|_| InputError::field("s3_attachment", "must be a reference like media_1234"))
}

/// The file of a message.
pub(super) fn shown(it: &Attachment) -> Value {
    let mut shape = file::attachment(it, Words { mime: "mime_type", name: "file_name", size: "size" });
    shape.insert("id".to_owned(), media_id(it.file).into());
    shape.into()
}

/// Why an attachment cannot be given out.
#[must_use]
pub fn not_given(problem: FileProblem) -> Encoded {
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
        other => return failed(&file::failure("id", other)),
    };
    let mut headers = HeaderMap::new();
    if status == StatusCode::CONFLICT {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(AGAIN_AFTER));
    }
    Encoded { status, headers, body: json!({ "error": { "code": code, "message": text }, "message": text }) }
}
