//! Errors in the format of the Graph API.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::{
    error_codes, ids,
    log::CallOutcome,
    outbound::{ErrorResponse, MetaError},
};

/// An error response of the Graph API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GraphError {
    code: u32,
    status: StatusCode,
    message: String,
    kind: &'static str,
    subcode: Option<u32>,
    details: Option<String>,
    /// `error_user_msg`: a message for end users.
    user_message: Option<String>,
    retry_after: Option<u32>,
}

impl GraphError {
    /// The error with this code, its default HTTP status and its title.
    pub(super) fn new(code: u32) -> Self {
        Self {
            code,
            status: error_codes::http_status(code),
            message: error_codes::message(code),
            kind: "OAuthException",
            subcode: None,
            details: None,
            user_message: None,
            retry_after: None,
        }
    }

    /// Meta's error code, for the log.
    pub(super) fn code(&self) -> u32 {
        self.code
    }

    /// The object does not exist, or the token may not see it: the Graph API does not distinguish them.
    pub(super) fn no_such_object(id: &str) -> Self {
        let message = format!(
            "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to \
             missing permissions, or does not support this operation."
        );
        Self { message, kind: "GraphMethodException", subcode: Some(33), ..Self::new(100) }
    }

    /// The Graph API has no such path.
    pub(super) fn unknown_path(path: &str) -> Self {
        Self { message: format!("Unknown path components: {path}"), ..Self::new(2500) }
    }

    /// The bearer token is missing, invalid or expired.
    pub(super) fn token(message: &str) -> Self {
        Self { message: message.to_owned(), ..Self::new(190) }
    }

    /// A template with this name and language exists already.
    pub(super) fn template_exists(name: &str, language: &str) -> Self {
        let text = format!("There is already {language} content for the template {name}.");
        Self {
            message: "Invalid parameter".to_owned(),
            subcode: Some(2_388_024),
            user_message: Some(text),
            ..Self::new(100)
        }
    }

    /// Sets `error_data.details` in the body.
    pub(super) fn details(self, details: impl Into<String>) -> Self {
        Self { details: Some(details.into()), ..self }
    }

    /// Replaces the default HTTP status.
    pub(super) fn status(self, status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(self.status);
        Self { status, ..self }
    }

    /// Adds a `Retry-After` header, in seconds.
    pub(super) fn retry_after(self, seconds: Option<u32>) -> Self {
        Self { retry_after: seconds, ..self }
    }

    fn body(&self) -> Value {
        let mut error = Map::new();
        error.insert("message".into(), self.message.as_str().into());
        error.insert("type".into(), self.kind.into());
        error.insert("code".into(), self.code.into());
        if let Some(subcode) = self.subcode {
            error.insert("error_subcode".into(), subcode.into());
        }
        if let Some(details) = &self.details {
            let data = json!({"messaging_product": "whatsapp", "details": details});
            error.insert("error_data".into(), data);
        }
        if let Some(text) = &self.user_message {
            error.insert("error_user_title".into(), "Content in This Language Already Exists".into());
            error.insert("error_user_msg".into(), text.as_str().into());
        }
        error.insert("fbtrace_id".into(), ids::trace_id().into());
        json!({"error": error})
    }
}

impl From<MetaError> for GraphError {
    fn from(error: MetaError) -> Self {
        let graph = Self::new(error.code);
        // The message of this code is the mistake itself, not a title (facts: meta.md 3.1).
        let message =
            if error.code == 100 { format!("(#100) {}", error.details) } else { graph.message.clone() };
        Self { message, subcode: error.subcode, ..graph.details(error.details) }
    }
}

impl ErrorResponse for GraphError {
    fn outcome(&self) -> CallOutcome {
        CallOutcome::Rejected { code: self.code }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
