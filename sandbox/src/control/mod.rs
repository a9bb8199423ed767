//! The control API: phones, numbers, templates, faults and the log.

mod attach;
mod coexistence;
mod customer_message;
mod faults;
mod inbound;
mod merge_patch;
mod numbers;
mod phones;
mod preferences;
mod routing;
mod settings;
mod templates;
mod webhooks;

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{LogEntry, Sandbox, address::Address};

/// All routes of the control API; their paths start with `/sandbox/`.
pub(crate) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/sandbox/phones", get(phones::list))
        .route("/sandbox/phones/{number}", get(phones::show).put(phones::set))
        .route("/sandbox/phones/{number}/messages", post(inbound::post_message))
        .route("/sandbox/phones/{number}/preferences", post(preferences::set_preference))
        .route("/sandbox/phones/{number}/echoes", post(coexistence::echo))
        .route("/sandbox/phones/{number}/thread", post(routing::act_on_thread))
        .route("/sandbox/numbers/{phone_number_id}/history", post(coexistence::history))
        .route("/sandbox/numbers/{phone_number_id}/state_sync", post(coexistence::state_sync))
        .route(
            "/sandbox/numbers/{phone_number_id}/routing",
            get(routing::show).put(routing::configure).delete(routing::remove),
        )
        .route("/sandbox/numbers/{phone_number_id}/changes", post(webhooks::change))
        .route("/sandbox/numbers/{phone_number_id}/statuses", post(webhooks::status))
        .route("/sandbox/numbers/{phone_number_id}/webhooks", post(webhooks::webhook))
        .route("/sandbox/numbers/{phone_number_id}/quality", post(numbers::quality))
        .route("/sandbox/numbers/{phone_number_id}/standing", put(numbers::set_health))
        .route("/sandbox/templates/{waba_id}", get(templates::list))
        .route(
            "/sandbox/templates/{waba_id}/{name}/{language}",
            put(templates::put).delete(templates::remove),
        )
        .route("/sandbox/settings", get(settings::show).put(settings::set))
        .route("/sandbox/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/sandbox/log", get(log))
        .with_state(sandbox)
}

/// An invalid request; the sentence names the field.
#[derive(Debug, PartialEq, Eq)]
struct BadRequest(String);

impl IntoResponse for BadRequest {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}

impl From<&str> for BadRequest {
    fn from(sentence: &str) -> Self {
        Self(sentence.to_owned())
    }
}

async fn log(State(sandbox): State<Sandbox>) -> Json<Vec<LogEntry>> {
    Json(sandbox.log())
}

/// Parses JSON whatever the content type says.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, BadRequest> {
    serde_json::from_slice(body).map_err(|error| BadRequest(format!("invalid body: {error}")))
}

fn address(text: &str) -> Result<Address, BadRequest> {
    Address::parse(text).ok_or_else(|| "`number` must be a phone number or a BSUID such as US.1349".into())
}
