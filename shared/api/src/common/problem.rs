//! Problem details (RFC 9457), as our own contract and the local server tell that something failed.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

#[cfg(feature = "schema")]
use super::schema;
use super::{Encoded, ids};
use ventanilla_core::domain::{
    id::{BroadcastId, MessageId},
    rejection::ProviderCode,
};

/// Problem details (RFC 9457). Go by `code`; docs/errors.md has a chapter for each. Some codes have members of their own.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^urn:ventanilla:error:[a-z_]+$")))]
    kind: String,
    /// For people; may change.
    title: &'static str,
    #[cfg_attr(feature = "schema", schemars(range(min = 400, max = 599)))]
    status: u16,
    #[serde(skip)]
    http: StatusCode,
    /// Which failure it is.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z_]+$")))]
    code: &'static str,
    /// What is wrong this time, in a sentence; of a wrong request it begins with the field.
    detail: Option<Cow<'static, str>>,
    /// The place in the request that is wrong, a field, a parameter or a header; else null.
    field: Option<String>,
    /// The code's chapter, as a path in the source tree.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^docs/errors\.md#[a-z_]+$")))]
    doc: String,
    /// All that is wrong with a template.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<TemplateProblem>,
    /// What the provider said, by its own code, if it was the provider who refused; null where it gave no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "schema::nullable::<ProviderAnswer>"))]
    provider: Option<ProviderAnswer>,
    /// Since when the 24-hour window is closed, as far as it is known, and approved templates that need no parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<ClosedWindow>,
    /// The message that was refused or is in doubt, if one is on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^msg_[1-9][0-9]*$")))]
    message_id: Option<String>,
    /// The broadcast that may or may not have been begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::BroadcastId>"))]
    broadcast_id: Option<String>,
    /// What only one route's problems have; it is described where that route is.
    #[serde(flatten)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    more: Map<String, Value>,
}

/// Something that is wrong with a template.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct TemplateProblem {
    /// Where: `template`, `header`, `body`, `button 0` …
    pub component: String,
    /// What is wrong, for people.
    pub problem: String,
}

/// What the provider said when it refused.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct ProviderAnswer {
    /// Its own error code.
    #[cfg_attr(feature = "schema", schemars(schema_with = "schema::provider_code"))]
    pub code: Option<ProviderCode>,
    /// The title of the provider's error; null where it gave none.
    pub title: Option<String>,
}

/// A 24-hour window that is closed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct ClosedWindow {
    /// Since when; null where that is not known.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Instant>"))]
    pub closed_at: Option<String>,
    /// Approved templates that need no parameters.
    #[cfg_attr(feature = "schema", schemars(length(max = 20)))]
    pub templates: Vec<String>,
}

impl Problem {
    /// A problem with this code.
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
            problems: Vec::new(),
            provider: None,
            window: None,
            message_id: None,
            broadcast_id: None,
            more: Map::new(),
        }
    }

    /// Sets the sentence that says what is wrong.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Sets the place in the request that is wrong.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Sets the faults of a template.
    #[must_use]
    pub fn problems(mut self, problems: Vec<TemplateProblem>) -> Self {
        self.problems = problems;
        self
    }

    /// Sets the provider's error.
    #[must_use]
    pub fn provider(mut self, answer: ProviderAnswer) -> Self {
        self.provider = Some(answer);
        self
    }

    /// Sets the closed window.
    #[must_use]
    pub fn window(mut self, window: ClosedWindow) -> Self {
        self.window = Some(window);
        self
    }

    /// Sets the message that it concerns.
    #[must_use]
    pub fn message(mut self, id: MessageId) -> Self {
        self.message_id = Some(ids::message_id(id));
        self
    }

    /// Sets the broadcast that it concerns, which may exist.
    #[must_use]
    pub fn broadcast(mut self, id: BroadcastId) -> Self {
        self.broadcast_id = Some(ids::broadcast_id(id));
        self
    }

    /// Sets a member that only problems of this code have.
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
        let said = ProviderAnswer { code: Some(7.into()), title: None };
        let Encoded { body, .. } = more.provider(said).into();
        assert_eq!(body["provider"], json!({ "code": 7, "title": null }));
        assert_eq!(
            (&body["detail"], &body["field"], &body["cursor"]),
            (&json!("so"), &json!("a.b"), &json!("7"))
        );
    }
}
