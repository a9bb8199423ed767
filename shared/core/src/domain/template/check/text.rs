//! The text of a parameter (facts: template-rules.md 1.2), and the length of what it fills in (1.3).

use serde_json::Value;

use super::{ValidationProblem, part::Part, word};

/// The maximum length of a filled text header, in characters.
const HEADER_LIMIT: usize = 60;
/// The most spaces in a row.
const SPACES: &str = "     ";

/// The problems with the texts of header and body.
pub(super) fn problems(part: &Part<'_>) -> Vec<ValidationProblem> {
    let mut found = Vec::new();
    for component in ["header", "body"] {
        for (place, parameter) in part.parameters(component).into_iter().enumerate() {
            if let Some(problem) = of_text(parameter) {
                found.push(part.problem(component, &format!("parameter {} {problem}", place + 1)));
            }
        }
    }
    let limits = [("header", "HEADER", HEADER_LIMIT), ("body", "BODY", part.body_limit)];
    for (component, kind, limit) in limits {
        let length = part.text(kind).and_then(|text| filled(text, &part.parameters(component)));
        if let Some(length) = length.filter(|length| *length > limit) {
            let problem = format!("is {length} characters long when filled in; the limit is {limit}");
            found.push(part.problem(component, &problem));
        }
    }
    found
}

fn of_text(parameter: &Value) -> Option<&'static str> {
    let text = parameter.get("text").filter(|_| word(parameter, "type") == "text")?.as_str()?;
    if text.trim().is_empty() {
        return Some("must not be blank");
    }
    let breaks = text.contains(['\n', '\r', '\t']) || text.contains(SPACES);
    breaks.then_some("must be one line, without tabs and without more than four spaces in a row")
}

/// The length of a text in characters when its variables are replaced; `None` where a parameter is no text or
/// has no variable, which other rules report.
fn filled(text: &str, parameters: &[&Value]) -> Option<usize> {
    let mut pieces = text.split("{{");
    let mut length = pieces.next()?.chars().count();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}")?;
        length += value(name.trim(), parameters)?.chars().count() + rest.chars().count();
    }
    Some(length)
}

fn value<'a>(name: &str, parameters: &[&'a Value]) -> Option<&'a str> {
    let parameter = match name.parse::<usize>() {
        Ok(number) => *parameters.get(number.checked_sub(1)?)?,
        Err(_) => *parameters.iter().find(|it| word(it, "parameter_name") == name)?,
    };
    parameter.get("text")?.as_str()
}
