//! `/{version}/{waba_id}/message_templates` and `/{version}/{template_id}`: the templates of a business account.

mod create;
mod edit;
mod remove;

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    http::Uri,
    response::Response,
};
use http::{HeaderMap, header};
use serde_json::{Map, Value, json};

pub(super) use self::{
    create::create,
    edit::{edit, show},
    remove::remove,
};
use super::{
    auth, check_version,
    error::GraphError,
    query::{PageStart, Query, cursor},
};
use crate::{
    Sandbox,
    log::ListEntry,
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
    let SandboxState { templates, rules, settings, .. } = &mut *state;
    let wanted = templates.of(&entry.account).iter().filter(|template| query.matches(template));
    let wanted: Vec<&Template> = wanted.collect();
    let (start, end) = query.range(&wanted);
    entry.page = u32::try_from(start.div_ceil(query.limit)).unwrap_or(u32::MAX);
    if let Some(code) = templates::list_fault(rules, &numbers, entry.page) {
        return Err(GraphError::new(code));
    }
    let mut answer = Map::new();
    let shown = wanted.get(start..end).unwrap_or_default();
    let data: Vec<Value> = shown.iter().map(|template| query.select_fields(template)).collect();
    answer.insert("data".into(), data.into());
    if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let link = |start: PageStart| format!("http://{host}{}?{}", original.path(), query.page_query(start));
        let mut paging = Map::new();
        paging.insert("cursors".into(), json!({"before": cursor(first.id), "after": cursor(last.id)}));
        if start > 0 {
            paging.insert("previous".into(), link(PageStart::Before(first.id)).into());
        }
        if end < wanted.len() {
            paging.insert("next".into(), link(PageStart::After(last.id)).into());
        }
        answer.insert("paging".into(), paging.into());
    }
    if let Some(summary) =
        query.summary(wanted.len(), templates.of(&entry.account).len(), settings.template_limit)
    {
        answer.insert("summary".into(), summary);
    }
    Ok(answer.into())
}
