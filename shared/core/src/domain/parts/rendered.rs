//! A template as the customer sees it: the text from the template cache with the message's parameters filled
//! in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{content, template::Template};

/// A sent template. Without a copy of the template, only what the sender gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RenderedTemplate {
    /// The name of the template at the provider.
    pub name: String,
    /// The language code of the template, like `es` or `en_US`.
    pub language: String,
    /// What it is for: `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    pub category: Option<String>,
    /// What the sender filled in: components as Meta defines them (facts: meta.md 2.4).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<serde_json::Map<String, Value>>"))]
    pub parameters: Vec<Value>,
    /// The text of the header; none where the header is a file or a place.
    pub header: Option<String>,
    /// The body with its parameters.
    pub body: Option<String>,
    /// The small print below the body.
    pub footer: Option<String>,
    /// The buttons, in their order.
    pub buttons: Vec<RenderedButton>,
}

/// A button of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RenderedButton {
    /// What it does, as the provider says: `QUICK_REPLY`, `URL`, `PHONE_NUMBER`, `COPY_CODE` …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The label on the button.
    pub text: Option<String>,
    /// The link that it opens.
    pub url: Option<String>,
    /// The number that it calls.
    pub phone_number: Option<String>,
    /// What comes back when it is tapped.
    pub payload: Option<String>,
}

/// The template as the customer sees it; `known` comes from the template cache.
#[must_use]
pub fn render(sent: &content::TemplateContent, known: Option<&Template>) -> RenderedTemplate {
    let mut rendered = RenderedTemplate {
        name: sent.name.clone(),
        language: sent.language.clone(),
        parameters: sent.components.clone(),
        ..RenderedTemplate::default()
    };
    let Some(known) = known else { return rendered };
    rendered.category = Some(known.details.category.as_str().to_owned());
    for component in &known.details.components {
        let text = word(component, "text");
        match word(component, "type").unwrap_or_default().to_ascii_uppercase().as_str() {
            "HEADER" => rendered.header = text.map(|text| filled(text, &parameters(sent, "header", None))),
            "BODY" => rendered.body = text.map(|text| filled(text, &parameters(sent, "body", None))),
            "FOOTER" => rendered.footer = text.map(str::to_owned),
            "BUTTONS" => {
                let buttons = component.get("buttons").and_then(Value::as_array);
                let buttons = buttons.into_iter().flatten().enumerate();
                rendered.buttons =
                    buttons.map(|(index, button)| rendered_button(sent, index, button)).collect();
            }
            _ => {}
        }
    }
    rendered
}

fn rendered_button(sent: &content::TemplateContent, index: usize, button: &Value) -> RenderedButton {
    let given = parameters(sent, "button", Some(index));
    let of = |name: &str| word(button, name).map(str::to_owned);
    let payload =
        given.iter().find_map(|given| word(given, "payload").or_else(|| word(given, "coupon_code")));
    RenderedButton {
        kind: of("type"),
        text: of("text"),
        url: word(button, "url").map(|url| filled(url, &given)),
        phone_number: of("phone_number"),
        payload: payload.map(str::to_owned),
    }
}

/// The message's parameters for a component of its template.
fn parameters<'a>(
    sent: &'a content::TemplateContent,
    component: &str,
    index: Option<usize>,
) -> Vec<&'a Value> {
    let wanted = |it: &&Value| {
        let at = match it.get("index") {
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(number) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
            None => None,
        };
        word(it, "type").is_some_and(|kind| kind.eq_ignore_ascii_case(component))
            && (index.is_none() || at == index)
    };
    let component = sent.components.iter().find(wanted);
    component
        .and_then(|it| it.get("parameters"))
        .and_then(Value::as_array)
        .map_or_else(Vec::new, |all| all.iter().collect())
}

/// A text with its variables replaced, by number or by name. A variable without a parameter stays as it is.
fn filled(text: &str, given: &[&Value]) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((place, after)) = after.split_once("}}") else { break };
        whole.push_str(before);
        let value = value_for(place.trim(), given);
        whole.push_str(&value.unwrap_or_else(|| format!("{{{{{place}}}}}")));
        rest = after;
    }
    whole.push_str(rest);
    whole
}

