//! The routes that read templates and change them as only Meta can.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BadRequest, inbound::deliver_with_copies, read};
use crate::{
    BusinessNumber, Sandbox,
    templates::{self, ParameterFormat, Template},
    webhook::{AccountUpdate, Webhook, receivers},
};

/// The changes to a template, or the fields of a new one; absent fields stay.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateChange {
    status: Option<String>,
    category: Option<String>,
    components: Option<Vec<Value>>,
    parameter_format: Option<String>,
    quality: Option<String>,
    /// The rejection reason, such as `PROMOTIONAL`.
    reason: Option<String>,
    /// Whether Meta sends a webhook for each field that is named.
    #[serde(default)]
    #[serde(rename = "tell")]
    notify: bool,
}

/// `GET /sandbox/templates/{waba_id}`: the templates of an account, with all fields.
pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path(waba_id): Path<String>,
) -> Result<Json<Value>, BadRequest> {
    numbers(&sandbox, &waba_id)?;
    let state = sandbox.state();
    let list: Vec<Value> = state.templates.of(&waba_id).iter().map(Template::all_fields).collect();
    Ok(Json(json!({"templates": list})))
}

/// `PUT /sandbox/templates/{waba_id}/{name}/{language}`: changes or creates a template.
pub(super) async fn put(
    State(sandbox): State<Sandbox>,
    Path((waba_id, name, language)): Path<(String, String, String)>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let numbers = numbers(&sandbox, &waba_id)?;
    if !templates::is_name(&name) {
        return Err("`name` must be lower-case letters, digits or underscores".into());
    }
    let change: TemplateChange = read(&body)?;
    let (before, after) = change.apply_or_create(&sandbox, &waba_id, &name, &language)?;
    let updates = if change.notify { change.updates(&before, &after) } else { Vec::new() };
    let mut status = StatusCode::OK;
    let mut webhooks = Vec::new();
    for number in receivers(&numbers) {
        for update in &updates {
            let Some(webhook) = Webhook::account_update(number, update, sandbox.clock().unix_now()) else {
                continue;
            };
            let answered = deliver_with_copies(&sandbox, webhook, 0).await;
            if answered != Some(StatusCode::OK) {
                status = StatusCode::BAD_GATEWAY;
            }
            let answered = answered.map(|answered| answered.as_u16());
            webhooks.push(json!({"field": update.field, "webhook_status": answered}));
        }
    }
    Ok((status, Json(json!({"template": after.all_fields(), "webhooks": webhooks}))).into_response())
}

/// `DELETE /sandbox/templates/{waba_id}/{name}/{language}`: removes a template, without a webhook.
pub(super) async fn remove(
    State(sandbox): State<Sandbox>,
    Path((waba_id, name, language)): Path<(String, String, String)>,
) -> Result<StatusCode, BadRequest> {
    numbers(&sandbox, &waba_id)?;
    if sandbox.state().templates.remove(&waba_id, |template| template.has_name(&name, &language)) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err("`name` is not that of a template in this language".into())
    }
}

impl TemplateChange {
    /// Changes or creates the template; returns it before (for a new one, its defaults) and after.
    fn apply_or_create(
        &self,
        sandbox: &Sandbox,
        waba_id: &str,
        name: &str,
        language: &str,
    ) -> Result<(Template, Template), BadRequest> {
        let mut state = sandbox.state();
        let before = state.templates.find(waba_id, name, language).cloned();
        let before = before.unwrap_or_else(|| {
            let body = json!({"type": "BODY", "text": "Hola."});
            Template::new(name, language, "UTILITY", vec![body])
        });
        let after = state.templates.put(waba_id, self.applied(before.clone(), sandbox.clock().unix_now())?);
        Ok((before, after))
    }

    fn applied(&self, mut template: Template, now: i64) -> Result<Template, BadRequest> {
        if let Some(status) = &self.status {
            template.status = upper_case_word("status", status)?;
        }
        if let Some(category) = &self.category {
            template.category = upper_case_word("category", category)?;
        }
        if let Some(quality) = &self.quality {
            template.quality = upper_case_word("quality", quality)?;
            template.quality_since = now;
        }
        if let Some(reason) = &self.reason {
            template.rejected_reason = upper_case_word("reason", reason)?;
        }
        if let Some(format) = &self.parameter_format {
            let format = ParameterFormat::parse(format);
            template.format = format.ok_or("`parameter_format` must be POSITIONAL or NAMED")?;
        }
        if let Some(components) = &self.components {
            let components = templates::components(components.clone());
            template.components = components.ok_or("`components` must be a list of objects with a `type`")?;
        }
        Ok(template)
    }

    /// One update for each field that is named, whether or not it changed.
    fn updates(&self, before: &Template, after: &Template) -> Vec<AccountUpdate> {
        let mut updates = Vec::new();
        if self.status.is_some() {
            updates.push(AccountUpdate::status(after));
        }
        if self.quality.is_some() {
            updates.push(AccountUpdate::quality(after, before));
        }
        if self.category.is_some() {
            updates.push(AccountUpdate::category(after, before));
        }
        if self.components.is_some() {
            updates.push(AccountUpdate::components(after));
        }
        updates
    }
}

/// The numbers of an account; an error if it has none.
fn numbers(sandbox: &Sandbox, waba_id: &str) -> Result<Vec<Arc<BusinessNumber>>, BadRequest> {
    let mut numbers = sandbox.numbers();
    numbers.retain(|number| number.waba_id == waba_id);
    if numbers.is_empty() { Err("`waba_id` is not one of the sandbox".into()) } else { Ok(numbers) }
}

/// Validates a single word, and returns it in upper case.
fn upper_case_word(field: &str, text: &str) -> Result<String, BadRequest> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if text.is_empty() || !text.bytes().all(fits) {
        return Err(BadRequest(format!("`{field}` must be a word such as APPROVED")));
    }
    Ok(text.to_ascii_uppercase())
}
