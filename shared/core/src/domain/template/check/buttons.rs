//! The values of buttons: ends of URLs, codes to copy and login codes (facts: template-rules.md 1.1).

use serde_json::Value;

use super::{
    ValidationProblem,
    part::{Part, is_of},
    word,
};

/// The maximum length of a whole URL, in characters.
const URL_LIMIT: usize = 2000;
/// The maximum length of a login code, in characters.
const LOGIN_CODE_LIMIT: usize = 15;

/// The problems with the values of buttons.
pub(super) fn problems(part: &Part<'_>) -> Vec<ValidationProblem> {
    let mut found = Vec::new();
    for (index, button) in part.buttons().iter().enumerate() {
        let name = format!("button {index}");
        for parameter in part.parameters(&name) {
            let problem = match word(parameter, "type") {
                "text" if is_of(button, "URL") => of_url(word(button, "url"), word(parameter, "text")),
                "coupon_code" => of_code(word(parameter, "coupon_code")),
                _ => None,
            };
            found.extend(problem.map(|problem| part.problem(&name, &problem)));
        }
    }
    found
}

/// The problems with a login code, which stands in the body and in the button.
pub(super) fn of_login_code(part: &Part<'_>) -> Vec<ValidationProblem> {
    let Some(code) = only_text(&part.parameters("body")) else { return Vec::new() };
    let mut found = Vec::new();
    if code.chars().count() > LOGIN_CODE_LIMIT {
        let problem = format!("a login code has at most {LOGIN_CODE_LIMIT} characters");
        found.push(part.problem("body", &problem));
    }
    if only_text(&part.parameters("button 0")).is_some_and(|other| other != code) {
        found.push(part.problem("button 0", "must have the same login code as the body"));
    }
    found
}

fn only_text<'a>(parameters: &[&'a Value]) -> Option<&'a str> {
    match parameters {
        [only] => only.get("text")?.as_str(),
        _ => None,
    }
}

fn of_url(url: &str, end: &str) -> Option<String> {
    if end.contains("://") {
        return Some("must be the end of the URL only, not the whole URL".to_owned());
    }
    if let Some(raw) = end.chars().find(|it| it.is_whitespace() || matches!(it, ':' | '|') || !it.is_ascii())
    {
        return Some(format!("the end of a URL must be percent-encoded: it has {raw:?}"));
    }
    let before = url.split("{{").next().unwrap_or_default();
    let length = before.chars().count() + end.len();
    (length > URL_LIMIT)
        .then(|| format!("the URL is {length} characters long when filled in; the limit is {URL_LIMIT}"))
}

fn of_code(code: &str) -> Option<String> {
    let is_valid = !code.is_empty() && code.chars().all(|it| it.is_ascii_alphanumeric());
    (!is_valid).then(|| "a code to copy has letters and digits only, and is not empty".to_owned())
}
