//! What a business can query about its token, account and app.
//!
//! `GET /debug_token`, `GET /{waba_id}/subscribed_apps` (and `POST`, which subscribes the app
//! of the token), `GET /{app_id}/subscriptions`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{auth, check_version, error::GraphError, query::Parameters};
use crate::{
    BusinessNumber, ProviderAccount, Sandbox,
    health::{AccountHealth, app_of},
    outbound::MetaError,
};

type Answer = Result<Json<Value>, GraphError>;

/// `GET /{version}/debug_token?input_token=…`: the token itself, or another of its app.
pub(super) async fn debug_token(
    State(sandbox): State<Sandbox>,
    Path(version): Path<String>,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
) -> Answer {
    check_version(&version)?;
    let asking = auth::numbers(&sandbox, &headers)?;
    let parameters = Parameters::from_uri(&original);
    let wanted = parameters.get("input_token");
    let wanted = wanted.ok_or_else(|| MetaError::malformed("The parameter input_token is required."))?;
    let own = |number: &&Arc<BusinessNumber>| matches!(&number.provider, ProviderAccount::Meta { access_token, .. } if access_token == wanted);
    let number = asking.iter().find(own).ok_or_else(|| GraphError::new(100))?;
    let health = sandbox.account_health(&number.phone_number_id);
    check_refused(&health, "debug_token")?;
    Ok(Json(json!({ "data": {
        "app_id": app_of(number),
        "type": "SYSTEM_USER",
        "application": "Sandbox",
        "data_access_expires_at": 0,
        "expires_at": health.token_expires_at,
        "is_valid": true,
        "issued_at": 1_700_000_000,
        "scopes": health.scopes,
        "user_id": "1",
    } })))
}

/// `GET /{version}/{waba_id}/subscribed_apps`: the apps that get the account's webhooks.
pub(super) async fn subscribed_apps(
    State(sandbox): State<Sandbox>,
    Path((version, waba_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    check_version(&version)?;
    let numbers = auth::account(&sandbox, &headers, &waba_id)?;
    let Some(number) = numbers.first() else { return Err(GraphError::no_such_object(&waba_id)) };
    let health = sandbox.account_health(&number.phone_number_id);
    check_refused(&health, "subscribed_apps")?;
    let apps = health.subscribed_apps.unwrap_or_else(|| app_of(number).into_iter().collect());
    let entry = |id: &String| {
        let mut entry = json!({ "whatsapp_business_api_data": { "id": id, "name": "Sandbox", "link": "" } });
        if let (Some(url), Some(entry)) = (&health.account_webhook_url, entry.as_object_mut()) {
            entry.insert("override_callback_uri".to_owned(), url.as_str().into());
        }
        entry
    };
    Ok(Json(json!({ "data": apps.iter().map(entry).collect::<Vec<_>>() })))
}

/// `POST /{version}/{waba_id}/subscribed_apps`: subscribes the app of the token to the account's webhooks.
pub(super) async fn subscribe(
    State(sandbox): State<Sandbox>,
    Path((version, waba_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    check_version(&version)?;
    for number in auth::account(&sandbox, &headers, &waba_id)? {
        let health =
            AccountHealth { subscribed_apps: None, ..sandbox.account_health(&number.phone_number_id) };
        sandbox.set_account_health(&number.phone_number_id, health);
    }
    Ok(Json(json!({ "success": true })))
}

/// `GET /{version}/{app_id}/subscriptions`, with the app's own token: its id, `|` and its secret.
pub(super) async fn subscriptions(
    State(sandbox): State<Sandbox>,
    Path((version, app)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    check_version(&version)?;
    let number = auth::app(&sandbox, &headers, &app)?;
    let health = sandbox.account_health(&number.phone_number_id);
    check_refused(&health, "subscriptions")?;
    let Some(fields) = &health.fields else { return Ok(Json(json!({ "data": [] }))) };
    let fields: Vec<Value> = fields.iter().map(|name| json!({ "name": name, "version": "v25.0" })).collect();
    Ok(Json(json!({ "data": [{
        "object": "whatsapp_business_account",
        "callback_url": number.webhook_url,
        "active": health.active,
        "fields": fields,
    }] })))
}

pub(super) fn check_refused(health: &AccountHealth, question: &str) -> Result<(), GraphError> {
    health.refuse.get(question).map_or(Ok(()), |code| Err(GraphError::new(*code)))
}
