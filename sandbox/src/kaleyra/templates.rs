//! Kaleyra's lists of templates, all on one page.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
    http::Uri,
    response::Response,
};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{account::Account, error::KaleyraError, form::Form};
use crate::{
    BusinessNumber, KaleyraApi, Sandbox,
    log::ListEntry,
    templates::{self, DEFAULT_FIELDS, Template},
};

/// `GET /v2/{sid}/whatsapp/{waba_id}/message_templates`: the templates of a business account.
pub(super) async fn of_account(
    State(sandbox): State<Sandbox>,
    Path((sid, waba_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let entry = ListEntry::new(sandbox.clock(), &waba_id);
    // Of the fields only the category and the components are documented.
    let show = |template: &Template| Some(template.select_fields(DEFAULT_FIELDS));
    let listed = Account::authenticate(&sandbox, &sid, &headers)
        .and_then(|account| account.in_waba(&waba_id)?.with_api(KaleyraApi::V2))
        .and_then(|numbers| listed(&sandbox, &numbers, show));
    let answer = listed.map(|data| {
        let message = "Request Processed Successfully";
        Json(json!({"code": "WA200", "message": message, "data": data, "error": {}}))
    });
    templates::respond(&sandbox, entry, answer).await
}

/// `GET /v1/{sid}/whatsapp/templates/status`: the templates of all business accounts of a SID, filtered by `name` if
/// given.
///
/// The documents say which fields the response has, and how V1 spells the statuses, but show no body: its shape is
/// invented, with V1's field names where there are any.
pub(super) async fn of_sid(
    State(sandbox): State<Sandbox>,
    Path(sid): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let entry = ListEntry::new(sandbox.clock(), &sid);
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes());
    let wanted = |template: &Template| query.get("name").is_none_or(|name| template.name == name);
    let listed = Account::authenticate(&sandbox, &sid, &headers)
        .and_then(|account| account.with_api(KaleyraApi::V1))
        .and_then(|numbers| listed(&sandbox, &numbers, |own| wanted(own).then(|| as_v1_shows_it(own))));
    let answer = listed.map(|data| Json(json!({"data": data, "error": {}})));
    templates::respond(&sandbox, entry, answer).await
}

/// The templates of these numbers, unless a fault applies.
fn listed(
    sandbox: &Sandbox,
    numbers: &[Arc<BusinessNumber>],
    show: impl Fn(&Template) -> Option<Value>,
) -> Result<Vec<Value>, KaleyraError> {
    let mut state = sandbox.state();
    if templates::list_fault(&mut state.rules, numbers, 0).is_some() {
        return Err(KaleyraError::from_code("WA500"));
    }
    let accounts: BTreeSet<&str> = numbers.iter().map(|number| number.waba_id.as_str()).collect();
    Ok(accounts.into_iter().flat_map(|account| state.templates.of(account)).filter_map(show).collect())
}

fn as_v1_shows_it(template: &Template) -> Value {
    let header = match template.header_format() {
        "TEXT" => template.text("HEADER").unwrap_or_default(),
        format => format,
    };
    json!({
        "template_name": template.name,
        "lang_code": template.language,
        "status": spelled(&template.status),
        "category": template.category,
        "header": header,
        "body": template.text("BODY").unwrap_or_default(),
        "footer": template.text("FOOTER").unwrap_or_default(),
        "buttons": template.buttons(),
    })
}

/// A status as V1 spells it: `Approved`.
fn spelled(status: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first: String = letters.next().into_iter().collect();
        first + &letters.as_str().to_lowercase()
    };
    status.split('_').map(word).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_status_is_a_word_or_two() {
        assert_eq!(super::spelled("APPROVED"), "Approved");
        assert_eq!(super::spelled("IN_APPEAL"), "In Appeal");
    }
}
