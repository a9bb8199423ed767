//! One call to a provider, and the meaning of a call without a response: the same for every provider.

use http::{HeaderMap, StatusCode, header};

use ventanilla_core::{
    domain::rejection::{Reason, Rejection},
    ports::provider::SendFailure,
};

/// Most bytes of a response that are read.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// A complete response of a provider.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// `Retry-After` in seconds, where given as a number.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
}

/// Makes a call and reads the response to the end, up to a limit. The request has its own time-out.
pub(crate) async fn call(request: reqwest::RequestBuilder) -> Result<Answer, SendFailure> {
    #[expect(clippy::disallowed_methods, reason = "this is where providers are called; the time-out is set")]
    let sent = request.send().await;
    let answer = sent.map_err(|error| unsent(&error))?;
    let (status, retry_after) = (answer.status(), retry_after(answer.headers()));
    match read(answer).await {
        Some(body) => Ok(Answer { status, retry_after, body }),
        None => Err(SendFailure::Ambiguous("the answer broke off or was too long")),
    }
}

/// The result of a call without a response. Only a failed connection proves that nothing was sent.
fn unsent(error: &reqwest::Error) -> SendFailure {
    if error.is_connect() || error.is_builder() {
        return SendFailure::Refused(Reason::ProviderDown.because("no connection to the provider"));
    }
    if error.is_timeout() {
        return SendFailure::Ambiguous("no answer in time");
    }
    SendFailure::Ambiguous("the connection broke off")
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// Reads a response to the end, up to the limit.
pub(crate) async fn read(mut answer: reqwest::Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if bytes.len() + chunk.len() > ANSWER_LIMIT {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}

/// The meaning of a response that explains nothing: by its status alone.
pub(crate) fn unexplained(status: StatusCode, retry_after: Option<u64>) -> SendFailure {
    let reason = match status {
        StatusCode::TOO_MANY_REQUESTS => Reason::RateLimited,
        StatusCode::UNAUTHORIZED => Reason::ProviderAuth,
        StatusCode::REQUEST_TIMEOUT => return SendFailure::Ambiguous("the provider gave up waiting"),
        status if status.is_server_error() => {
            return SendFailure::Ambiguous("a server error that says nothing");
        }
        // Redirects are not followed, and a 4xx without the provider's own error comes from something in
        // between.
        _ => Reason::ProviderRejected,
    };
    SendFailure::Refused(Rejection {
        retry_after_seconds: retry_after,
        ..reason.because(format!("HTTP {}", status.as_u16()))
    })
}

/// The failure when a channel and a secret are of different providers: a mistake of the operator's.
pub(crate) fn foreign_secret() -> SendFailure {
    SendFailure::Refused(Reason::ProviderAuth.because("the channel's secret is one of another provider"))
}
