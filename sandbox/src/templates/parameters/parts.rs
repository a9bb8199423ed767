//! Header, body and buttons of a template, or of one card of a carousel.

use serde_json::Value;

use super::{
    buttons,
    component::parameters,
    errors::{mismatch, too_long, wrong_count},
    values,
};
use crate::{
    outbound::MetaError,
    templates::{ParameterFormat, items, text_field, variables},
};

/// The parameter types that a variable of a body accepts.
const BODY_TYPES: [&str; 3] = ["text", "currency", "date_time"];

/// The maximum length of a filled header, in characters.
const MAX_HEADER: usize = 60;

/// What a message can fill.
pub(super) struct Parts<'a> {
    /// The components of the template or card.
    pub(super) defined: &'a [Value],
    pub(super) format: ParameterFormat,
    /// The maximum length of the filled body, in characters.
    pub(super) max_body: usize,
}

/// A text with variables.
struct Text<'a> {
    place: &'static str,
    /// The text with its variables.
    template: &'a str,
    given: &'a [Value],
    types: &'static [&'static str],
    max: usize,
}

/// Validates header, body and buttons.
pub(super) fn validate_parts(parts: &Parts<'_>, components: &[Value]) -> Result<(), MetaError> {
    let defined = |kind: &str| parts.defined.iter().find(|own| text_field(own, "type") == kind);
    let header = defined("HEADER").map_or("TEXT", |own| text_field(own, "format"));
    let text = |kind: &str| defined(kind).map_or("", |own| text_field(own, "text"));
    let given_header = parameters(components, "header");
    let body = Text {
        place: "body",
        template: text("BODY"),
        given: parameters(components, "body"),
        types: &BODY_TYPES,
        max: parts.max_body,
    };
    let mut texts = vec![body];
    if header == "TEXT" {
        let (template, given) = (text("HEADER"), given_header);
        texts.insert(0, Text { place: "header", template, given, types: &["text"], max: MAX_HEADER });
    } else if given_header.len() > 1 {
        return Err(wrong_count("header", 1, given_header.len()));
    }
    texts.iter().try_for_each(Text::check_count)?;
    if header != "TEXT" {
        check_header_type(header, given_header)?;
    }
    texts.iter().try_for_each(|text| text.check_types(parts.format))?;
    given_header.iter().try_for_each(|parameter| values::check("header", parameter))?;
    texts.iter().try_for_each(Text::check_values)?;
    buttons::validate(defined("BUTTONS").map_or(&[], |own| items(own, "buttons")), components)?;
    texts.iter().try_for_each(Text::check_length)
}

/// A header with a file, a place or a product takes one parameter of its format.
fn check_header_type(format: &str, given: &[Value]) -> Result<(), MetaError> {
    let kind = given.first().map_or("", |parameter| text_field(parameter, "type"));
    if kind.eq_ignore_ascii_case(format) {
        return Ok(());
    }
    let received = if kind.is_empty() { "UNKNOWN".to_owned() } else { kind.to_ascii_uppercase() };
    Err(mismatch("header", format, &received))
}

impl Text<'_> {
    fn check_count(&self) -> Result<(), MetaError> {
        let wanted = variables(self.template).len();
        if self.given.len() == wanted {
            Ok(())
        } else {
            Err(wrong_count(self.place, wanted, self.given.len()))
        }
    }

    fn check_types(&self, format: ParameterFormat) -> Result<(), MetaError> {
        for parameter in self.given {
            let kind = text_field(parameter, "type").to_ascii_lowercase();
            if !self.types.contains(&kind.as_str()) {
                return Err(mismatch(self.place, &self.types.join(" or "), &kind));
            }
        }
        match format {
            ParameterFormat::Positional
                if self.given.iter().any(|own| own.get("parameter_name").is_some()) =>
            {
                Err(mismatch(self.place, "no parameter_name", "parameter_name"))
            }
            ParameterFormat::Positional => Ok(()),
            ParameterFormat::Named => self.check_names(),
        }
    }

    /// Each variable has a parameter of its name. The counts are equal: if a name is unknown, one is missing.
    fn check_names(&self) -> Result<(), MetaError> {
        if self.given.iter().any(|own| text_field(own, "parameter_name").is_empty()) {
            return Err(MetaError::malformed("Parameter name is missing or empty"));
        }
        let wanted = variables(self.template);
        let is_given = |name: &&str| self.given.iter().any(|own| text_field(own, "parameter_name") == *name);
        if wanted.iter().all(is_given) {
            return Ok(());
        }
        Err(mismatch(self.place, &wanted.join(", "), "other names"))
    }

    fn check_values(&self) -> Result<(), MetaError> {
        self.given.iter().try_for_each(|parameter| values::check(self.place, parameter))
    }

    fn check_length(&self) -> Result<(), MetaError> {
        let length = self.filled().chars().count();
        if length <= self.max { Ok(()) } else { Err(too_long(self.place, self.max, length)) }
    }

    /// The text with the values of its variables.
    fn filled(&self) -> String {
        let mut filled = self.template.to_owned();
        for (name, parameter) in variables(self.template).into_iter().zip(self.given) {
            let named = self.given.iter().find(|own| text_field(own, "parameter_name") == name);
            filled = filled.replace(&format!("{{{{{name}}}}}"), values::shown(named.unwrap_or(parameter)));
        }
        filled
    }
}
