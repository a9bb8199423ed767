//! The buttons of a template to create.

use serde_json::Value;

use super::texts::check_length;
use crate::{
    outbound::MetaError,
    templates::{self, ParameterFormat, items, text_field},
};

/// The maximum number of buttons.
const MAX_BUTTONS: usize = 10;

/// The types of buttons, and how many of each a template may have.
const TYPES: [(&str, usize); 11] = [
    ("QUICK_REPLY", 10),
    ("URL", 2),
    ("PHONE_NUMBER", 1),
    ("COPY_CODE", 1),
    ("FLOW", 1),
    ("CATALOG", 1),
    ("MPM", 1),
    ("SPM", 1),
    ("VOICE_CALL", 1),
    ("REQUEST_CONTACT_INFO", 1),
    ("ORDER_DETAILS", 1),
];

/// The maximum length of a label, in characters.
const MAX_LABEL: usize = 25;

/// Validates the buttons of a template that is no login code.
pub(super) fn check(buttons: &[Value], format: ParameterFormat) -> Result<(), MetaError> {
    if !(1..=MAX_BUTTONS).contains(&buttons.len()) {
        return Err(MetaError::malformed("BUTTONS: between 1 and 10 buttons are required."));
    }
    let kinds: Vec<&str> = buttons.iter().map(|button| text_field(button, "type")).collect();
    for (kind, max) in TYPES {
        if kinds.iter().filter(|own| **own == kind).count() > max {
            return Err(MetaError::malformed(format!("BUTTONS: at most {max} of the type {kind}.")));
        }
    }
    check_grouping(&kinds)?;
    buttons.iter().try_for_each(|button| check_button(button, format))
}

/// The quick replies stand side by side, before or after all other buttons.
fn check_grouping(kinds: &[&str]) -> Result<(), MetaError> {
    let is_reply = |kind: &&str| *kind == "QUICK_REPLY";
    let changes =
        kinds.windows(2).filter(|pair| pair.iter().filter(|kind| is_reply(kind)).count() == 1).count();
    if changes > 1 {
        return Err(MetaError::malformed("BUTTONS: quick replies must stand in one group, first or last."));
    }
    Ok(())
}

fn check_button(button: &Value, format: ParameterFormat) -> Result<(), MetaError> {
    let kind = text_field(button, "type");
    if TYPES.iter().all(|(known, _)| *known != kind) {
        return Err(MetaError::malformed(format!("BUTTONS: the type {kind} is not possible here.")));
    }
    match kind {
        "COPY_CODE" => return check_length("COPY_CODE example", example(button), 20),
        // Meta writes the label itself.
        "REQUEST_CONTACT_INFO" => return Ok(()),
        _ => check_length(&format!("{kind} text"), text_field(button, "text"), MAX_LABEL)?,
    }
    match kind {
        "URL" => check_url(button, format),
        "PHONE_NUMBER" => check_length("PHONE_NUMBER phone_number", text_field(button, "phone_number"), 20),
        "FLOW" => {
            let named = ["flow_id", "flow_name", "flow_json"];
            let count = named.iter().filter(|field| button.get(**field).is_some()).count();
            if count == 1 {
                Ok(())
            } else {
                Err(MetaError::malformed("FLOW: name one flow by id, name or JSON."))
            }
        }
        _ => Ok(()),
    }
}

fn check_url(button: &Value, format: ParameterFormat) -> Result<(), MetaError> {
    let url = text_field(button, "url");
    check_length("URL url", url, 2000)?;
    let names = templates::variables(url);
    let is_one = match format {
        ParameterFormat::Positional => names == ["1"],
        ParameterFormat::Named => names.len() == 1,
    };
    let is_fixed = names.is_empty();
    let ends_in_one = is_one && url.ends_with("}}");
    if !is_fixed && !ends_in_one {
        return Err(MetaError::malformed("URL: one variable at most, at the end of the URL."));
    }
    if !is_fixed && example(button).is_empty() {
        return Err(MetaError::malformed("URL: the variable needs an example."));
    }
    if reqwest::Url::parse(url).is_ok_and(|url| ["http", "https"].contains(&url.scheme())) {
        return Ok(());
    }
    Err(MetaError::malformed("URL: the url must be a web address."))
}

/// The first example of a button, which is a text or a list of texts.
fn example(button: &Value) -> &str {
    let first = items(button, "example").first().and_then(Value::as_str);
    first.unwrap_or_else(|| text_field(button, "example"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;
    use crate::templates::ParameterFormat::Positional;

    fn is_valid(buttons: &Value) -> bool {
        check(buttons.as_array().map_or(&[][..], Vec::as_slice), Positional).is_ok()
    }

    fn reply(text: &str) -> Value {
        json!({"type": "QUICK_REPLY", "text": text})
    }

    fn url(url: &str, example: &Value) -> Value {
        json!({"type": "URL", "text": "Ver", "url": url, "example": example})
    }

    #[test]
    fn quick_replies_stand_in_one_group() {
        let site = url("https://x.example/", &Value::Null);
        assert!(is_valid(&json!([reply("a"), reply("b"), site])));
        assert!(is_valid(&json!([site, reply("a"), reply("b")])));
        assert!(!is_valid(&json!([reply("a"), site, reply("b")])));
        assert!(!is_valid(&json!([site, reply("a"), site])));
    }

    #[test]
    fn there_are_at_most_ten_and_of_some_types_fewer() {
        let replies = |count: usize| vec![reply("a"); count];
        assert!(is_valid(&json!(replies(10))));
        assert!(!is_valid(&json!(replies(11))));
        assert!(!is_valid(&json!([])));
        let site = url("https://x.example/", &Value::Null);
        assert!(is_valid(&json!([site, site])));
        assert!(!is_valid(&json!([site, site, site])));
        assert!(!is_valid(&json!([{"type": "OTP", "text": "Code"}])));
        assert!(!is_valid(&json!([{"type": "LINK", "text": "x"}])));
    }

    #[test]
    fn a_url_has_one_variable_at_its_end_with_an_example() {
        assert!(is_valid(&json!([url("https://x.example/{{1}}", &json!(["https://x.example/A"]))])));
        assert!(is_valid(&json!([url("https://x.example/{{1}}", &json!("A"))])));
        assert!(!is_valid(&json!([url("https://x.example/{{1}}", &Value::Null)])));
        assert!(!is_valid(&json!([url("https://x.example/{{1}}/x", &json!("A"))])));
        assert!(!is_valid(&json!([url("https://x.example/{{2}}", &json!("A"))])));
        assert!(!is_valid(&json!([url("x.example", &Value::Null)])));
    }

    #[test]
    fn labels_codes_and_numbers_have_lengths() {
        assert!(is_valid(&json!([reply(&"x".repeat(25))])));
        assert!(!is_valid(&json!([reply(&"x".repeat(26))])));
        assert!(!is_valid(&json!([reply("")])));
        let code = |code: &str| json!([{"type": "COPY_CODE", "example": code}]);
        assert!(is_valid(&code(&"x".repeat(20))) && !is_valid(&code(&"x".repeat(21))));
        let phone = |number: &str| json!([{"type": "PHONE_NUMBER", "text": "Call", "phone_number": number}]);
        assert!(is_valid(&phone("+525512345678")) && !is_valid(&phone("")));
        assert!(!is_valid(&json!([{"type": "FLOW", "text": "Go"}])));
        assert!(is_valid(&json!([{"type": "FLOW", "text": "Go", "flow_id": "1"}])));
    }
}
