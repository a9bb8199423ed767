//! Validates a message against its template: finds all faults at once, before anything is sent.

mod buttons;
mod cards;
mod components;
mod part;
mod text;

use serde_json::Value;

use self::part::{Part, name_of};
use super::{Placeholder, PlaceholderKind, Template, places::places_of};
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

/// The maximum length of a filled body, in characters (facts: template-rules.md 1.1).
const BODY_LIMIT: usize = 1024;

/// The faults of a message with this template of the cache; empty when it is valid. Rules that the cache does not
/// know enough for are left to the provider.
#[must_use]
pub fn check(template: &Template, sent: &content::TemplateContent) -> Vec<ValidationProblem> {
    let (details, mut problems) = (&template.details, Vec::new());
    if template.vanished_at.is_some() {
        problems.push(ValidationProblem::of_template("the provider has it no more"));
    } else if !details.status.is_approved() {
        problems.push(ValidationProblem::of_template(&format!("its status is {}", details.status)));
    }
    let whole = Part {
        prefix: String::new(),
        template: &details.components,
        sent: &sent.components,
        format: details.format,
        body_limit: BODY_LIMIT,
    };
    problems.extend(of_part(&whole));
    if details.category.is_authentication() {
        problems.extend(buttons::of_login_code(&whole));
    }
    let (cards, unmatched) = cards::cards(details, sent);
    problems.extend(unmatched);
    problems.extend(cards.iter().flat_map(of_part));
    problems.extend(cards::of_offer(details, sent));
    problems
}

fn of_part(part: &Part<'_>) -> Vec<ValidationProblem> {
    let places = places_of(part.template, part.format);
    let mut problems = Vec::new();
    for component in named(&places, part) {
        let asked: Vec<&Placeholder> = places.iter().filter(|place| place.component == component).collect();
        problems.extend(of_component(part, &component, &asked, &part.parameters(&component)));
    }
    problems.extend(components::problems(part));
    problems.extend(text::problems(part));
    problems.extend(buttons::problems(part));
    problems
}

/// All components with variables in the template or parameters in the message, each once.
fn named(places: &[Placeholder], part: &Part<'_>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let names = part.sent.iter().filter(|it| is_counted(it)).filter_map(name_of);
    for component in places.iter().map(|place| place.component.clone()).chain(names) {
        if !all.contains(&component) {
            all.push(component);
        }
    }
    all
}

/// Whether the parameters of a component are counted. Those of other buttons may be left out.
fn is_counted(component: &Value) -> bool {
    word(component, "type")
        .eq_ignore_ascii_case("button")
        .then(|| word(component, "sub_type"))
        .is_none_or(|sub_type| matches!(sub_type, "url" | "copy_code"))
}

fn of_component(
    part: &Part<'_>,
    component: &str,
    asked: &[&Placeholder],
    given: &[&Value],
) -> Vec<ValidationProblem> {
    let mut problems = Vec::new();
    let of = |component: &str, problem: &str| part.problem(component, problem);
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
        for name in repeated(given) {
            problems.push(of(component, &format!("parameter_name {name} stands twice")));
        }
    } else if let Some(name) = given.iter().find_map(|it| parameter_name(it)) {
        problems.push(of(
            component,
            &format!("its variables are numbered: leave out parameter_name {name}, and keep the order"),
        ));
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

/// The names that several parameters have.
fn repeated<'a>(given: &[&'a Value]) -> Vec<&'a str> {
    let names: Vec<&str> = given.iter().filter_map(|it| parameter_name(it)).collect();
    let before = |place: usize, name: &str| names.iter().take(place).filter(|it| **it == name).count();
    names
        .iter()
        .enumerate()
        .filter(|(place, name)| before(*place, name) == 1)
        .map(|(_, name)| *name)
        .collect()
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

/// The text of a field; empty where it has none.
fn word<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn of(component: &str, problem: &str) -> ValidationProblem {
    ValidationProblem { component: component.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests;
