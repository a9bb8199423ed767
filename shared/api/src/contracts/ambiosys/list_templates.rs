//! `GET /api/whatsapp/templates`: the template cache, refreshed when it is old (the vendor's documents).

use std::time::Duration;

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::{
    errors::{AmbioSys, Reader},
    types::{Always, encoded},
};
use crate::common::{
    Encoded,
    access::Authorized,
    query::{Flag, Params, flag},
    request, respond,
};
use ventanilla_core::{
    domain::{
        template::{Category, ParameterFormat, Template, TemplateStatus},
        time::Timestamp,
    },
    usecases::templates::Copy,
};

/// A cache of at most this age is shown without asking the provider.
const FRESH: Duration = Duration::from_mins(1);

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct Templates<'a> {
    success: Always<true>,
    data: Vec<TemplateView<'a>>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Template", deny_unknown_fields)
)]
struct TemplateView<'a> {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z0-9_]{1,512}$")))]
    name: &'a str,
    /// Where it stands, in upper case. Only `APPROVED` ones can be sent. Expect new ones.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "String",
            length(max = 64),
            extend("examples" = ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"])
        )
    )]
    status: &'a TemplateStatus,
    /// What it is for, in upper case. Expect new ones.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "String",
            length(max = 64),
            extend("examples" = ["UTILITY", "MARKETING", "AUTHENTICATION"])
        )
    )]
    category: &'a Category,
    /// Language and locale, with an underscore.
    #[cfg_attr(
        feature = "schema",
        schemars(extend("pattern" = "^[A-Za-z0-9_]{2,16}$", "examples" = ["es", "en_US"]))
    )]
    language: &'a str,
    /// Its parts as the provider tells them, with types in upper case (a message names them in lower case): the
    /// places to fill in are in their texts and links, as `{{1}}` or `{{first_name}}`, and a header of a file is one.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<serde_json::Map<String, Value>>"))]
    components: &'a [Value],
    /// How its places are named. `{{1}}` is `positional`, `{{first_name}}` is `named`.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = ["positional", "named"])))]
    parameter_format: ParameterFormat,
    /// How customers take it, in the provider's words, such as `GREEN`; null where it tells nothing.
    quality: Option<&'a str>,
}

impl<'a> From<&'a Template> for TemplateView<'a> {
    fn from(it: &'a Template) -> Self {
        let (key, details) = (&it.key, &it.details);
        Self {
            name: &key.name,
            status: &details.status,
            category: &details.category,
            language: &key.language,
            components: &details.components,
            parameter_format: details.format,
            quality: details.quality.as_deref(),
        }
    }
}

/// The templates that a client lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    /// Only those that can be sent.
    Approved,
    /// All, whatever their status.
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
        let channel = app.core.channels.default_channel(&caller.tenant).await?;
        let copy = Box::pin(app.core.templates.template_copy(&channel, age, deadline)).await?;
        Ok(listed(&copy, wanted, app.clock.now()))
    };
    respond::answered::<AmbioSys>(listed.await)
}

/// The templates of a cache, with its age in seconds in the header `Age`.
fn listed(copy: &Copy, wanted: Listed, now: Timestamp) -> Encoded {
    let of_interest = |template: &&Template| wanted == Listed::All || template.details.status.is_approved();
    let data = copy.templates.iter().filter(of_interest).map(TemplateView::from).collect();
    let age = copy.synced_at.until(now).as_secs();
    let headers = HeaderMap::from_iter([(header::AGE, HeaderValue::from(age))]);
    Encoded { headers, ..encoded(StatusCode::OK, &Templates { success: Always, data }) }
}
