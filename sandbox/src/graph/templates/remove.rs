//! `DELETE /{version}/{waba_id}/message_templates`: deletes templates (facts: meta.md 6; template-rules.md 2).

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    Sandbox,
    graph::{auth, check_version, error::GraphError, query::Parameters},
    outbound::MetaError,
    sandbox::State as SandboxState,
    templates::Template,
};

/// Deletes a template in all languages, or only the one with the id.
pub(in crate::graph) async fn remove(
    State(sandbox): State<Sandbox>,
    Path((version, waba_id)): Path<(String, String)>,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    auth::account(&sandbox, &headers, &waba_id)?;
    let parameters = Parameters::from_uri(&original);
    let name = parameters.get("name");
    let name = name.ok_or_else(|| MetaError::malformed("The parameter name is required."))?;
    let id = parameters.get("hsm_id");
    let is_meant =
        |template: &Template| template.name == name && id.is_none_or(|id| template.id.to_string() == id);
    let now = sandbox.clock().unix_now();
    let mut state = sandbox.state();
    let SandboxState { templates, template_history, .. } = &mut *state;
    let meant: Vec<&Template> = templates.of(&waba_id).iter().filter(|own| is_meant(own)).collect();
    if meant.is_empty() {
        return Err(GraphError::new(100).details(format!("There is no template of the name {name}.")));
    }
    if meant.iter().any(|own| own.status == "DISABLED") {
        return Err(MetaError::malformed("A disabled template cannot be deleted.").into());
    }
    for template in meant.iter().filter(|own| own.was_approved()) {
        template_history.block(&waba_id, &template.name, &template.language, now);
    }
    templates.remove(&waba_id, is_meant);
    Ok(Json(json!({"success": true})))
}
