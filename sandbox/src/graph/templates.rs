//! `GET /{version}/{waba_id}/message_templates`: two approved templates for demonstrations.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{auth, check_version, error::GraphError};
use crate::Sandbox;

/// Lists the templates, all on one page.
pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path((version, waba_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    let numbers = auth::numbers(&sandbox, &headers)?;
    if !numbers.iter().any(|number| number.waba_id == waba_id) {
        return Err(GraphError::no_such_object(&waba_id));
    }
    Ok(Json(json!({
        "data": [
            {
                "id": "1000000000000001",
                "name": "hello_world",
                "language": "en_US",
                "status": "APPROVED",
                "category": "UTILITY",
                "parameter_format": "POSITIONAL",
                "components": [{"type": "BODY", "text": "Hello World"}],
            },
            {
                "id": "1000000000000002",
                "name": "appointment_reminder",
                "language": "es",
                "status": "APPROVED",
                "category": "UTILITY",
                "parameter_format": "POSITIONAL",
                "components": [{
                    "type": "BODY",
                    "text": "Hola {{1}}, le recordamos su cita: {{2}}. Le esperamos.",
                    "example": {"body_text": [["Ana", "lunes a las 10"]]},
                }],
            },
        ],
        "paging": {"cursors": {"before": "MAZDZD", "after": "MQZDZD"}},
    })))
}
