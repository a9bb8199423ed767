//! Amazon S3, through presigned URLs only, like those that clients and providers get. There is no SDK for S3
//! here: five plain calls over our own HTTP client do, and stream.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_types::region::Region;
use bytes::Bytes;
use http::{Method, StatusCode, header};
use reqwest::Response;

use super::{
    key,
    sign::{Permit, Signer},
    writer::Writer,
};
use ventanilla_core::{
    domain::file::{FileAddress, MimeType},
    ports::{
        clock::Clock,
        files::{DownloadHeaders, FileStore, FileStoreError, FileWriter, Upload, UploadLimits},
    },
};

/// How long a URL is valid that we use at once ourselves.
const AT_ONCE: Duration = Duration::from_mins(5);

/// The time limit of one call; the largest carries a part of a file.
const CALL: Duration = Duration::from_secs(30);

/// Most tries of a call.
const TRIES: u32 = 3;

/// The wait before a retry; twice as long each time.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// The location and the credentials of a bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The name of the bucket.
    pub name: String,
    /// The AWS region of the bucket.
    pub region: Region,
    /// Another endpoint for S3.
    pub endpoint: Option<String>,
    /// The credentials that sign the calls.
    pub credentials: Credentials,
}

/// An S3 bucket as a file store.
#[derive(Clone)]
pub struct S3 {
    http: reqwest::Client,
    base: String,
    signer: Signer,
    clock: Arc<dyn Clock>,
}

/// A call to the store.
pub(super) struct S3Request<'a> {
    pub(super) method: Method,
    pub(super) key: &'a str,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) mime: Option<&'a MimeType>,
    pub(super) body: Bytes,
}

impl<'a> S3Request<'a> {
    /// A call without query, type or body.
    pub(super) fn new(method: Method, key: &'a str) -> Self {
        Self { method, key, query: Vec::new(), mime: None, body: Bytes::new() }
    }
}

impl S3 {
    /// A bucket, over this HTTP client.
    #[must_use]
    pub fn new(http: reqwest::Client, bucket: Bucket, clock: Arc<dyn Clock>) -> Self {
        let Bucket { name, region, endpoint, credentials } = bucket;
        let base = match endpoint {
            Some(endpoint) => format!("{}/{name}", endpoint.trim_end_matches('/')),
            None => format!("https://{name}.s3.{region}.amazonaws.com"),
        };
        Self { http, base, signer: Signer { credentials, region }, clock }
    }

