//! Errors in the formats of Kaleyra.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    error_codes,
    log::CallOutcome,
    outbound::{ErrorResponse, ScriptedError},
};

/// An error response of Kaleyra's.
#[derive(Debug)]
pub(super) struct KaleyraError {
    status: StatusCode,
    /// The code or field, for the log.
    code: String,
    body: Value,
    retry_after: Option<u32>,
}

/// A documented error of V2.
struct KnownError {
    code: &'static str,
    status: u16,
    message: &'static str,
    /// The key in the object `error`.
    key: &'static str,
    /// The text under the key.
    text: &'static str,
}

/// For the last two, only the code and its meaning are documented: status, texts and key follow the others.
const KNOWN_ERRORS: [KnownError; 8] = [
    KnownError {
        code: "RBC001",
        status: 401,
        message: "Incorrect SID or API key.",
        key: "error",
        text: "Incorrect SID or API key.",
    },
    KnownError {
        code: "WA401",
        status: 401,
        message: "Phone number is not present or does not belong to the account.",
        key: "phone_number",
        text: "Phone number is not present or does not belong to the account.",
    },
    KnownError {
        code: "WA-401",
        status: 401,
        message: "API is not available for given customer.Please contact support for more info",
        key: "account",
        text: "API is not available for given customer.Please contact support for more info",
    },
    KnownError {
        code: "WA400",
        status: 400,
        message: "Refer to correct payload format",
        key: "payload",
        text: "Incorrect payload format",
    },
    KnownError {
        code: "WA500",
        status: 500,
        message: "Please try again later",
        key: "error",
        text: "Internal server error",
    },
    KnownError {
        code: "E110",
        status: 400,
        message: "Please check your balance, You have a low balance!",
        key: "balance",
        text: "Please check your balance, You have a low balance!",
    },
    KnownError {
        code: "WA429",
        status: 429,
        message: "Too many requests",
        key: "error",
        text: "Too many requests",
    },
    KnownError {
        code: "WAV2101",
        status: 400,
        message: "Account daily limit reached",
        key: "error",
        text: "Account daily limit reached",
    },
];

const OTHER_VERSION: &str = "The phone number you're using is associated with different Version of our \
                             WA API. Please use the appropriate endpoint.";

impl KaleyraError {
    /// The error with this code, as it is documented.
    pub(super) fn from_code(code: &str) -> Self {
        match KNOWN_ERRORS.iter().find(|listed| listed.code == code) {
            Some(KnownError { status, message, key, text, .. }) => {
                Self::enveloped(*status, code, message, key, text)
            }
            None => Self::enveloped(400, code, "Request failed", "error", "Request failed"),
        }
    }

    /// The number uses the other API: the same code as for an account without access.
    pub(super) fn other_version() -> Self {
        Self::enveloped(401, "WA-401", OTHER_VERSION, "phone_number", OTHER_VERSION)
    }

    /// V2 rejects the body for this reason.
    pub(super) fn payload(reason: &str) -> Self {
        Self::enveloped(400, "WA400", "Refer to correct payload format", "payload", reason)
    }

    /// V1 rejects a field for this reason.
    pub(super) fn field(name: &str, reason: &str) -> Self {
        let body = json!({"error": {name: reason}});
        Self { status: StatusCode::BAD_REQUEST, code: name.to_owned(), body, retry_after: None }
    }

    /// A scripted error; `by_meta` formats one that quotes Meta.
    pub(super) fn scripted(error: &ScriptedError, by_meta: impl FnOnce(&str) -> Self) -> Self {
        match error {
            ScriptedError::ByMeta { code, http_status, details } => {
                let title = error_codes::message(*code);
                let text = details.as_ref().map(|details| format!("{title}: {details}"));
                by_meta(&text.unwrap_or(title)).with_status(*http_status)
            }
            ScriptedError::ByKaleyra { code, http_status } => Self::from_code(code).with_status(*http_status),
            ScriptedError::TooMany { retry_after } => {
                Self { retry_after: *retry_after, ..Self::from_code("WA429") }
            }
            ScriptedError::Broken { status } => Self::from_code("WA500").with_status(Some(*status)),
            ScriptedError::Expired => Self::from_code("RBC001"),
        }
    }

    fn enveloped(status: u16, code: &str, message: &str, key: &str, text: &str) -> Self {
        // Only this error has a list here; all others have an object.
        let data = if code == "RBC001" { json!([]) } else { json!({}) };
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            code: code.to_owned(),
            body: json!({"code": code, "message": message, "data": data, "error": {key: text}}),
            retry_after: None,
        }
    }

    /// Replaces the HTTP status, if one is given.
    fn with_status(self, status: Option<u16>) -> Self {
        let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(self.status);
        Self { status, ..self }
    }
}

impl ErrorResponse for KaleyraError {
    fn outcome(&self) -> CallOutcome {
        CallOutcome::RejectedByKaleyra { code: self.code.clone() }
    }
}

impl IntoResponse for KaleyraError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
