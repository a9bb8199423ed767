//! The routes that read phones and change their settings.

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{BadRequest, address, read};
use crate::{Sandbox, phone::Phone, phones::PhoneSettings};

/// All phones that exist so far.
pub(super) async fn list(State(sandbox): State<Sandbox>) -> Json<Value> {
    let state = sandbox.state();
    let phones: Vec<Value> = state.phones.iter().map(summary).collect();
    Json(json!({"phones": phones}))
}

/// One phone with its messages, oldest first; a new phone has none.
pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    Path(number): Path<String>,
) -> Result<Json<Value>, BadRequest> {
    let address = address(&number)?;
    let phone = sandbox.state().phones.peek(&address);
    Ok(Json(full(&phone)))
}

/// Changes the settings in the body.
pub(super) async fn set(
    State(sandbox): State<Sandbox>,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, BadRequest> {
    let address = address(&number)?;
    let settings: PhoneSettings = read(&body)?;
    let mut state = sandbox.state();
    state.phones.set(&address, settings).map_err(BadRequest)?;
    Ok(Json(full(state.phones.get_or_create(&address))))
}

fn summary(phone: &Phone) -> Value {
    json!({
        "number": phone.number,
        "wa_id": phone.wa_id,
        "user_id": phone.user_id,
        "name": phone.name,
        "username": phone.username,
        "reach": phone.final_status,
        "message_count": phone.messages.len(),
    })
}

fn full(phone: &Phone) -> Value {
    let mut view = summary(phone);
    if let Some(view) = view.as_object_mut() {
        view.remove("message_count");
        view.insert("no_marketing_from".into(), json!(phone.opted_out_of));
        view.insert("messages".into(), json!(phone.messages));
    }
    view
}
