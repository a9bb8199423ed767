//! `GET /api/whatsapp/templates`: the template cache, refreshed when it is old (the vendor's documents).

use std::time::Duration;

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::errors::{AmbioSys, Reader};
use crate::{
    api::common::{
        Encoded,
        access::Authorized,
        query::{Flag, Params, flag},
        request, respond,
    },
    domain::{template::Template, time::Timestamp},
    service::templates::Copy,
};

/// How old a copy may be that is shown without asking the provider.
const FRESH: Duration = Duration::from_mins(1);

/// Which templates a client wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    /// Those that can be sent.
    Approved,
    /// All of them.
    All,
}

pub(super) async fn list(Authorized { app, caller, .. }: Reader, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let listed = async {
        let deadline = request::deadline(&parts, app.clock.as_ref());
        let query = Params::read(&parts.uri);
        let age = match flag(&query, "refresh")? {
            Flag::On => Duration::ZERO,
            Flag::Off => FRESH,
        };
        let wanted = match flag(&query, "all")? {
            Flag::On => Listed::All,
            Flag::Off => Listed::Approved,
        };
        let channel = app.core.default_channel(&caller.tenant).await?;
        let copy = Box::pin(app.core.template_copy(&channel, age, deadline)).await?;
        Ok(listed(&copy, wanted, app.clock.now()))
    };
    respond::answered::<AmbioSys>(listed.await)
}

/// The templates of a copy, with its age in seconds in the header `Age`.
fn listed(copy: &Copy, wanted: Listed, now: Timestamp) -> Encoded {
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
