//! `/{version}/{waba_id}/message_templates`: the templates of a business account.

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    http::Uri,
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::{Map, Value, json};

use super::{
    auth, check_version,
    error::GraphError,
    query::{Parameters, Query, cursor},
};
use crate::{
    Sandbox,
    log::ListEntry,
    outbound::MetaError,
    sandbox::State as SandboxState,
    templates::{self, Template},
};

/// `GET`: the templates, page by page.
pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path((version, waba_id)): Path<(String, String)>,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let mut entry = ListEntry::new(sandbox.clock(), &waba_id);
    let page = page(&sandbox, &version, &original, &headers, &mut entry);
    templates::respond(&sandbox, entry, page.map(Json)).await
}

/// One page of the account's templates; records its number in `entry`.
fn page(
    sandbox: &Sandbox,
    version: &str,
    original: &Uri,
    headers: &HeaderMap,
    entry: &mut ListEntry,
) -> Result<Value, GraphError> {
    check_version(version)?;
    let numbers = auth::account(sandbox, headers, &entry.account)?;
    let query = Query::read(original)?;
    let mut state = sandbox.state();
    let SandboxState { templates, rules, .. } = &mut *state;
    let wanted = templates.of(&entry.account).iter().filter(|template| query.matches(template));
    let wanted: Vec<&Template> = wanted.collect();
    let start = wanted.partition_point(|template| template.id <= query.after);
    entry.page = u32::try_from(start.div_ceil(query.limit)).unwrap_or(u32::MAX);
    if let Some(code) = templates::list_fault(rules, &numbers, entry.page) {
        return Err(GraphError::new(code));
    }
    let rest = wanted.get(start..).unwrap_or_default();
    let shown = rest.get(..query.limit).unwrap_or(rest);
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        return Ok(json!({"data": []}));
    };
    let mut paging = Map::new();
    paging.insert("cursors".into(), json!({"before": cursor(first), "after": cursor(last)}));
    if shown.len() < rest.len() {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let next = format!("http://{host}{}?{}", original.path(), query.next_page_query(last));
        paging.insert("next".into(), next.into());
    }
    let data: Vec<Value> = shown.iter().map(|template| query.select_fields(template)).collect();
    Ok(json!({"data": data, "paging": paging}))
}

/// `POST`: creates a template, which stays pending until it is approved over the control API.
pub(super) async fn create(
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
    let mut state = sandbox.state();
    if state.templates.find(&waba_id, &template.name, &template.language).is_some() {
        return Err(GraphError::template_exists(&template.name, &template.language));
    }
    let Template { id, status, category, .. } = state.templates.put(&waba_id, template);
    Ok(Json(json!({"id": id.to_string(), "status": status, "category": category})))
}

/// `DELETE`: removes a template in all languages, or only the one with the id.
pub(super) async fn remove(
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
    if sandbox.state().templates.remove(&waba_id, is_meant) {
        Ok(Json(json!({"success": true})))
    } else {
        Err(GraphError::new(100).details(format!("There is no template of the name {name}.")))
    }
}
