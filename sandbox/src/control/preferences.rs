//! What a customer wants to hear from a business.

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
    inbound::{business, outcome, send},
    read,
};
use crate::{
    BusinessNumber, Sandbox,
    address::Address,
    webhook::{Callback, News},
};

/// The only kind of message that a customer can stop.
const MARKETING: &str = "marketing_messages";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Preference {
    category: String,
    value: Wish,
    /// The business number; `None` for the first one.
    to: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wish {
    Stop,
    Resume,
}

/// `POST /sandbox/phones/{number}/preferences`: the business account of the number is to send no
/// marketing any more, or again.
pub(super) async fn wish(
    State(sandbox): State<Sandbox>,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Response, BadRequest> {
    let customer = address(&number)?;
    let preference: Preference = read(&body)?;
    if preference.category != MARKETING {
        return Err(BadRequest(format!("`category` must be {MARKETING}")));
    }
    let business = business(&sandbox, preference.to.as_deref())?;
    let news = note(&sandbox, &customer, &business, preference.value);
    let Some(callback) = Callback::news(&business, &news, sandbox.clock().unix_now()) else {
        return Ok(Json(json!({"webhook_status": null})).into_response());
    };
    let status = send(&sandbox, callback, 0).await;
    let answer = json!({"webhook_status": status.map(|status| status.as_u16())});
    Ok((outcome(status), Json(answer)).into_response())
}

/// The phone remembers the wish; gives what the business is told of it.
fn note(sandbox: &Sandbox, customer: &Address, business: &BusinessNumber, wish: Wish) -> News {
    let mut state = sandbox.state();
    let phone = state.phones.touch(customer);
    let word = match wish {
        Wish::Stop => {
            phone.no_marketing_from.insert(business.waba_id.clone());
            "stop"
        }
        Wish::Resume => {
            phone.no_marketing_from.remove(&business.waba_id);
            "resume"
        }
    };
    News::preference(business, phone, MARKETING, word, sandbox.clock().unix_now())
}
