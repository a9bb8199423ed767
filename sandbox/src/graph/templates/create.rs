//! `POST /{version}/{waba_id}/message_templates`: creates a template (facts: meta.md 6; template-rules.md 2).

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    Sandbox,
    graph::{auth, check_version, error::GraphError},
    outbound::MetaError,
    sandbox::State as SandboxState,
    templates::{self, Subcode, Template},
};

/// Creates a template, which is pending until it is reviewed.
pub(in crate::graph) async fn create(
    State(sandbox): State<Sandbox>,
    Path((version, waba_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    auth::account(&sandbox, &headers, &waba_id)?;
    let body = serde_json::from_slice::<Value>(&body).ok().filter(Value::is_object);
    let body = body.ok_or_else(|| MetaError::malformed("The body is not a JSON object."))?;
    let template = templates::read(&body)?;
    let template = store(&mut sandbox.state(), &waba_id, template, sandbox.clock().unix_now())?;
    templates::start_review(&sandbox, &template);
    let Template { id, status, category, .. } = template;
    Ok(Json(json!({"id": id.to_string(), "status": status, "category": category})))
}

/// Stores a valid template, unless the account has no room for it.
fn store(
    state: &mut SandboxState,
    account: &str,
    template: Template,
    now: i64,
) -> Result<Template, GraphError> {
    let SandboxState { templates, template_history, settings, .. } = state;
    let Template { name, language, .. } = &template;
    if templates.find(account, name, language).is_some() {
        return Err(GraphError::template_exists(name, language));
    }
    if template_history.is_blocked(account, name, language, now) {
        let details = format!("The {language} content of {name} is being deleted. Try again in 4 weeks.");
        return Err(Subcode::NameBlocked.error(details).into());
    }
    if templates.of(account).len() >= settings.template_limit {
        let details = format!("The account has {} templates.", settings.template_limit);
        return Err(Subcode::TooManyTemplates.error(details).into());
    }
    if !template_history.try_create(account, settings.template_creations_per_hour, now) {
        return Err(GraphError::new(80_007).details("The account has created too many templates in an hour."));
    }
    Ok(templates.put(account, template))
}
