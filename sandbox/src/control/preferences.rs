//! The route for customers' marketing preferences.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::{
    BadRequest, address,
    inbound::{business_number, deliver_with_copies, response_status},
    read,
};
use crate::{
    BusinessNumber, Sandbox,
    address::Address,
    webhook::{AccountUpdate, Webhook},
};

/// The only category that a customer can opt out of.
const MARKETING: &str = "marketing_messages";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Preference {
    category: String,
    value: PreferenceValue,
    /// The business number; `None` for the first one.
    to: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PreferenceValue {
    Stop,
    Resume,
}

/// `POST /sandbox/phones/{number}/preferences`: the customer opts out of the marketing of the number's business
/// account, or in again.
pub(super) async fn set_preference(
    State(sandbox): State<Sandbox>,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let customer = address(&number)?;
    let preference: Preference = read(&body)?;
    if preference.category != MARKETING {
        return Err(BadRequest(format!("`category` must be {MARKETING}")));
    }
    let business = business_number(&sandbox, preference.to.as_deref())?;
    let update = store_preference(&sandbox, &customer, &business, preference.value);
    let Some(webhook) = Webhook::account_update(&business, &update, sandbox.clock().unix_now()) else {
        return Ok(Json(json!({"webhook_status": null})).into_response());
    };
    let status = deliver_with_copies(&sandbox, webhook, 0).await;
    let answer = json!({"webhook_status": status.map(|status| status.as_u16())});
    Ok((response_status(status), Json(answer)).into_response())
}

/// Stores the preference on the phone, and returns what the webhook reports.
fn store_preference(
    sandbox: &Sandbox,
    customer: &Address,
    business: &BusinessNumber,
    value: PreferenceValue,
) -> AccountUpdate {
    let mut state = sandbox.state();
    let phone = state.phones.get_or_create(customer);
    let word = match value {
        PreferenceValue::Stop => {
            phone.opted_out_of.insert(business.waba_id.clone());
            "stop"
        }
        PreferenceValue::Resume => {
            phone.opted_out_of.remove(&business.waba_id);
            "resume"
        }
    };
    AccountUpdate::preference(business, phone, MARKETING, word, sandbox.clock().unix_now())
}
