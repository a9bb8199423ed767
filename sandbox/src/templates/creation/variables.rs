//! The variables of a text to create: their names, places and examples.

use serde_json::Value;

use super::mistake::Subcode;
use crate::{
    outbound::MetaError,
    templates::{ParameterFormat, variables},
};

/// What a text is part of: the names of its examples, and the subcode of its mistakes.
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) malformed: Subcode,
    /// The field of the example for numbered variables.
    pub(super) example: &'static str,
    /// The field of the examples for named variables.
    pub(super) named_example: &'static str,
}

/// Validates the names and the places of the variables in a text.
pub(super) fn check(place: &Place, text: &str, format: ParameterFormat) -> Result<(), MetaError> {
    let names = variables(text);
    for (index, name) in names.iter().enumerate() {
        let fits = match format {
            ParameterFormat::Positional => *name == (index + 1).to_string(),
            ParameterFormat::Named => is_name(name),
        };
        if !fits {
            let details = format!("{}: the variable {{{{{name}}}}} has a wrong name or number.", place.name);
            return Err(place.malformed.error(details));
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    let text = text.trim();
    if text.starts_with("{{") || text.ends_with("}}") {
        return Err(
            Subcode::VariableAtEnd.error(format!("{}: a variable is at the start or end.", place.name))
        );
    }
    if text.contains("}}{{") {
        return Err(place.malformed.error(format!("{}: two variables stand side by side.", place.name)));
    }
    if fixed_words(text) < names.len() {
        return Err(Subcode::TooManyVariables.error(format!("{}: too many variables.", place.name)));
    }
    Ok(())
}

/// Validates that there is an example for each variable.
pub(super) fn check_examples(
    place: &Place,
    component: &Value,
    format: ParameterFormat,
) -> Result<(), MetaError> {
    let names = variables(component.get("text").and_then(Value::as_str).unwrap_or_default());
    if names.is_empty() {
        return Ok(());
    }
    let example = component.get("example");
    let list = |field: &str| example?.get(field)?.as_array();
    let fits = match format {
        ParameterFormat::Positional => list(place.example).is_some_and(|given| {
            // The examples of a body are a list in a list.
            let texts = given.first().and_then(Value::as_array).unwrap_or(given);
            texts.len() == names.len() && texts.iter().all(is_text)
        }),
        ParameterFormat::Named => list(place.named_example).is_some_and(|given| {
            let has = |name: &&str| given.iter().any(|one| is_example_of(one, name));
            given.len() == names.len() && names.iter().all(has)
        }),
    };
    if fits {
        Ok(())
    } else {
        Err(place.malformed.error(format!("{}: each variable needs an example.", place.name)))
    }
}

fn is_example_of(given: &Value, name: &str) -> bool {
    given.get("param_name").and_then(Value::as_str) == Some(name) && given.get("example").is_some_and(is_text)
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// A named variable has lower-case letters, digits and underscores.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.bytes().all(fits) && name.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
}

/// The number of words without a variable. Meta's formula is not published: the sandbox wants one for each variable.
fn fixed_words(text: &str) -> usize {
    let is_word = |word: &&str| !word.contains("{{") && word.chars().any(char::is_alphanumeric);
    text.split_whitespace().filter(is_word).count()
}
