//! Header, body and footer of a template to create.

use serde_json::Value;

use super::{
    mistake::Subcode,
    variables::{self, Place},
};
use crate::{
    outbound::MetaError,
    templates::{self, ParameterFormat, items, text_field},
};

/// The maximum length of a header or a footer, in characters.
const MAX_SHORT: usize = 60;

const HEADER: Place = Place {
    name: "HEADER",
    malformed: Subcode::Header,
    example: "header_text",
    named_example: "header_text_named_params",
};

const BODY: Place = Place {
    name: "BODY",
    malformed: Subcode::Body,
    example: "body_text",
    named_example: "body_text_named_params",
};

/// Validates a header: a text with at most one variable, or a format with an example file.
pub(super) fn header(component: &Value, format: ParameterFormat) -> Result<(), MetaError> {
    match text_field(component, "format") {
        "TEXT" => {
            let text = text_field(component, "text");
            check_length("HEADER", text, MAX_SHORT)?;
            if templates::variables(text).len() > 1 {
                return Err(Subcode::Header.error("HEADER: one variable at most."));
            }
            // A variable may stand at either end of a header.
            variables::check_examples(&HEADER, component, format)
        }
        "IMAGE" | "VIDEO" | "DOCUMENT" | "GIF" => {
            let example = component.get("example");
            let handles = example.map_or(&[][..], |example| items(example, "header_handle"));
            let is_given = handles.first().and_then(Value::as_str).is_some_and(|handle| !handle.is_empty());
            if is_given { Ok(()) } else { Err(Subcode::Header.error("HEADER: an example file is required.")) }
        }
        "LOCATION" | "PRODUCT" => Ok(()),
        other => Err(Subcode::Header.error(format!("HEADER: the format {other} does not exist."))),
    }
}

/// Validates a body of at most `max` characters.
pub(super) fn body(component: &Value, format: ParameterFormat, max: usize) -> Result<(), MetaError> {
    let text = text_field(component, "text");
    check_length("BODY", text, max)?;
    variables::check(&BODY, text, format)?;
    variables::check_examples(&BODY, component, format)
}

/// Validates a footer, which has no variables.
pub(super) fn footer(component: &Value) -> Result<(), MetaError> {
    let text = text_field(component, "text");
    check_length("FOOTER", text, MAX_SHORT)?;
    if templates::variables(text).is_empty() {
        Ok(())
    } else {
        Err(Subcode::Footer.error("FOOTER: variables are not allowed."))
    }
}

/// Validates that a text has between 1 and `max` characters.
pub(super) fn check_length(name: &str, text: &str, max: usize) -> Result<(), MetaError> {
    if (1..=max).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(Subcode::Length.error(format!("{name}: the text must have between 1 and {max} characters.")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{body, footer, header};
    use crate::{
        outbound::MetaError,
        templates::ParameterFormat::{Named, Positional},
    };

    fn subcode(result: Result<(), MetaError>) -> Option<u32> {
        result.err().and_then(|error| error.subcode)
    }

    fn text(text: &str, examples: &Value) -> Value {
        json!({"type": "BODY", "text": text, "example": {"body_text": [examples]}})
    }

    #[test]
    fn the_variables_of_a_body_are_in_sequence_and_inside_the_text() {
        let cases = [
            ("Hola {{1}}, el {{2}}.", json!(["Ana", "lunes"]), None),
            ("Hola {{1}}, {{1}} otra vez.", json!(["Ana"]), None),
            ("Hola {{2}}, el {{1}}.", json!(["Ana", "lunes"]), Some(2_388_072)),
            ("Hola {{1}}, el {{3}}.", json!(["Ana", "lunes"]), Some(2_388_072)),
            ("Hola {{name}}, bien.", json!(["Ana"]), Some(2_388_072)),
            ("Hola {{#}}, bien.", json!(["Ana"]), Some(2_388_072)),
            ("{{1}}, hola.", json!(["Ana"]), Some(2_388_299)),
            ("Hola {{1}}", json!(["Ana"]), Some(2_388_299)),
            ("Hola a {{1}}{{2}} hoy.", json!(["Ana", "x"]), Some(2_388_072)),
            ("Hola {{1}}, {{2}}, {{3}}.", json!(["a", "b", "c"]), Some(2_388_293)),
            ("Hola {{1}}, bien.", json!([]), Some(2_388_072)),
            ("Hola {{1}}, bien.", json!([""]), Some(2_388_072)),
            ("Hola {{1}}, el {{2}}.", json!(["Ana"]), Some(2_388_072)),
            ("", json!([]), Some(2_388_040)),
        ];
        for (words, examples, expected) in cases {
            assert_eq!(subcode(body(&text(words, &examples), Positional, 1024)), expected, "{words}");
        }
        assert_eq!(subcode(body(&text(&"ñ".repeat(1024), &json!([])), Positional, 1024)), None);
        assert_eq!(subcode(body(&text(&"ñ".repeat(1025), &json!([])), Positional, 1024)), Some(2_388_040));
    }

    #[test]
    fn named_variables_have_lower_case_names_and_named_examples() {
        let named = |words: &str, name: &str| {
            let example = json!({"body_text_named_params": [{"param_name": name, "example": "Ana"}]});
            subcode(body(&json!({"text": words, "example": example}), Named, 1024))
        };
        assert_eq!(named("Hola {{first_name}}, bien.", "first_name"), None);
        assert_eq!(named("Hola {{first_name}}, bien.", "name"), Some(2_388_072));
        assert_eq!(named("Hola {{First}}, bien.", "First"), Some(2_388_072));
        assert_eq!(named("Hola {{1}}, bien.", "1"), Some(2_388_072));
    }

    #[test]
    fn a_header_has_a_known_format_and_an_example() {
        let file = |format: &str, handles: &Value| {
            subcode(header(&json!({"format": format, "example": {"header_handle": handles}}), Positional))
        };
        assert_eq!(file("IMAGE", &json!(["4::aW"])), None);
        assert_eq!(file("IMAGE", &json!([])), Some(2_388_047));
        assert_eq!(file("PICTURE", &json!(["4::aW"])), Some(2_388_047));
        assert_eq!(file("LOCATION", &json!([])), None);
        let words = |text: &str, example: &Value| {
            subcode(header(&json!({"format": "TEXT", "text": text, "example": example}), Positional))
        };
        assert_eq!(words("Servicio {{1}}", &json!({"header_text": ["A-1"]})), None);
        assert_eq!(words("Servicio {{1}}", &Value::Null), Some(2_388_047));
        assert_eq!(words("De {{1}} a {{2}}", &json!({"header_text": ["A", "B"]})), Some(2_388_047));
        assert_eq!(words(&"x".repeat(61), &Value::Null), Some(2_388_040));
    }

    #[test]
    fn a_footer_is_short_and_fixed() {
        assert_eq!(subcode(footer(&json!({"text": "x".repeat(60)}))), None);
        assert_eq!(subcode(footer(&json!({"text": "x".repeat(61)}))), Some(2_388_040));
        assert_eq!(subcode(footer(&json!({"text": "Hola {{1}}."}))), Some(2_388_073));
    }
}
