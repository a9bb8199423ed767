//! Refusals of messages, as problem details: what the provider said, and what can be sent instead.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::{
    api::common::{Encoded, ids::message_id},
    domain::{
        id::MessageId,
        rejection::{Reason, Rejection},
        template::Problem,
        time::Timestamp,
    },
};

/// The status and the title of a refusal.
pub(super) fn title(reason: Reason) -> (StatusCode, &'static str) {
    match reason {
        Reason::InvalidInput => (StatusCode::BAD_REQUEST, "The provider finds fault with the message"),
        Reason::TemplateProblem => (StatusCode::BAD_REQUEST, "The template cannot be sent like this"),
        Reason::WindowClosed => (StatusCode::CONFLICT, "The 24-hour window is closed"),
        Reason::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        Reason::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "Too many messages"),
        Reason::RecipientUnreachable => (StatusCode::UNPROCESSABLE_ENTITY, "The recipient cannot be reached"),
        Reason::Unsupported => {
            (StatusCode::UNPROCESSABLE_ENTITY, "The channel's provider cannot send this message")
        }
        Reason::Suppressed => (StatusCode::FORBIDDEN, "The recipient wants no marketing"),
        Reason::ChannelDisabled => (StatusCode::FORBIDDEN, "The channel is disabled"),
        Reason::ProviderAuth => (StatusCode::BAD_GATEWAY, "The provider does not accept our credentials"),
        Reason::AccountBlocked => (StatusCode::BAD_GATEWAY, "The account at the provider is restricted"),
        Reason::LowBalance => (StatusCode::BAD_GATEWAY, "The account at the provider has no money left"),
        Reason::ProviderDown => (StatusCode::BAD_GATEWAY, "The provider could not be reached"),
        Reason::ProviderFault => (StatusCode::BAD_GATEWAY, "The provider failed"),
        Reason::ProviderRejected => (StatusCode::BAD_GATEWAY, "The provider refused the message"),
    }
}

/// What a refusal adds to problem details.
pub(super) fn particulars(it: &Rejection) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut add = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    if let Some(detail) = &it.detail {
        add("detail", detail.as_str().into());
    }
    if let Some(code) = &it.provider_code {
        add("provider", json!({ "code": code, "title": it.detail }));
    }
    if it.reason == Reason::WindowClosed {
        let closed_at = it.window_closed_since.map(Timestamp::iso_millis);
        add("window", json!({ "closed_at": closed_at, "templates": it.templates }));
    }
    fields
}

/// Problem details about a message that is on record.
pub(super) fn about(mut problem: Encoded, message: Option<MessageId>) -> Encoded {
    if let (Some(id), Some(body)) = (message, problem.body.as_object_mut()) {
        body.insert("message_id".to_owned(), message_id(id).into());
    }
    problem
}

/// All that is wrong with the template of a message: nothing was sent.
pub(super) fn wrong_template(problems: &[Problem]) -> Encoded {
    let (status, title) = title(Reason::TemplateProblem);
    let shown: Vec<Value> =
        problems.iter().map(|it| json!({ "component": it.component, "problem": it.problem })).collect();
    let body = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "code": Reason::TemplateProblem.code(),
        "field": "template",
        "problems": shown,
    });
    let headers =
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))]);
    Encoded { status, headers, body }
}
