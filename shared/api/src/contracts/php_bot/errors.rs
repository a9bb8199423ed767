//! Failures in the PHP bot's texts, which differ from route to route.

use std::marker::PhantomData;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{AuthError, Encoded, Failure, access::Contract, auth::Clients};
use ventanilla_core::domain::{id::MessageId, time::Timestamp};

/// The vendor's body for an unknown path.
const NOT_FOUND: &str = "404 - Not Found";

/// A route of the vendor's, with its one text for every failure.
pub(super) trait Route: Send + Sync + 'static {
    const FAILED: &'static str;

    /// The body of a failure.
    fn body(failure: &Failure) -> Value {
        json!(ReadError::of(Self::FAILED, failure))
    }
}

/// The route that lists conversations.
pub(super) struct ListConversations;

impl Route for ListConversations {
    const FAILED: &'static str = "Error al obtener conversaciones";
}

/// The route that lists the messages of a conversation.
pub(super) struct ListMessages;

impl Route for ListMessages {
    const FAILED: &'static str = "Error al obtener mensajes";
}

/// The route that switches the bot on and off.
pub(super) struct ToggleAi;

impl Route for ToggleAi {
    const FAILED: &'static str = "Error al cambiar estado de IA";
}

/// Both routes that poll for updates.
pub(super) struct CheckUpdates;

impl Route for CheckUpdates {
    const FAILED: &'static str = "Error al verificar actualizaciones";
}

/// The route that sends a reply.
pub(super) struct Reply;

impl Route for Reply {
    const FAILED: &'static str = "Error al enviar respuesta";

    fn body(failure: &Failure) -> Value {
        json!(ReplyError::from(failure))
    }
}

/// The contract's marker, for one of its routes.
pub(super) struct PhpBot<R>(PhantomData<R>);

impl<R: Route> Contract for PhpBot<R> {
    const CLIENTS: Clients = Clients::SendNone;

    /// The patterns of its paths accept only digits for an id; anything else is an unknown path.
    fn knows(path: &str) -> bool {
        let id = path.strip_prefix("/api/conversations/").and_then(|rest| rest.split('/').next());
        id.is_none_or(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn unknown_path() -> Response {
        let html = [(header::CONTENT_TYPE, "text/html; charset=UTF-8")];
        (StatusCode::NOT_FOUND, html, NOT_FOUND).into_response()
    }

    /// The vendor has no such route then (facts: seed-apis.md 1.1).
    fn method_not_allowed() -> Response {
        Self::unknown_path()
    }

    fn failed(failure: &Failure) -> Encoded {
        Encoded { status: status(failure), headers: headers(), body: R::body(failure) }
    }
}

/// The error table of this contract.
fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Auth(AuthError::NoKey | AuthError::BadKey) => StatusCode::UNAUTHORIZED,
        Failure::Auth(AuthError::Forbidden(_)) => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Why a route that reads, or the switch of the bot, did not work out.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PhpReadError", deny_unknown_fields))]
#[cfg_attr(feature = "schema", schemars(extend("dependentRequired" = { "field": ["detail"], "detail": ["field"] })))]
pub(super) struct ReadError {
    #[cfg_attr(feature = "schema", schemars(extend("const" = false)))]
    success: bool,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = [ListConversations::FAILED, ListMessages::FAILED, ToggleAi::FAILED, CheckUpdates::FAILED])))]
    error: &'static str,
    /// Which failure it is.
    code: &'static str,
    /// What is wrong, for `invalid_request` and `payload_too_large`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(extend("enum" = ["id", "ai_enabled", "last_check", "conversation_id", "dry_run", "body"]))
    )]
    field: Option<String>,
    /// Why, in a sentence that begins with the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl ReadError {
    fn of(text: &'static str, failure: &Failure) -> Self {
        let (field, detail) = wrong(failure).unzip();
        Self { success: false, error: text, code: failure.code(), field, detail }
    }
}

/// Why a reply did not work out.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReplyError", deny_unknown_fields))]
#[cfg_attr(feature = "schema", schemars(extend("dependentRequired" = { "field": ["detail"], "detail": ["field"] })))]
pub(super) struct ReplyError {
    #[cfg_attr(feature = "schema", schemars(extend("const" = false)))]
    success: bool,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = [Reply::FAILED])))]
    error: &'static str,
    /// Which failure it is.
    code: &'static str,
    /// What is wrong, for `invalid_request` and `payload_too_large`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("examples" = EXAMPLES_OF_FIELDS)))]
    field: Option<String>,
    /// Why, in a sentence that begins with the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// When the window closed, for `window_closed` where we knew. UTC, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    expires_at: Option<String>,
    /// Approved templates of our copy that need no parameters, for `window_closed`: what can be sent instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 20)))]
    templates: Vec<String>,
    /// The message in doubt, for `outcome_unknown`; `/v1/messages/{id}` tells what becomes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Id>"))]
    message_id: Option<MessageId>,
}

impl ReplyError {
    /// A failure with this code and no further fields.
    fn of_code(code: &'static str) -> Self {
        Self {
            success: false,
            error: Reply::FAILED,
            code,
            field: None,
            detail: None,
            expires_at: None,
            templates: Vec::new(),
            message_id: None,
        }
    }
}

impl From<&Failure> for ReplyError {
    fn from(failure: &Failure) -> Self {
        let (field, detail) = wrong(failure).unzip();
        let error = Self { field, detail, ..Self::of_code(failure.code()) };
        match failure {
            Failure::Rejected(rejection) => Self {
                expires_at: rejection.window_closed_since.map(Timestamp::iso_seconds),
                templates: rejection.templates.clone(),
                ..error
            },
            // So that the unknown message can be looked up.
            Failure::Unknown(id) => Self { message_id: Some(*id), ..error },
            _ => error,
        }
    }
}

/// The faulty place in the request, and what is wrong with it.
fn wrong(failure: &Failure) -> Option<(String, String)> {
    match failure {
        Failure::Input(error) => Some((error.place().to_owned(), error.to_string())),
        _ => None,
    }
}

/// The response when a reply was sent but could not be stored.
pub(super) fn sent_not_recorded() -> Encoded {
    let body = json!(ReplyError::of_code("sent_not_recorded"));
    Encoded { status: StatusCode::INTERNAL_SERVER_ERROR, headers: headers(), body }
}

/// Examples for the document of places that can be wrong in a reply.
#[cfg(feature = "schema")]
const EXAMPLES_OF_FIELDS: [&str; 10] = [
    "id",
    "message",
    "sent_by",
    "sent_by.type",
    "sent_by.id",
    "sent_by.name",
    "replyTo",
    "body",
    "Idempotency-Key",
    "Delivery-Policy",
];

/// The headers that PHP's sessions add to every response.
pub(super) fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let no_cache = "no-store, no-cache, must-revalidate, max-age=0";
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(no_cache));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::EXPIRES, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"));
    headers
}

/// A successful response of a route.
pub(super) fn done(body: &impl Serialize) -> Encoded {
    Encoded { status: StatusCode::OK, headers: headers(), body: json!(body) }
}
