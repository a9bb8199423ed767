//! The filters, fields and pages that a call requests of a list of templates.

use axum::http::Uri;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use form_urlencoded::Serializer;
use serde_json::{Value, json};

use crate::{
    outbound::MetaError,
    templates::{self, DEFAULT_FIELDS, Template},
};

/// The default page size; the maximum is not documented.
const DEFAULT_PAGE_SIZE: usize = 25;

/// The fields that a list of templates can be filtered by.
const FILTERS: [&str; 4] = ["status", "name", "language", "category"];

/// The counts that a list can be summed up by.
const SUMMARY: [&str; 4] =
    ["total_count", "message_template_count", "message_template_limit", "are_translations_complete"];

/// The parameters in a URL. The first of several values counts; an empty value counts as absent.
pub(super) struct Parameters(Vec<(String, String)>);

/// Where a page starts or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageStart {
    /// After the template with this id.
    After(u64),
    /// Before the template with this id.
    Before(u64),
}

/// A request for one page.
pub(super) struct Query {
    parameters: Parameters,
    /// How many templates a page has.
    pub(super) limit: usize,
    start: PageStart,
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
        let start = match (parameters.get("before"), parameters.get("after")) {
            (Some(before), None) => position(before).map(PageStart::Before),
            (_, Some(after)) => position(after).map(PageStart::After),
            (None, None) => Some(PageStart::After(0)),
        };
        let start = start.ok_or_else(|| MetaError::malformed("Param after or before must be a cursor."))?;
        if let Some(fields) = parameters.get("fields") {
            templates::field_names(fields)?;
        }
        check_summary(&parameters)?;
        Ok(Self { parameters, limit, start })
    }

    /// The first template of the page and the one after its last, in a list that is sorted by id.
    pub(super) fn range(&self, wanted: &[&Template]) -> (usize, usize) {
        match self.start {
            PageStart::After(id) => {
                let start = wanted.partition_point(|template| template.id <= id);
                (start, wanted.len().min(start.saturating_add(self.limit)))
            }
            PageStart::Before(id) => {
                let end = wanted.partition_point(|template| template.id < id);
                (end.saturating_sub(self.limit), end)
            }
        }
    }

    /// Whether the filters include this template. A filter lists values with commas.
    pub(super) fn matches(&self, template: &Template) -> bool {
        let fits = |name: &str| {
            let wanted = self.parameters.get(name);
            wanted.is_none_or(|wanted| {
                wanted.split(',').any(|one| template.field(name).is_some_and(|own| own == one))
            })
        };
        let quality = self.parameters.get("quality_score");
        let text = self.parameters.get("name_or_content");
        FILTERS.iter().all(|name| fits(name))
            && quality.is_none_or(|wanted| wanted.split(',').any(|one| one == template.quality))
            && text.is_none_or(|text| template.has_text(text))
    }

    /// The requested counts: `total` of the filters, `all` of the account, and the most that it may have.
    pub(super) fn summary(&self, total: usize, all: usize, limit: usize) -> Option<Value> {
        let wanted = self.parameters.get("summary")?;
        let count = |name: &str| match name {
            "total_count" => json!(total),
            "message_template_count" => json!(all),
            "message_template_limit" => json!(limit),
            _ => json!(true),
        };
        Some(Value::Object(wanted.split(',').map(|name| (name.to_owned(), count(name))).collect()))
    }

    /// The template with the requested fields and its id.
    pub(super) fn select_fields(&self, template: &Template) -> Value {
        match self.parameters.get("fields") {
            Some(fields) => {
                let names = templates::field_names(fields).unwrap_or_default();
                template.select_fields(names.into_iter().chain(["id"]))
            }
            None => template.select_fields(DEFAULT_FIELDS),
        }
    }

    /// The query for the page at `start`, with the same filters and fields.
    pub(super) fn page_query(&self, start: PageStart) -> String {
        let mut text = Serializer::new(String::new());
        for (name, value) in &self.parameters.0 {
            if !["limit", "after", "before"].contains(&name.as_str()) {
                text.append_pair(name, value);
            }
        }
        text.append_pair("limit", &self.limit.to_string());
        match start {
            PageStart::After(id) => text.append_pair("after", &cursor(id)),
            PageStart::Before(id) => text.append_pair("before", &cursor(id)),
        };
        text.finish()
    }
}

fn check_summary(parameters: &Parameters) -> Result<(), MetaError> {
    let named = parameters.get("summary").map(|summary| summary.split(','));
    match named.into_iter().flatten().find(|name| !SUMMARY.contains(name)) {
        Some(unknown) => Err(MetaError::malformed(format!("Param summary has the unknown count {unknown}."))),
        None => Ok(()),
    }
}

/// A cursor in the Graph API's format: base64 with `ZD` for `=`, which digits never produce.
pub(super) fn cursor(id: u64) -> String {
    STANDARD.encode(id.to_string()).replace('=', "ZD")
}

/// Parses the id in a cursor.
fn position(cursor: &str) -> Option<u64> {
    let id = STANDARD.decode(cursor.replace("ZD", "=")).ok()?;
    String::from_utf8(id).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::{PageStart, Query, cursor, position};
    use crate::outbound::MetaError;

    #[test]
    fn a_cursor_leads_back_to_its_template() {
        for id in [0, 1, 10, 999, 1_000_000_000_000_001, u64::MAX] {
            let text = cursor(id);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
            assert_eq!(position(&text), Some(id), "{text}");
        }
        assert_eq!(position("nonsense"), None);
    }

    #[test]
    fn the_next_page_is_asked_for_with_the_same_words() -> Result<(), MetaError> {
        let uri =
            Uri::from_static("/v25.0/1/message_templates?after=MA%3D%3D&status=APPROVED&fields=name%2Cid");
        let query = Query::read(&uri)?;
        let next = query.page_query(PageStart::After(7));
        assert_eq!(next, "status=APPROVED&fields=name%2Cid&limit=25&after=NwZDZD");
        let previous = query.page_query(PageStart::Before(7));
        assert_eq!(previous, "status=APPROVED&fields=name%2Cid&limit=25&before=NwZDZD");
        for wrong in [
            "/?limit=0",
            "/?limit=many",
            "/?after=nonsense",
            "/?before=nonsense",
            "/?fields=name,colour",
            "/?summary=colour",
        ] {
            let uri: Uri = wrong.parse().map_err(|_| MetaError::malformed(wrong))?;
            assert!(Query::read(&uri).is_err(), "{wrong}");
        }
        Ok(())
    }
}
