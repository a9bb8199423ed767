//! Validates a message against its template: finds all faults at once, before anything is sent.

use serde_json::Value;

use super::{Placeholder, PlaceholderKind, Template, places};
use crate::domain::content;

/// A fault for which the provider would reject the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationProblem {
    /// The component: `template`, `header`, `body`, `button 0` …
    pub component: String,
    /// What is wrong, for people.
    pub problem: String,
}

/// The component of a fault that concerns the template as a whole.
const WHOLE: &str = "template";

impl ValidationProblem {
    /// A fault of the template as a whole, whatever its parameters.
    #[must_use]
    pub fn of_template(problem: &str) -> Self {
        of(WHOLE, problem)
    }

    /// Whether it concerns the template as a whole, and not one of its components.
    #[must_use]
    pub fn is_of_template(&self) -> bool {
        self.component == WHOLE
    }
}

/// The faults of a message with this template of the cache; empty when it is valid.
#[must_use]
pub fn check(template: &Template, sent: &content::TemplateContent) -> Vec<ValidationProblem> {
    let mut problems = Vec::new();
    if template.vanished_at.is_some() {
        problems.push(ValidationProblem::of_template("the provider has it no more"));
    } else if !template.details.status.is_approved() {
        problems.push(ValidationProblem::of_template(&format!("its status is {}", template.details.status)));
    }
    let places = places(&template.details);
    for component in named(&places, sent) {
        let asked: Vec<&Placeholder> = places.iter().filter(|place| place.component == component).collect();
        problems.extend(of_component(&component, &asked, &given(sent, &component)));
    }
    problems
}

/// All components with variables in the template or parameters in the message, each once.
fn named(places: &[Placeholder], sent: &content::TemplateContent) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let names = sent.components.iter().filter_map(name_of);
    for component in places.iter().map(|place| place.component.clone()).chain(names) {
        if !all.contains(&component) {
            all.push(component);
        }
    }
    all
}

/// The component's name, like `header`, `body`, `button 0`; `None` for what is not checked, such as a
/// carousel.
fn name_of(component: &Value) -> Option<String> {
    let word = |field| component.get(field).and_then(Value::as_str);
    match word("type")?.to_ascii_lowercase().as_str() {
        "button" => {
            // The others may stay empty, or are of kinds that we do not know well enough to check.
            let checked = matches!(word("sub_type"), Some("url" | "copy_code"));
            checked.then(|| format!("button {}", word("index").unwrap_or_default()))
        }
        kind @ ("header" | "body") => Some(kind.to_owned()),
        _ => None,
    }
}

fn given<'a>(sent: &'a content::TemplateContent, component: &str) -> Vec<&'a Value> {
    let named = sent.components.iter().filter(|it| name_of(it).as_deref() == Some(component));
    named.filter_map(|it| it.get("parameters")?.as_array()).flatten().collect()
}

fn of_component(component: &str, asked: &[&Placeholder], given: &[&Value]) -> Vec<ValidationProblem> {
    let mut problems = Vec::new();
    let by_name = asked.iter().any(|place| matches!(place.kind, PlaceholderKind::Text(Some(_))));
    if by_name {
        for place in asked {
            if let PlaceholderKind::Text(Some(name)) = &place.kind
                && !given.iter().any(|it| parameter_name(it) == Some(name))
            {
                problems.push(of(component, &format!("parameter_name {name} is missing")));
            }
        }
        for name in given.iter().map(|it| parameter_name(it)) {
            match name {
                None => problems.push(of(component, "every parameter needs its parameter_name")),
                Some(name)
                    if !asked.iter().any(|it| it.kind == PlaceholderKind::Text(Some(name.to_owned()))) =>
                {
                    problems.push(of(component, &format!("parameter_name {name} is not in the template")));
                }
                Some(_) => {}
            }
        }
    } else if asked.len() != given.len() {
        problems.push(of(
            component,
            &format!("asks for {} parameters and is given {}", asked.len(), given.len()),
        ));
    }
    for (place, parameter) in asked.iter().zip(given) {
        let kind = parameter.get("type").and_then(Value::as_str).unwrap_or_default();
        if !fits(&place.kind, kind) {
            problems.push(of(
                component,
                &format!("a parameter of type {} is expected, not {kind}", wanted(&place.kind)),
            ));
        }
    }
    problems
}

fn parameter_name(parameter: &Value) -> Option<&str> {
    parameter.get("parameter_name")?.as_str()
}