    fn signed(
        &self,
        method: &Method,
        key: &str,
        query: &[(&'static str, String)],
        headers: &[(&'static str, String)],
        valid: Duration,
    ) -> Result<String, FileStoreError> {
        let mut url = format!("{}/{key}", self.base);
        for (place, (name, value)) in query.iter().enumerate() {
            url.push(if place == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            url.push_str(&escaped(value));
        }
        self.signer.sign(&Permit { method, url, headers, valid }, self.clock.now())
    }

    /// Makes a call, with retries: every one may be repeated.
    pub(super) async fn call(&self, call: S3Request<'_>) -> Result<Response, FileStoreError> {
        let mut wait = AGAIN_AFTER;
        for _ in 1..TRIES {
            match self.call_once(&call).await {
                Ok(answer) if !answer.status().is_server_error() => return Ok(answer),
                Ok(_) | Err(_) => {}
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        self.call_once(&call).await
    }

    async fn call_once(&self, call: &S3Request<'_>) -> Result<Response, FileStoreError> {
        let url = self.signed(&call.method, call.key, &call.query, &[], AT_ONCE)?;
        let mut request = self.http.request(call.method.clone(), url).timeout(CALL);
        if let Some(mime) = call.mime {
            request = request.header(header::CONTENT_TYPE, mime.as_str());
        }
        if call.method == Method::PUT || call.method == Method::POST {
            request = request.body(call.body.clone());
        }
        let request = request.build().map_err(|_| FileStoreError("a call that cannot be made".to_owned()))?;
        // The client's error would contain the URL, which is a permission.
        self.http.execute(request).await.map_err(|error| {
            FileStoreError(if error.is_timeout() { "no answer in time" } else { "no connection" }.to_owned())
        })
    }
}

/// The response of a successful call.
pub(super) fn done(answer: Response) -> Result<Response, FileStoreError> {
    if answer.status().is_success() {
        Ok(answer)
    } else {
        Err(FileStoreError(format!("HTTP {}", answer.status().as_u16())))
    }
}

/// A query value in the encoding of the signature: everything but letters, digits and `-._~` is escaped.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[async_trait]
impl FileStore for S3 {
    async fn begin(
        &self,
        file: &FileAddress,
        mime: &MimeType,
    ) -> Result<Box<dyn FileWriter>, FileStoreError> {
        Ok(Box::new(Writer::new(self.clone(), key::of(file), mime.clone())))
    }

    async fn size(&self, file: &FileAddress) -> Result<Option<u64>, FileStoreError> {
        let answer = self.call(S3Request::new(Method::HEAD, &key::of(file))).await?;
        // A 403 says nothing about the file, only that we may not ask: a role that may list the bucket gets
        // a 404 for a missing file.
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let answer = done(answer)?;
        let size =
            answer.headers().get(header::CONTENT_LENGTH).and_then(|size| size.to_str().ok()?.parse().ok());
        size.map(Some).ok_or_else(|| FileStoreError("a file without a size".to_owned()))
    }

    async fn beginning(&self, file: &FileAddress, most: usize) -> Result<Vec<u8>, FileStoreError> {
        let mut answer = done(self.call(S3Request::new(Method::GET, &key::of(file))).await?)?;
        let mut beginning = Vec::new();
        // The rest is not read: the response is dropped.
        while beginning.len() < most
            && let Some(bytes) =
                answer.chunk().await.map_err(|_| FileStoreError("the answer broke off".to_owned()))?
        {
            beginning.extend_from_slice(&bytes);
        }
        beginning.truncate(most);
        Ok(beginning)
    }

    fn reading(
        &self,
        file: &FileAddress,
        shown: DownloadHeaders<'_>,
        valid: Duration,
    ) -> Result<String, FileStoreError> {
        let mut query = Vec::new();
        if let Some(name) = shown.name {
            let plain: String =
                name.chars().map(|letter| if letter.is_ascii() { letter } else { '_' }).collect();
            let attached = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", escaped(name));
            query.push(("response-content-disposition", attached));
        }
        query.push(("response-content-type", shown.mime.as_str().to_owned()));
        self.signed(&Method::GET, &key::of(file), &query, &[], valid)
    }

    fn writing(
        &self,
        file: &FileAddress,
        limits: UploadLimits<'_>,
        valid: Duration,
    ) -> Result<Upload, FileStoreError> {
        let signed = [
            ("content-length", limits.size.to_string()),
            ("content-type", limits.mime.as_str().to_owned()),
            // Once only: a file that was validated and sent must not be replaced while the URL is valid.
            ("if-none-match", "*".to_owned()),
        ];
        let url = self.signed(&Method::PUT, &key::of(file), &[], &signed, valid)?;
        Ok(Upload { url, headers: signed.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::system::SystemClock;
    use ventanilla_whatsapp::http::client;

    /// What a store that always answers like this says of a file.
    async fn size_at(status: StatusCode) -> Result<Option<u64>, FileStoreError> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
        let router = axum::Router::new().fallback(move || async move { status });
        tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        let credentials = Credentials::new("key", "secret", None, None, "test");
        let region = Region::from_static("us-east-1");
        let bucket = Bucket { name: "bucket".to_owned(), region, endpoint, credentials };
        let file = FileAddress { tenant: "acme".parse().unwrap(), id: "7".parse().unwrap() };
        S3::new(client().unwrap(), bucket, Arc::new(SystemClock)).size(&file).await
    }

    #[tokio::test]
    async fn only_a_404_says_that_a_file_is_not_there() {
        assert_eq!(size_at(StatusCode::NOT_FOUND).await, Ok(None));
        assert_eq!(size_at(StatusCode::FORBIDDEN).await, Err(FileStoreError("HTTP 403".to_owned())));
    }
}