fn value_for(place: &str, given: &[&Value]) -> Option<String> {
    let named = given.iter().find(|it| word(it, "parameter_name") == Some(place));
    let numbered = || place.parse::<usize>().ok().and_then(|number| given.get(number.checked_sub(1)?));
    shown(named.or_else(numbered)?)
}

/// The text of a parameter; for a currency or a date its fallback text.
fn shown(parameter: &Value) -> Option<String> {
    let kind = word(parameter, "type").unwrap_or("text");
    match kind {
        "currency" | "date_time" => {
            parameter.get(kind).and_then(|it| word(it, "fallback_value")).map(str::to_owned)
        }
        _ => ["text", "payload", "coupon_code"]
            .iter()
            .find_map(|name| word(parameter, name))
            .map(str::to_owned),
    }
}

fn word<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{
        template::{ParameterFormat, TemplateDetails, TemplateKey},
        time::Timestamp,
    };

    fn known(components: Value) -> Template {
        let Value::Array(components) = components else { panic!() };
        let details = TemplateDetails {
            status: "APPROVED".into(),
            category: "UTILITY".into(),
            format: ParameterFormat::Positional,
            components,
            quality: None,
        };
        let key = TemplateKey::of("visit", "es").unwrap();
        let tenant = "demo".parse().unwrap();
        Template::listed(
            tenant,
            "2001".to_owned().try_into().unwrap(),
            key,
            details,
            Timestamp::from_millis(0),
        )
    }

    fn sent(components: Value) -> content::TemplateContent {
        let Value::Array(components) = components else { panic!() };
        content::TemplateContent::new("visit", "es", components).unwrap()
    }

    #[test]
    fn variables_are_replaced_by_number_and_by_name() {
        let known = known(json!([
            { "type": "HEADER", "format": "TEXT", "text": "Visita {{1}}" },
            { "type": "BODY", "text": "Hola {{1}}, el {{2}}; {{1}}. {{who}} {{9}}" },
            { "type": "FOOTER", "text": "Ambiotec" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Sí" },
                { "type": "URL", "text": "Ver", "url": "https://a.example/{{1}}" },
            ] },
        ]));
        let rendered = render(
            &sent(json!([
                { "type": "header", "parameters": [{ "type": "text", "text": "7" }] },
                { "type": "BODY", "parameters": [
                    { "type": "text", "text": "Ana" },
                    { "type": "date_time", "date_time": { "fallback_value": "lunes" } },
                    { "type": "text", "parameter_name": "who", "text": "Luis" },
                ] },
                { "type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{ "type": "payload", "payload": "YES" }] },
                { "type": "button", "sub_type": "url", "index": 1, "parameters": [{ "type": "text", "text": "x7" }] },
            ])),
            Some(&known),
        );
        assert_eq!(rendered.header.as_deref(), Some("Visita 7"));
        assert_eq!(rendered.body.as_deref(), Some("Hola Ana, el lunes; Ana. Luis {{9}}"));
        assert_eq!(
            (rendered.footer.as_deref(), rendered.category.as_deref()),
            (Some("Ambiotec"), Some("UTILITY"))
        );
        assert_eq!(rendered.buttons[0].payload.as_deref(), Some("YES"));
        assert_eq!(rendered.buttons[1].url.as_deref(), Some("https://a.example/x7"));
    }

    #[test]
    fn without_a_cached_template_the_parameters_are_stored() {
        let components = json!([{ "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] }]);
        let rendered = render(&sent(components.clone()), None);
        assert_eq!(
            (rendered.name.as_str(), rendered.language.as_str(), rendered.body),
            ("visit", "es", None)
        );
        assert_eq!(Value::from(rendered.parameters), components);
    }

    #[test]
    fn text_that_is_no_variable_stays() {
        assert_eq!(filled("a {{ b", &[]), "a {{ b");
        assert_eq!(filled("{{}} }}", &[]), "{{}} }}");
        assert_eq!(filled("{{0}}", &[&json!({ "text": "x" })]), "{{0}}");
    }
}
