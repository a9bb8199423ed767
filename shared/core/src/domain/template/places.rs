//! The variables of a template that a message must fill in (facts: meta.md 2.4 and 6).

use serde_json::Value;

use super::{ParameterFormat, TemplateDetails};

/// What a variable expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceholderKind {
    /// Text, also a currency or a date; with the name of a named variable.
    Text(Option<String>),
    /// A file of this kind, or a product: `image`, `video`, `document`, `gif`, `product`.
    Media(String),
    /// A location on the map.
    Location,
    /// The end of a link's URL.
    UrlEnd,
    /// The code of a coupon.
    CouponCode,
}

/// A variable of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The component: `header`, `body`, `button 0` …
    pub component: String,
    /// What the variable expects.
    pub kind: PlaceholderKind,
}

/// The variables that a message with this template must fill in, in their order. Quick replies and flows
/// have variables too, which may stay empty.
#[must_use]
pub fn places(details: &TemplateDetails) -> Vec<Placeholder> {
    places_of(&details.components, details.format)
}

/// The same of some of its components, such as those of a card.
pub(super) fn places_of(components: &[Value], format: ParameterFormat) -> Vec<Placeholder> {
    components.iter().flat_map(|component| of_component(component, format)).collect()
}

fn of_component(component: &Value, format: ParameterFormat) -> Vec<Placeholder> {
    match word(component, "type").to_ascii_uppercase().as_str() {
        "HEADER" => of_header(component, format),
        "BODY" => texts("body", word(component, "text"), format),
        "BUTTONS" => {
            let buttons = component.get("buttons").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            buttons.iter().enumerate().filter_map(|(index, button)| of_button(index, button)).collect()
        }
        _ => Vec::new(),
    }
}

fn of_header(component: &Value, format: ParameterFormat) -> Vec<Placeholder> {
    let place = |kind| vec![Placeholder { component: "header".to_owned(), kind }];
    match word(component, "format").to_ascii_uppercase().as_str() {
        kind @ ("IMAGE" | "VIDEO" | "DOCUMENT" | "GIF" | "PRODUCT") => {
            place(PlaceholderKind::Media(kind.to_ascii_lowercase()))
        }
        "LOCATION" => place(PlaceholderKind::Location),
        _ => texts("header", word(component, "text"), format),
    }
}

fn of_button(index: usize, button: &Value) -> Option<Placeholder> {
    let kind = match word(button, "type").to_ascii_uppercase().as_str() {
        "URL" if word(button, "url").contains("{{") => PlaceholderKind::UrlEnd,
        "COPY_CODE" => PlaceholderKind::CouponCode,
        // The code of an authentication template is also the end of its link.
        "OTP" => PlaceholderKind::UrlEnd,
        _ => return None,
    };
    Some(Placeholder { component: format!("button {index}"), kind })
}

/// The variables of a text: as many as the highest number, or each name once.
fn texts(component: &str, text: &str, format: ParameterFormat) -> Vec<Placeholder> {
    let names: Vec<&str> = variables(text).collect();
    let place = |name| Placeholder { component: component.to_owned(), kind: PlaceholderKind::Text(name) };
    // Not every list has the format; the names imply it.
    let by_words = names.iter().any(|name| name.parse::<usize>().is_err());
    match if by_words { ParameterFormat::Named } else { format } {
        ParameterFormat::Positional => {
            let highest =
                names.iter().filter_map(|name| name.parse::<usize>().ok()).max().unwrap_or_default();
            (0..highest.min(100)).map(|_| place(None)).collect()
        }
        ParameterFormat::Named => {
            let mut met: Vec<&str> = Vec::new();
            for name in names {
                if !met.contains(&name) {
                    met.push(name);
                }
            }
            met.into_iter().map(|name| place(Some(name.to_owned()))).collect()
        }
    }
}

fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim())
}

fn word<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kinds(format: ParameterFormat, components: Value) -> Vec<(String, PlaceholderKind)> {
        let Value::Array(components) = components else { panic!() };
        let details = TemplateDetails {
            status: "APPROVED".into(),
            category: "UTILITY".into(),
            format,
            components,
            quality: None,
        };
        places(&details).into_iter().map(|place| (place.component, place.kind)).collect()
    }

    #[test]
    fn every_variable_is_found() {
        let found = kinds(
            ParameterFormat::Positional,
            json!([
                { "type": "HEADER", "format": "IMAGE" },
                { "type": "BODY", "text": "Hola {{1}}, {{2}}; {{1}}" },
                { "type": "FOOTER", "text": "Ambiotec" },
                { "type": "BUTTONS", "buttons": [
                    { "type": "QUICK_REPLY", "text": "Sí" },
                    { "type": "URL", "url": "https://a.example/{{1}}" },
                    { "type": "URL", "url": "https://a.example/" },
                    { "type": "COPY_CODE", "example": "SOL" },
                ] },
            ]),
        );
        let expected = [
            ("header", PlaceholderKind::Media("image".to_owned())),
            ("body", PlaceholderKind::Text(None)),
            ("body", PlaceholderKind::Text(None)),
            ("button 1", PlaceholderKind::UrlEnd),
            ("button 3", PlaceholderKind::CouponCode),
        ];
        assert_eq!(found, expected.map(|(component, kind)| (component.to_owned(), kind)));
    }

    #[test]
    fn named_variables_are_found_once_by_their_names() {
        let body = json!([{ "type": "BODY", "text": "Hi {{first_name}}, {{order_id}}, {{first_name}}" }]);
        let named = |name: &str| ("body".to_owned(), PlaceholderKind::Text(Some(name.to_owned())));
        assert_eq!(kinds(ParameterFormat::Named, body), [named("first_name"), named("order_id")]);
    }
}
