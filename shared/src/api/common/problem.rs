//! Problem details (RFC 9457), as our own contract and the local server tell that something failed.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Encoded;

/// A problem. Members that it has nothing for are null.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// A name of the code that is nobody else's.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    #[serde(skip)]
    http: StatusCode,
    code: &'static str,
    detail: Option<Cow<'static, str>>,
    field: Option<String>,
    /// The code's chapter of the documents.
    doc: String,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Problem {
    /// A problem of this code.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            kind: format!("urn:ventanilla:error:{code}"),
            title,
            status: status.as_u16(),
            http: status,
            code,
            detail: None,
            field: None,
            doc: format!("docs/errors.md#{code}"),
            more: Map::new(),
        }
    }

    /// With what is wrong this time, in a sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With the place in the request that is wrong.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// With something that only problems of this code have.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }
}

impl From<Problem> for Encoded {
    fn from(problem: Problem) -> Self {
        let kind = HeaderValue::from_static("application/problem+json");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
        Self { status: problem.http, headers, body: json!(problem) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Encoded { status, headers, body } = self.into();
        (status, headers, body.to_string()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_all_members_and_those_of_its_own() {
        let plain: Encoded = Problem::new(StatusCode::GONE, "media_lost", "File lost").into();
        assert_eq!(plain.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(
            plain.body,
            json!({
                "type": "urn:ventanilla:error:media_lost", "title": "File lost", "status": 410, "code": "media_lost",
                "detail": null, "field": null, "doc": "docs/errors.md#media_lost",
            })
        );
        let more =
            Problem::new(StatusCode::CONFLICT, "x", "X").detail("so").field("a.b").with("cursor", json!("7"));
        let Encoded { body, .. } = more.into();
        assert_eq!(
            (&body["detail"], &body["field"], &body["cursor"]),
            (&json!("so"), &json!("a.b"), &json!("7"))
        );
    }
}
