//! An incoming file, over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header;
use reqwest::{RequestBuilder, Response};

use ventanilla_core::{
    domain::file::MimeType,
    ports::files::{Described, DownloadError, FileReader},
};

/// A response whose body is a file.
pub(crate) struct Answered {
    answer: Response,
    described: Described,
}

impl Answered {
    /// A file with the description from its response.
    pub(crate) fn new(answer: Response) -> Self {
        let text =
            |name| answer.headers().get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let mime = text(header::CONTENT_TYPE).and_then(|mime| MimeType::parse(mime).ok());
        let described = Described { mime, size: answer.content_length(), sha256: None };
        Self { answer, described }
    }

    /// The same, with a better description from elsewhere.
    pub(crate) fn described_as(self, known: Described) -> Self {
        let description = self.described;
        let described = Described {
            mime: known.mime.or(description.mime),
            size: known.size.or(description.size),
            sha256: known.sha256.or(description.sha256),
        };
        Self { described, ..self }
    }
}

#[async_trait]
impl FileReader for Answered {
    fn described(&self) -> &Described {
        &self.described
    }

    async fn next(&mut self) -> Result<Option<Bytes>, DownloadError> {
        let broken = |error: reqwest::Error| {
            let seen = if error.is_timeout() { "it took too long" } else { "it broke off" };
            DownloadError::Unavailable(seen.to_owned())
        };
        self.answer.chunk().await.map_err(broken)
    }
}

/// Makes the request, and returns failures. Redirects count as success; the caller decides whether to
/// follow.
pub(crate) async fn ask(request: RequestBuilder, timeout: Duration) -> Result<Response, DownloadError> {
    #[expect(clippy::disallowed_methods, reason = "this is where files are asked for; the time-out is set")]
    let sent = request.timeout(timeout).send().await;
    let answer = sent.map_err(|error| {
        let seen = if error.is_timeout() { "no answer in time" } else { "no connection" };
        DownloadError::Unavailable(seen.to_owned())
    })?;
    let status = answer.status();
    if status.is_success() || status.is_redirection() {
        return Ok(answer);
    }
    let seen = format!("HTTP {}", status.as_u16());
    Err(if status.is_client_error() && status != http::StatusCode::TOO_MANY_REQUESTS {
        DownloadError::Refused(seen)
    } else {
        DownloadError::Unavailable(seen)
    })
}
