//! `/{version}/{phone_number_id}/whatsapp_business_profile`: what customers read about the business (facts: meta.md 8.7).

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::{auth, check_version, error::GraphError, query::Parameters, send::authorize};
use crate::{Sandbox, outbound::MetaError};

/// The fields of a profile that have a value.
pub(crate) type Profile = Map<String, Value>;

/// The texts of a profile: the name, and the minimum and maximum length in characters.
const TEXTS: [(&str, usize, usize); 4] =
    [("about", 1, 139), ("address", 0, 256), ("description", 0, 512), ("email", 0, 128)];

/// All fields that can be read.
const FIELDS: [&str; 8] = [
    "about",
    "address",
    "description",
    "email",
    "profile_picture_url",
    "websites",
    "vertical",
    "messaging_product",
];

/// The industries of a business.
const VERTICALS: [&str; 19] = [
    "UNDEFINED",
    "OTHER",
    "AUTO",
    "BEAUTY",
    "APPAREL",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GROCERY",
    "GOVT",
    "HOTEL",
    "HEALTH",
    "NONPROFIT",
    "PROF_SERVICES",
    "RETAIL",
    "TRAVEL",
    "RESTAURANT",
    "NOT_A_BIZ",
];

/// `GET`: the requested fields of the profile that have a value.
pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    Path((version, id)): Path<(String, String)>,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    check_version(&version)?;
    auth::number(&sandbox, &headers, &id)?;
    let parameters = Parameters::from_uri(&original);
    let named: Vec<&str> =
        parameters.get("fields").into_iter().flat_map(|fields| fields.split(',')).collect();
    if let Some(unknown) = named.iter().find(|name| !FIELDS.contains(name)) {
        let node = "WhatsAppBusinessProfile";
        let details = format!("Tried accessing nonexisting field ({unknown}) on node type ({node})");
        return Err(MetaError::malformed(details).into());
    }
    let mut shown = sandbox.state().profiles.get(&id).cloned().unwrap_or_default();
    shown.retain(|name, _| named.contains(&name.as_str()));
    shown.insert("messaging_product".into(), "whatsapp".into());
    Ok(Json(json!({"data": [shown]})))
}

/// `POST`: changes the given fields.
pub(super) async fn change(
    State(sandbox): State<Sandbox>,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, GraphError> {
    let (_, body) = authorize(&sandbox, &version, &id, &headers, &body)?;
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Err(MetaError::malformed("The parameter messaging_product must be whatsapp.").into());
    }
    let changes = changes(&body)?;
    sandbox.state().profiles.entry(id).or_default().extend(changes);
    Ok(Json(json!({"success": true})))
}

fn changes(body: &Value) -> Result<Profile, MetaError> {
    let mut changes = Profile::new();
    for (name, min, max) in TEXTS {
        let Some(given) = body.get(name) else { continue };
        let length = given.as_str().map(|text| text.chars().count());
        if !length.is_some_and(|length| (min..=max).contains(&length)) {
            let details = format!("Param {name} must be between {min} and {max} characters long.");
            return Err(MetaError::malformed(details));
        }
        changes.insert(name.to_owned(), given.clone());
    }
    if let Some(vertical) = body.get("vertical") {
        if !vertical.as_str().is_some_and(|vertical| VERTICALS.contains(&vertical)) {
            return Err(MetaError::malformed(format!(
                "Param vertical must be one of {}.",
                VERTICALS.join(", ")
            )));
        }
        changes.insert("vertical".to_owned(), vertical.clone());
    }
    if let Some(websites) = body.get("websites") {
        if !websites.as_array().is_some_and(|list| list.len() <= 2 && list.iter().all(is_website)) {
            let details = "Param websites must hold up to 2 addresses with http:// or https:// of up to 256 characters.";
            return Err(MetaError::malformed(details));
        }
        changes.insert("websites".to_owned(), websites.clone());
    }
    if let Some(handle) = body.get("profile_picture_handle") {
        if handle.as_str().is_none_or(str::is_empty) {
            return Err(MetaError::malformed("Param profile_picture_handle must be a handle."));
        }
        changes.insert("profile_picture_url".to_owned(), "https://pps.whatsapp.net/v/sandbox".into());
    }
    Ok(changes)
}

fn is_website(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let is_web = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
        is_web && text.chars().count() <= 256
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::changes;

    fn is_valid(body: &Value) -> bool {
        changes(body).is_ok()
    }

    #[test]
    fn texts_have_lengths() {
        for (name, max) in [("about", 139), ("address", 256), ("description", 512), ("email", 128)] {
            assert!(is_valid(&json!({name: "ñ".repeat(max)})), "{name}");
            assert!(!is_valid(&json!({name: "ñ".repeat(max + 1)})), "{name}");
            assert!(!is_valid(&json!({name: 1})), "{name}");
        }
        assert!(!is_valid(&json!({"about": ""})) && is_valid(&json!({"email": ""})));
    }

    #[test]
    fn websites_and_the_industry_are_known() {
        let site = "https://x.example";
        assert!(is_valid(&json!({"websites": [site, site]})));
        assert!(!is_valid(&json!({"websites": [site, site, site]})));
        assert!(!is_valid(&json!({"websites": ["x.example"]})));
        assert!(is_valid(&json!({"vertical": "RETAIL"})) && !is_valid(&json!({"vertical": "SHOPS"})));
    }
}
