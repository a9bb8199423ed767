//! `POST /v1/media`: an address to put a file to, and the id that it is then sent by.

use axum::{extract::Request, response::Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::errors::{MaySend, answered};
use crate::{
    api::common::{
        Encoded, Fields, InputError,
        access::Authorized,
        body::{self, API_LIMIT},
        file,
        ids::media_id,
        respond,
    },
    domain::file::{MimeType, harmless_name},
    service::{
        files::{Opened, UploadWish},
        send::Replay,
    },
};

pub(super) async fn open(Authorized { app, caller, .. }: MaySend, request: Request) -> Response {
    let opened = async {
        let wish = wish(&body::read(request.into_body(), API_LIMIT).await?)?;
        app.core.open_upload(&caller.tenant, wish).await.map_err(|problem| file::failure("size", problem))
    };
    match opened.await {
        Ok(opened) => {
            let (status, headers) = (StatusCode::CREATED, HeaderMap::new());
            respond::answer(Encoded { status, headers, body: shape(opened) }, None, Replay::Original)
        }
        Err(failure) => answered(Err(failure)),
    }
}

fn wish(body: &[u8]) -> Result<UploadWish, InputError> {
    let fields = Fields::read(body)?;
    let mime = MimeType::parse(fields.required_text("mime")?);
    let name = fields.optional_text("file_name")?.map(|name| {
        harmless_name(name)
            .ok_or_else(|| InputError::field("file_name", "must hold something to be called by"))
    });
    Ok(UploadWish {
        mime: mime.map_err(|error| InputError::field("mime", error))?,
        size: fields
            .value("size")
            .and_then(Value::as_u64)
            .ok_or_else(|| InputError::field("size", "must be a whole number of bytes"))?,
        name: name.transpose()?,
    })
}

fn shape(opened: Opened) -> Value {
    let headers: Map<String, Value> =
        opened.upload.headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({
        "id": media_id(opened.file),
        "upload_url": opened.upload.url,
        "headers": headers,
        "expires_at": opened.until.iso_millis(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_names_its_field() {
        for (body, field) in [
            (json!({ "size": 1 }), "mime"),
            (json!({ "mime": "pdf", "size": 1 }), "mime"),
            (json!({ "mime": "application/pdf" }), "size"),
            (json!({ "mime": "application/pdf", "size": -1 }), "size"),
            (json!({ "mime": "application/pdf", "size": 1, "file_name": " . " }), "file_name"),
            (json!({ "mime": "application/pdf", "size": 1, "file_name": 7 }), "file_name"),
        ] {
            assert_eq!(wish(body.to_string().as_bytes()).unwrap_err().place(), field, "{body}");
        }
    }
}
