//! Failures in the PHP bot's words, which differ from route to route.

use std::marker::PhantomData;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    api::common::{AuthError, Encoded, Failure, access::Contract, auth::Clients},
    domain::time::Timestamp,
    service::send::SendError,
};

/// The body of an unknown path, as that system gives it.
const NOT_FOUND: &str = "404 - Not Found";

/// A route of that system, with the one text that it has for every failure.
pub(super) trait Route: Send + Sync + 'static {
    const FAILED: &'static str;
}

/// The list of conversations.
pub(super) struct Conversations;

impl Route for Conversations {
    const FAILED: &'static str = "Error al obtener conversaciones";
}

/// The messages of a conversation.
pub(super) struct Messages;

impl Route for Messages {
    const FAILED: &'static str = "Error al obtener mensajes";
}

/// The switch of the bot.
pub(super) struct ToggleAi;

impl Route for ToggleAi {
    const FAILED: &'static str = "Error al cambiar estado de IA";
}

/// Both polls for updates.
pub(super) struct Updates;

impl Route for Updates {
    const FAILED: &'static str = "Error al verificar actualizaciones";
}

/// A reply.
pub(super) struct Reply;

impl Route for Reply {
    const FAILED: &'static str = "Error al enviar respuesta";
}

/// The contract, as one of its routes speaks it.
pub(super) struct PhpBot<R>(PhantomData<R>);

impl<R: Route> Contract for PhpBot<R> {
    const CLIENTS: Clients = Clients::SendNone;

    /// The patterns of its paths have digits for an id; anything else is an unknown path.
    fn knows(path: &str) -> bool {
        let id = path.strip_prefix("/api/conversations/").and_then(|rest| rest.split('/').next());
        id.is_none_or(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn unknown_path() -> Response {
        let html = [(header::CONTENT_TYPE, "text/html; charset=UTF-8")];
        (StatusCode::NOT_FOUND, html, NOT_FOUND).into_response()
    }

    /// That system has no such route then (facts: seed-apis.md 1.1).
    fn method_not_allowed() -> Response {
        Self::unknown_path()
    }

    fn failed(failure: &Failure) -> Encoded {
        let body = explained(R::FAILED, failure);
        Encoded { status: status(failure), headers: headers(), body }
    }
}

/// The one table of this contract.
fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Auth(AuthError::NoKey | AuthError::BadKey) => StatusCode::UNAUTHORIZED,
        Failure::Auth(AuthError::Forbidden(_)) => StatusCode::FORBIDDEN,
        Failure::Input(_) | Failure::OutOfReach(_) | Failure::Send(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn explained(text: &str, failure: &Failure) -> Value {
    let mut body = failed(text, failure.code());
    if let (Failure::Input(error), Some(object)) = (failure, body.as_object_mut()) {
        object.insert("field".to_owned(), error.place().into());
        object.insert("detail".to_owned(), error.to_string().into());
    }
    if let (Failure::Send(SendError::Rejected(rejection)), Some(object)) = (failure, body.as_object_mut()) {
        let since = rejection.window_closed_since.map(Timestamp::iso_seconds);
        object.extend(since.map(|since| ("expires_at".to_owned(), since.into())));
        if !rejection.templates.is_empty() {
            object.insert("templates".to_owned(), json!(rejection.templates));
        }
    }
    // So that the message in doubt can be looked up.
    if let (Failure::Send(SendError::Unknown(id)), Some(object)) = (failure, body.as_object_mut()) {
        object.insert("message_id".to_owned(), id.get().into());
    }
    body
}

pub(super) fn failed(text: &str, code: &str) -> Value {
    json!({ "success": false, "error": text, "code": code })
}

/// The headers that PHP's sessions put on every answer.
pub(super) fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let no_cache = "no-store, no-cache, must-revalidate, max-age=0";
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(no_cache));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::EXPIRES, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"));
    headers
}
