//! The filters, fields and pages that a call requests of a list of templates.

use axum::http::Uri;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use form_urlencoded::Serializer;
use serde_json::Value;

use crate::{
    outbound::MetaError,
    templates::{DEFAULT_FIELDS, Template},
};

/// The default page size; the maximum is not documented.
const DEFAULT_PAGE_SIZE: usize = 25;

/// The fields that a list of templates can be filtered by.
const FILTERS: [&str; 4] = ["status", "name", "language", "category"];

/// The parameters in a URL. The first of several values counts; an empty value counts as absent.
pub(super) struct Parameters(Vec<(String, String)>);

/// A request for one page.
pub(super) struct Query {
    parameters: Parameters,
    /// How many templates a page has.
    pub(super) limit: usize,
    /// The id of the last template on the previous page.
    pub(super) after: u64,
}

impl Parameters {
    pub(super) fn from_uri(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }
}

impl Query {
    pub(super) fn read(uri: &Uri) -> Result<Self, MetaError> {
        let parameters = Parameters::from_uri(uri);
        let limit = parameters.get("limit").map_or(Some(DEFAULT_PAGE_SIZE), |limit| limit.parse().ok());
        let limit = limit.filter(|limit| *limit > 0);
        let limit = limit.ok_or_else(|| MetaError::malformed("Param limit must be a positive number."))?;
        let after = parameters.get("after").map_or(Some(0), position);
        let after = after.ok_or_else(|| MetaError::malformed("Param after must be a cursor."))?;
        Ok(Self { parameters, limit, after })
    }

    /// Whether the filters include this template.
    pub(super) fn matches(&self, template: &Template) -> bool {
        FILTERS.iter().all(|name| {
            let wanted = self.parameters.get(name);
            wanted.is_none_or(|wanted| template.field(name).is_some_and(|own| own == wanted))
        })
    }

    /// The template with the requested fields and its id.
    pub(super) fn select_fields(&self, template: &Template) -> Value {
        match self.parameters.get("fields") {
            Some(fields) => template.select_fields(fields.split(',').map(str::trim).chain(["id"])),
            None => template.select_fields(DEFAULT_FIELDS),
        }
    }

    /// The query for the page after this template.
    pub(super) fn next_page_query(&self, last: &Template) -> String {
        let mut text = Serializer::new(String::new());
        for (name, value) in &self.parameters.0 {
            if !["limit", "after", "before"].contains(&name.as_str()) {
                text.append_pair(name, value);
            }
        }
        text.append_pair("limit", &self.limit.to_string());
        text.append_pair("after", &cursor(last));
        text.finish()
    }
}

/// A cursor in the Graph API's format: base64 with `ZD` for `=`, which digits never produce.
pub(super) fn cursor(template: &Template) -> String {
    STANDARD.encode(template.id.to_string()).replace('=', "ZD")
}

/// Parses the id in a cursor.
fn position(cursor: &str) -> Option<u64> {
    let id = STANDARD.decode(cursor.replace("ZD", "=")).ok()?;
    String::from_utf8(id).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::{Query, cursor, position};
    use crate::{outbound::MetaError, templates::Template};

    #[test]
    fn a_cursor_leads_back_to_its_template() {
        for id in [0, 1, 10, 999, 1_000_000_000_000_001, u64::MAX] {
            let template = Template { id, ..Template::new("visit", "es", "UTILITY", Vec::new()) };
            let text = cursor(&template);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
            assert_eq!(position(&text), Some(id), "{text}");
        }
        assert_eq!(position("nonsense"), None);
    }

    #[test]
    fn the_next_page_is_asked_for_with_the_same_words() -> Result<(), MetaError> {
        let uri = Uri::from_static("/v25.0/1/message_templates?after=MA%3D%3D&status=APPROVED&fields=a%2Cb");
        let query = Query::read(&uri)?;
        let template = Template { id: 7, ..Template::new("visit", "es", "UTILITY", Vec::new()) };
        assert_eq!(query.next_page_query(&template), "status=APPROVED&fields=a%2Cb&limit=25&after=NwZDZD");
        for wrong in ["/?limit=0", "/?limit=many", "/?after=nonsense"] {
            let uri: Uri = wrong.parse().map_err(|_| MetaError::malformed(wrong))?;
            assert!(Query::read(&uri).is_err(), "{wrong}");
        }
        Ok(())
    }
}
