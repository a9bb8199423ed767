//! The list of templates: `GET /api/whatsapp/templates` (the vendor's documents).

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    api::common::Encoded,
    domain::{template::Template, time::Timestamp},
    service::templates::Copy,
};

/// Which templates a client wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Those that can be sent.
    Approved,
    /// All of them.
    All,
}

/// The templates of a copy, with its age in seconds in the header `Age`.
#[must_use]
pub fn listed(copy: &Copy, wanted: Listed, now: Timestamp) -> Encoded {
    let of_interest = |template: &&Template| wanted == Listed::All || template.told.status.is_approved();
    let data: Vec<Value> = copy.templates.iter().filter(of_interest).map(shape).collect();
    let age = copy.synced_at.until(now).as_secs();
    let headers = HeaderMap::from_iter([(header::AGE, HeaderValue::from(age))]);
    Encoded { status: StatusCode::OK, headers, body: json!({ "success": true, "data": data }) }
}

fn shape(template: &Template) -> Value {
    let told = &template.told;
    json!({
        "name": template.key.name,
        "status": told.status,
        "category": told.category,
        "language": template.key.language,
        "components": told.components,
        "parameter_format": told.format,
        "quality": told.quality,
    })
}
