//! `GET /v1/templates` and `GET /v1/templates/{name}`: the template cache of a channel's account.

use std::time::Duration;

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    errors::{Reader, V1},
    read::List,
};
use crate::app::App;
use crate::common::{
    Encoded, Failure, InputError, Missing,
    access::Authorized,
    ids::{channel_id, read_id},
    paging,
    query::Params,
    request::{self, PathParams, path_param},
    respond,
};
use ventanilla_core::{
    domain::{
        caller::Caller,
        channel::Channel,
        template::{Category, ParameterFormat, Template, TemplateKey, TemplateStatus},
    },
    usecases::templates::Copy,
};

/// A cache of at most this age is shown without asking the provider.
const FRESH: Duration = Duration::from_mins(1);

/// A template in one language. Expect new fields.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageTemplate"))]
pub(super) struct TemplateView<'a> {
    name: &'a str,
    /// Language and locale, like `es` or `en_US`.
    language: &'a str,
    /// As the provider calls it: `APPROVED` can be sent.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    status: &'a TemplateStatus,
    /// Meta's category, which decides the price: `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    category: &'a Category,
    parameter_format: ParameterFormat,
    /// As the provider tells them.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<serde_json::Map<String, Value>>"))]
    components: &'a [Value],
    /// How customers take it, where the provider told.
    quality: Option<&'a str>,
}

/// A template in all its languages.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MessageTemplateLanguages"))]
pub(super) struct LanguagesView<'a> {
    name: &'a str,
    #[cfg_attr(feature = "schema", schemars(with = "crate::common::schema::ChannelId"))]
    channel_id: String,
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    languages: Vec<TemplateView<'a>>,
}

pub(super) async fn list(Authorized { app, caller, .. }: Reader, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let found = async {
        let query = Params::read(&parts.uri);
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let (_, copy) = cached(&app, &caller, &query, &parts).await?;
        let page = page(&copy, query.get("status"), after.as_ref(), limit);
        Ok(aged(&app, &copy, json!(page)))
    };
    respond::answered::<V1>(found.await)
}

pub(super) async fn one(
    Authorized { app, caller, .. }: Reader,
    params: PathParams,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let found = async {
        let query = Params::read(&parts.uri);
        let (channel, copy) = cached(&app, &caller, &query, &parts).await?;
        let name = path_param(&params, "name");
        let languages: Vec<_> = copy.templates.iter().filter(|it| it.key.name == name).map(view).collect();
        if languages.is_empty() {
            return Err(Failure::NotFound(Missing::Template));
        }
        let shown = LanguagesView { name, channel_id: channel_id(channel.id), languages };
        Ok(aged(&app, &copy, json!(shown)))
    };
    respond::answered::<V1>(found.await)
}

/// The cached templates of the requested channel, or of the default one, by name and language.
async fn cached(
    app: &App,
    caller: &Caller,
    query: &Params,
    parts: &Parts,
) -> Result<(Channel, Copy), Failure> {
    let deadline = request::deadline(parts, app.clock.as_ref());
    let channel = match query.get("channel_id") {
        None => app.core.channels.default_channel(&caller.tenant).await?,
        Some(id) => {
            let id = read_id(id).map_err(|error| InputError::field("channel_id", error))?;
            let found = app.core.ports.directory.channel(&caller.tenant, id).await?;
            found.ok_or(Failure::NotFound(Missing::Channel))?
        }
    };
    let mut copy = Box::pin(app.core.templates.template_copy(&channel, FRESH, deadline)).await?;
    copy.templates.sort_by(|one, other| one.key.cmp(&other.key));
    Ok((channel, copy))
}

fn page<'a>(
    copy: &'a Copy,
    status: Option<&str>,
    after: Option<&TemplateKey>,
    limit: u16,
) -> List<TemplateView<'a>> {
    let status = status.map(TemplateStatus::from);
    let asked = |it: &&Template| status.as_ref().is_none_or(|status| it.details.status == *status);
    let rest = copy.templates.iter().filter(|it| after.is_none_or(|after| it.key > *after)).filter(asked);
    let rest: Vec<&Template> = rest.collect();
    let shown = rest.iter().take(usize::from(limit)).map(|it| view(it));
    let (data, _) = paging::within_answer(shown);
    let last = data.len().checked_sub(1).and_then(|last| rest.get(last));
    let next = last.filter(|_| data.len() < rest.len()).map(|it| &it.key);
    List::new(data, next)
}

fn view(it: &Template) -> TemplateView<'_> {
    let (key, details) = (&it.key, &it.details);
    TemplateView {
        name: &key.name,
        language: &key.language,
        status: &details.status,
        category: &details.category,
        parameter_format: details.format,
        components: &details.components,
        quality: details.quality.as_deref(),
    }
}

/// Adds the age of the cache in seconds.
fn aged(app: &App, copy: &Copy, body: Value) -> Encoded {
    let age = copy.synced_at.until(app.clock.now()).as_secs();
    let headers = HeaderMap::from_iter([(header::AGE, HeaderValue::from(age))]);
    Encoded { status: StatusCode::OK, headers, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::domain::{id::TemplateAccountId, template::TemplateDetails, time::Timestamp};

    fn template(name: &str, language: &str, status: &str) -> Template {
        let details = TemplateDetails {
            status: status.into(),
            category: "UTILITY".into(),
            format: ParameterFormat::default(),
            components: Vec::new(),
            quality: None,
        };
        let key = TemplateKey::of(name, language).unwrap();
        let account = TemplateAccountId::try_from("2001".to_owned()).unwrap();
        Template::listed("acme".parse().unwrap(), account, key, details, Timestamp::from_seconds(1))
    }

    #[test]
    fn pages_continue_after_a_name_and_language_and_a_status_filters_them() {
        let templates = vec![
            template("a", "en", "APPROVED"),
            template("a", "es", "PAUSED"),
            template("b", "es", "APPROVED"),
        ];
        let copy = Copy { templates, synced_at: Timestamp::from_seconds(1) };
        let names = |page: &Value| -> Vec<String> {
            let all = page["data"].as_array().unwrap().iter();
            all.map(|it| format!("{} {}", it["name"].as_str().unwrap(), it["language"].as_str().unwrap()))
                .collect()
        };
        let page = |status, after: Option<&TemplateKey>| json!(page(&copy, status, after, 2));
        let first = page(None, None);
        assert_eq!(names(&first), ["a en", "a es"]);
        let after = paging::mark(first["next_cursor"].as_str()).unwrap();
        let second = page(None, after.as_ref());
        assert_eq!((names(&second), &second["next_cursor"]), (vec!["b es".to_owned()], &Value::Null));
        let approved = page(Some("approved"), None);
        assert_eq!((names(&approved).len(), &approved["next_cursor"]), (2, &Value::Null));
    }
}
