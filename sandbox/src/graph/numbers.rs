//! `GET /{version}/{phone_number_id}` and `GET /{version}/{waba_id}/phone_numbers` (facts: meta.md 8.7).

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::{auth, check_version, error::GraphError, health::check_refused, query::Parameters};
use crate::{BusinessNumber, Sandbox, health::AccountHealth, outbound::MetaError};

/// The fields of one number that are returned by default.
const DEFAULT_FIELDS: [&str; 4] = ["verified_name", "display_phone_number", "quality_rating", "id"];

/// The fields of the numbers in a list that are returned by default.
const LIST_FIELDS: [&str; 7] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "id",
];

/// The fields that the refusal `standing` applies to.
const HEALTH_FIELDS: [&str; 4] =
    ["status", "throughput", "whatsapp_business_manager_messaging_limit", "webhook_configuration"];

/// The default number of numbers on a page.
const PAGE_SIZE: usize = 25;

/// The number with this id; `None` if it does not exist.
pub(super) fn show(
    sandbox: &Sandbox,
    headers: &HeaderMap,
    id: &str,
    parameters: &Parameters,
) -> Result<Option<Value>, GraphError> {
    let numbers = auth::numbers(sandbox, headers)?;
    let number = numbers.iter().find(|number| number.phone_number_id == id);
    number.map(|number| select_fields(sandbox, number, parameters, &DEFAULT_FIELDS)).transpose()
}

/// The numbers of a business account, page by page.
pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path((version, waba_id)): Path<(String, String)>,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    let numbers = auth::account(&sandbox, &headers, &waba_id)?;
    let parameters = Parameters::from_uri(&original);
    let limit = parameters.get("limit").map_or(Some(PAGE_SIZE), |limit| limit.parse().ok());
    let limit = limit.filter(|limit| *limit > 0);
    let limit = limit.ok_or_else(|| MetaError::malformed("Param limit must be a positive number."))?;
    let start = match parameters.get("after") {
        None => 0,
        Some(after) => numbers
            .iter()
            .position(|number| cursor(number) == after)
            .map(|place| place + 1)
            .ok_or_else(|| MetaError::malformed("Param after must be a cursor."))?,
    };
    let shown = numbers.get(start..).unwrap_or_default();
    let shown = shown.get(..limit).unwrap_or(shown);
    let data: Result<Vec<Value>, GraphError> =
        shown.iter().map(|number| select_fields(&sandbox, number, &parameters, &LIST_FIELDS)).collect();
    let mut answer = Map::new();
    answer.insert("data".into(), data?.into());
    if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
        let cursors = json!({"before": cursor(first), "after": cursor(last)});
        answer.insert("paging".into(), json!({"cursors": cursors}));
    }
    Ok(Json(answer.into()))
}

/// The requested fields of a number and its id, or the default ones.
fn select_fields(
    sandbox: &Sandbox,
    number: &BusinessNumber,
    parameters: &Parameters,
    default: &[&str],
) -> Result<Value, GraphError> {
    let health = sandbox.account_health(&number.phone_number_id);
    let named: Vec<&str> = match parameters.get("fields") {
        Some(fields) => fields.split(',').map(str::trim).chain(["id"]).collect(),
        None => default.to_vec(),
    };
    let is_health =
        parameters.get("fields").is_some() && named.iter().any(|name| HEALTH_FIELDS.contains(name));
    check_refused(&health, if is_health { "standing" } else { "number" })?;
    let mut shown = Map::new();
    for name in named {
        let value = field(number, &health, name).ok_or_else(|| {
            let details = format!(
                "Tried accessing nonexisting field ({name}) on node type (WhatsAppBusinessPhoneNumber)"
            );
            MetaError::malformed(details)
        })?;
        shown.insert(name.to_owned(), value);
    }
    Ok(shown.into())
}

fn field(number: &BusinessNumber, health: &AccountHealth, name: &str) -> Option<Value> {
    let digits = health.display_phone_number.as_ref().unwrap_or(&number.display_phone_number);
    Some(match name {
        "id" => number.phone_number_id.as_str().into(),
        "verified_name" => "Sandbox".into(),
        // Formatted for people, as Meta does it.
        "display_phone_number" => format!("+{} {}", digits.get(..1)?, digits.get(1..)?).into(),
        "quality_rating" => health.quality.as_str().into(),
        "status" => health.status.as_str().into(),
        "throughput" => json!({ "level": "STANDARD" }),
        "whatsapp_business_manager_messaging_limit" => health.messaging_limit.as_str().into(),
        "name_status" => "APPROVED".into(),
        "code_verification_status" => "VERIFIED".into(),
        "platform_type" => "CLOUD_API".into(),
        "account_mode" => "LIVE".into(),
        "is_official_business_account" | "is_on_biz_app" => false.into(),
        "health_status" => health_status(number, health),
        "webhook_configuration" => {
            let mut places = Map::new();
            if let Some(url) = &health.account_webhook_url {
                places.insert("whatsapp_business_account".to_owned(), url.as_str().into());
            }
            if health.fields.is_some() {
                places.insert("application".to_owned(), number.webhook_url.as_str().into());
            }
            places.into()
        }
        _ => return None,
    })
}

/// Whether the number may send, as its status says.
fn health_status(number: &BusinessNumber, health: &AccountHealth) -> Value {
    let verdict = match health.status.as_str() {
        "CONNECTED" => "AVAILABLE",
        "RESTRICTED" | "FLAGGED" => "LIMITED",
        _ => "BLOCKED",
    };
    let entity =
        json!({"entity_type": "PHONE_NUMBER", "id": number.phone_number_id, "can_send_message": verdict});
    json!({"can_send_message": verdict, "entities": [entity]})
}

fn cursor(number: &BusinessNumber) -> String {
    STANDARD.encode(&number.phone_number_id).replace('=', "ZD")
}
