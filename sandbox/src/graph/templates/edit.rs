//! `/{version}/{template_id}`: shows and edits one template (facts: meta.md 6; template-rules.md 2).

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    Sandbox,
    graph::{auth, check_version, error::GraphError, query::Parameters},
    outbound::MetaError,
    templates::{self, DEFAULT_FIELDS, Subcode, Template},
};

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// How often an approved template can be edited in 30 days.
const EDITS_PER_MONTH: usize = 10;

/// The template with this id, if the token may use its account.
pub(in crate::graph) fn show(
    sandbox: &Sandbox,
    headers: &HeaderMap,
    id: &str,
    parameters: &Parameters,
) -> Result<Option<Value>, GraphError> {
    let Some(template) = find(sandbox, headers, id)? else { return Ok(None) };
    Ok(Some(match parameters.get("fields") {
        Some(fields) => template.select_fields(templates::field_names(fields)?.into_iter().chain(["id"])),
        None => template.select_fields(DEFAULT_FIELDS),
    }))
}

/// `POST`: replaces the components, the category or the time to live of a template, which is then reviewed.
pub(in crate::graph) async fn edit(
    State(sandbox): State<Sandbox>,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    let template = find(&sandbox, &headers, &id)?.ok_or_else(|| GraphError::no_such_object(&id))?;
    let body = serde_json::from_slice::<Value>(&body).ok().filter(Value::is_object);
    let body = body.ok_or_else(|| MetaError::malformed("The body is not a JSON object."))?;
    let edited = edited(&template, &body, sandbox.clock().unix_now())?;
    sandbox.state().templates.change(template.id, |own| {
        own.clone_from(&edited);
        true
    });
    templates::start_review(&sandbox, &edited);
    Ok(Json(json!({"success": true})))
}

/// The template after a valid edit.
fn edited(template: &Template, body: &Value, now: i64) -> Result<Template, MetaError> {
    let is_approved = template.status == "APPROVED";
    match template.status.as_str() {
        "APPROVED" => check_frequency(&template.edited_at, now)?,
        "REJECTED" | "PAUSED" => {}
        "PENDING" => return Err(Subcode::InReview.error("The template is in review.")),
        status => {
            return Err(MetaError::malformed(format!("A template in status {status} cannot be edited.")));
        }
    }
    let mut edited = templates::read_edit(template, body)?;
    if is_approved && edited.category != template.category {
        return Err(MetaError::malformed("The category of an approved template cannot be changed."));
    }
    // An approved template is sent as before unless the review rejects it.
    if !is_approved {
        "PENDING".clone_into(&mut edited.status);
    }
    edited.edited_at.push(now);
    Ok(edited)
}

fn check_frequency(edited_at: &[i64], now: i64) -> Result<(), MetaError> {
    let within = |days: i64| edited_at.iter().filter(|at| now - **at < days * DAY).count();
    if within(1) > 0 || within(30) >= EDITS_PER_MONTH {
        let details = "An approved template can be edited once in 24 hours, and 10 times in 30 days.";
        return Err(MetaError::malformed(details));
    }
    Ok(())
}

fn find(sandbox: &Sandbox, headers: &HeaderMap, id: &str) -> Result<Option<Template>, GraphError> {
    let numbers = auth::numbers(sandbox, headers)?;
    let state = sandbox.state();
    let found = id.parse().ok().and_then(|id| state.templates.by_id(id));
    let own = found.filter(|(account, _)| numbers.iter().any(|number| number.waba_id == *account));
    Ok(own.map(|(_, template)| template.clone()))
}
