//! Writes a file in parts: at most one part is held in memory.

use std::fmt::Write as _;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, header};

use super::objects::{S3, S3Request, done};
use ventanilla_core::{
    domain::file::MimeType,
    ports::files::{FileStoreError, FileWriter},
};

/// Bytes per part; S3 requires at least 5 MiB, except for the last. A file of 100 MB has 13.
const PART: usize = 8 * 1024 * 1024;

/// A file that is being written.
pub(super) struct Writer {
    store: S3,
    key: String,
    mime: MimeType,
    held: Vec<u8>,
    /// The id of the multipart upload, once there is more than one part.
    upload: Option<String>,
    /// The `ETag` of each part.
    parts: Vec<String>,
}

impl Writer {
    pub(super) fn new(store: S3, key: String, mime: MimeType) -> Self {
        Self { store, key, mime, held: Vec::new(), upload: None, parts: Vec::new() }
    }

    /// Uploads the held bytes as a part.
    async fn hand_over(&mut self) -> Result<(), FileStoreError> {
        let upload = match &self.upload {
            Some(upload) => upload.clone(),
            None => self.open().await?,
        };
        let number = self.parts.len() + 1;
        let call = S3Request {
            query: vec![("partNumber", number.to_string()), ("uploadId", upload)],
            body: Bytes::from(std::mem::take(&mut self.held)),
            ..S3Request::new(Method::PUT, &self.key)
        };
        let answer = done(self.store.call(call).await?)?;
        let name = answer.headers().get(header::ETAG).and_then(|name| name.to_str().ok());
        self.parts.push(name.ok_or_else(|| FileStoreError("a part without a name".to_owned()))?.to_owned());
        Ok(())
    }

    async fn open(&mut self) -> Result<String, FileStoreError> {
        let call = S3Request {
            query: vec![("uploads", String::new())],
            mime: Some(&self.mime),
            ..S3Request::new(Method::POST, &self.key)
        };
        let answer = text(done(self.store.call(call).await?)?).await?;
        let upload = between(&answer, "<UploadId>", "</UploadId>");
        let upload = upload.ok_or_else(|| FileStoreError("an upload without a name".to_owned()))?.to_owned();
        self.upload = Some(upload.clone());
        Ok(upload)
    }

    /// Writes a file that fits into one part with one call.
    async fn write_whole(self) -> Result<(), FileStoreError> {
        let call = S3Request {
            mime: Some(&self.mime),
            body: Bytes::from(self.held),
            ..S3Request::new(Method::PUT, &self.key)
        };
        done(self.store.call(call).await?).map(drop)
    }

    async fn complete(&self, upload: String) -> Result<(), FileStoreError> {
        let mut list = String::from("<CompleteMultipartUpload>");
        for (place, name) in self.parts.iter().enumerate() {
            // Writing into a text cannot fail.
            let _ = write!(list, "<Part><PartNumber>{}</PartNumber><ETag>{name}</ETag></Part>", place + 1);
        }
        list.push_str("</CompleteMultipartUpload>");
        let call = S3Request {
            query: vec![("uploadId", upload)],
            body: Bytes::from(list),
            ..S3Request::new(Method::POST, &self.key)
        };
        let answer = text(done(self.store.call(call).await?)?).await?;
        // S3 may answer 200 before the outcome is known.
        if answer.contains("<CompleteMultipartUploadResult") {
            Ok(())
        } else {
            Err(FileStoreError("the parts could not be joined".to_owned()))
        }
    }
}

async fn text(answer: reqwest::Response) -> Result<String, FileStoreError> {
    answer.text().await.map_err(|_| FileStoreError("an answer broke off".to_owned()))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inner, _)| inner)
}

#[async_trait]
impl FileWriter for Writer {
    async fn add(&mut self, mut bytes: &[u8]) -> Result<(), FileStoreError> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART - self.held.len()));
            self.held.extend_from_slice(now);
            bytes = later;
            if self.held.len() == PART {
                self.hand_over().await?;
            }
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), FileStoreError> {
        let Some(upload) = self.upload.clone() else { return self.write_whole().await };
        if !self.held.is_empty() {
            self.hand_over().await?;
        }
        self.complete(upload).await
    }

    async fn abandon(self: Box<Self>) {
        let Some(upload) = self.upload.clone() else { return };
        let call =
            S3Request { query: vec![("uploadId", upload)], ..S3Request::new(Method::DELETE, &self.key) };
        if let Err(error) = self.store.call(call).await {
            tracing::info!(%error, "the parts of an aborted upload could not be deleted");
        }
    }
}