fn fits(asked: &PlaceholderKind, kind: &str) -> bool {
    match asked {
        PlaceholderKind::Text(_) => matches!(kind, "text" | "currency" | "date_time"),
        PlaceholderKind::Media(media) => kind == media,
        PlaceholderKind::Location => kind == "location",
        PlaceholderKind::UrlEnd => kind == "text",
        PlaceholderKind::CouponCode => kind == "coupon_code",
    }
}

fn wanted(asked: &PlaceholderKind) -> &str {
    match asked {
        PlaceholderKind::Text(_) | PlaceholderKind::UrlEnd => "text",
        PlaceholderKind::Media(media) => media,
        PlaceholderKind::Location => "location",
        PlaceholderKind::CouponCode => "coupon_code",
    }
}

fn of(component: &str, problem: &str) -> ValidationProblem {
    ValidationProblem { component: component.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{
        template::{ParameterFormat, TemplateDetails, TemplateKey},
        time::Timestamp,
    };

    fn template(format: ParameterFormat, components: Value) -> Template {
        let Value::Array(components) = components else { panic!() };
        let details = TemplateDetails {
            status: "APPROVED".into(),
            category: "UTILITY".into(),
            format,
            components,
            quality: None,
        };
        let (tenant, account) = ("demo".parse().unwrap(), "2001".to_owned().try_into().unwrap());
        let key = TemplateKey::of("visit", "es").unwrap();
        Template::listed(tenant, account, key, details, Timestamp::from_millis(0))
    }

    fn problems(template: &Template, components: Value) -> Vec<String> {
        let Value::Array(components) = components else { panic!() };
        let sent = content::TemplateContent::new("visit", "es", components).unwrap();
        check(template, &sent).into_iter().map(|it| format!("{}: {}", it.component, it.problem)).collect()
    }

    fn full() -> Template {
        template(
            ParameterFormat::Positional,
            json!([
                { "type": "HEADER", "format": "IMAGE" },
                { "type": "BODY", "text": "Hola {{1}}, {{2}}" },
                { "type": "BUTTONS", "buttons": [{ "type": "URL", "url": "https://a.example/{{1}}" }] },
            ]),
        )
    }

    #[test]
    fn a_message_with_all_parameters_is_valid() {
        let text = |text: &str| json!({ "type": "text", "text": text });
        let right = json!([
            { "type": "header", "parameters": [{ "type": "image", "image": { "id": "7" } }] },
            { "type": "body", "parameters": [text("a"), { "type": "currency", "currency": {} }] },
            { "type": "button", "sub_type": "url", "index": "0", "parameters": [text("x")] },
            { "type": "button", "sub_type": "quick_reply", "index": "1", "parameters": [{ "type": "payload" }] },
        ]);
        assert_eq!(problems(&full(), right), Vec::<String>::new());
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let mut paused = full();
        paused.details.status = "PAUSED".into();
        let wrong = json!([
            { "type": "header", "parameters": [{ "type": "text", "text": "x" }] },
            { "type": "body", "parameters": [{ "type": "text", "text": "a" }] },
            { "type": "button", "sub_type": "url", "index": "3", "parameters": [{ "type": "text", "text": "x" }] },
        ]);
        assert_eq!(
            problems(&paused, wrong),
            [
                "template: its status is PAUSED",
                "header: a parameter of type image is expected, not text",
                "body: asks for 2 parameters and is given 1",
                "button 0: asks for 1 parameters and is given 0",
                "button 3: asks for 0 parameters and is given 1",
            ]
        );
    }

    #[test]
    fn named_parameters_are_found_by_their_names_in_any_order() {
        let named = template(
            ParameterFormat::Named,
            json!([{ "type": "BODY", "text": "Hi {{first_name}}, {{order}}" }]),
        );
        let given = |names: &[&str]| {
            let all: Vec<Value> = names
                .iter()
                .map(|name| json!({ "type": "text", "parameter_name": name, "text": "x" }))
                .collect();
            json!([{ "type": "body", "parameters": all }])
        };
        assert_eq!(problems(&named, given(&["order", "first_name"])), Vec::<String>::new());
        assert_eq!(
            problems(&named, given(&["order", "surname"])),
            [
                "body: parameter_name first_name is missing",
                "body: parameter_name surname is not in the template"
            ]
        );
        let unnamed = json!([{ "type": "body", "parameters": [{ "type": "text", "text": "x" }] }]);
        assert!(
            problems(&named, unnamed).contains(&"body: every parameter needs its parameter_name".to_owned())
        );
    }
}
