//! Meta's errors (facts: meta.md 3.1): a list according to the documents, in practice also one object, a
//! text or a code.

use serde_json::Value;

use crate::lenient::text;
use ventanilla_core::domain::{provider_error::ProviderError, redact::redacted, rejection::ProviderCode};

/// Longest URL of an explanation, in bytes.
const HREF_LIMIT: usize = 512;

/// The errors of an item, under either of the two names.
pub(crate) fn errors(item: &Value) -> Vec<ProviderError> {
    ["errors", "error"]
        .iter()
        .filter_map(|name| item.get(name))
        .flat_map(all)
        .take(ProviderError::MOST)
        .collect()
}

fn all(value: &Value) -> Vec<ProviderError> {
    match value {
        Value::Array(several) => several.iter().filter_map(one).collect(),
        one_of_them => one(one_of_them).into_iter().collect(),
    }
}

fn one(value: &Value) -> Option<ProviderError> {
    let error = match value {
        Value::Object(_) => of_object(value),
        Value::Number(code) => {
            ProviderError { code: Some(ProviderCode::of(&code.to_string())), ..ProviderError::default() }
        }
        // A code spelled as text, or an explanation.
        Value::String(said) => match said.trim().parse::<i64>() {
            Ok(code) => ProviderError { code: Some(code.into()), ..ProviderError::default() },
            Err(_) => ProviderError { message: words(said), ..ProviderError::default() },
        },
        _ => ProviderError::default(),
    };
    (!error.is_empty()).then_some(error)
}

fn of_object(value: &Value) -> ProviderError {
    let part = |name| text(value, name).and_then(|said| words(&said));
    // `error_data` was seen as a plain text, too.
    let details = match value.get("error_data") {
        Some(Value::String(said)) => words(said),
        Some(data) => text(data, "details").and_then(|said| words(&said)),
        None => part("details").or_else(|| part("reason")),
    };
    ProviderError {
        code: text(value, "code")
            .filter(|code| !code.trim().is_empty())
            .map(|code| ProviderCode::of(code.trim())),
        title: part("title"),
        message: part("message"),
        details,
        href: text(value, "href")
            .filter(|href| href.starts_with("https://") && href.len() <= HREF_LIMIT)
            .map(std::borrow::Cow::into_owned),
    }
}

fn words(said: &str) -> Option<String> {
    Some(redacted(said.trim())).filter(|said| !said.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_read_in_every_form() {
        let full = json!({
            "code": 131_026, "title": "Message undeliverable", "message": "Message undeliverable",
            "error_data": { "details": "+502 1234-5678 is not reachable" }, "href": "https://developers.facebook.com/docs/x",
        });
        let read = errors(&json!({ "errors": full }));
        assert_eq!(read, errors(&json!({ "errors": [full] })));
        let [error] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!((&error.code, error.explanation()), (&Some(131_026.into()), Some("…78 is not reachable")));
        assert_eq!(error.href.as_deref(), Some("https://developers.facebook.com/docs/x"));
        for (value, code, said) in [
            (json!([{ "code": "131047" }]), Some(131_047), None),
            (json!(131_047), Some(131_047), None),
            (json!("131047"), Some(131_047), None),
            (json!("Undeliverable"), None, Some("Undeliverable")),
            (json!(["Undeliverable"]), None, Some("Undeliverable")),
            (json!({ "code": 1, "error_data": "why" }), Some(1), Some("why")),
            (json!({ "code": 1, "title": "a", "message": "b" }), Some(1), Some("b")),
        ] {
            for name in ["errors", "error"] {
                let read = errors(&json!({ name: value }));
                let [error] = read.as_slice() else { panic!("{value}: {read:?}") };
                assert_eq!(
                    (error.code.clone(), error.explanation()),
                    (code.map(ProviderCode::from), said),
                    "{value}"
                );
            }
        }
        let two = errors(&json!({ "errors": [{ "code": 1 }, { "code": 2 }] }));
        assert_eq!(
            two.iter().map(|it| it.code.clone()).collect::<Vec<_>>(),
            [Some(1.into()), Some(2.into())]
        );
        for none in [json!(null), json!([]), json!({}), json!([{}]), json!(""), json!(true), json!([[1]])] {
            assert!(errors(&json!({ "errors": none })).is_empty(), "{none}");
        }
        assert_eq!(errors(&json!({ "errors": vec![1; 50] })).len(), ProviderError::MOST);
    }
}
