//! The rules that a new or edited template must satisfy (facts: template-rules.md 2).

mod authentication;
mod buttons;
mod carousel;
mod mistake;
mod texts;
mod variables;

pub(crate) use self::mistake::Subcode;
use super::{Template, items, text_field};
use crate::outbound::MetaError;

/// The types of components that a template can have, each at most once.
const COMPONENT_TYPES: [&str; 7] =
    ["HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST"];

/// The maximum length of a body, in characters.
const MAX_BODY: usize = 1024;

/// The maximum length of the body of a limited-time offer, in characters.
const MAX_OFFER_BODY: usize = 600;

/// Validates a definition, and brings it into the form in which it is read back.
pub(crate) fn check(template: Template) -> Result<Template, MetaError> {
    check_language(&template.language)?;
    check_time_to_live(&template)?;
    for component in &template.components {
        let kind = text_field(component, "type");
        if !COMPONENT_TYPES.contains(&kind) {
            return Err(MetaError::malformed(format!("Param components has the unknown type {kind}.")));
        }
    }
    for kind in COMPONENT_TYPES {
        let count = template.components.iter().filter(|own| text_field(own, "type") == kind).count();
        if count > 1 {
            return Err(MetaError::malformed(format!("Param components has {count} of the type {kind}.")));
        }
    }
    if template.category == "AUTHENTICATION" {
        return authentication::check(template);
    }
    check_components(&template)?;
    Ok(template)
}

fn check_components(template: &Template) -> Result<(), MetaError> {
    let format = template.format;
    if let Some(header) = template.component("HEADER") {
        texts::header(header, format)?;
    }
    let body = template.component("BODY").ok_or_else(|| MetaError::malformed("A BODY is required."))?;
    let is_offer = template.component("LIMITED_TIME_OFFER").is_some();
    texts::body(body, format, if is_offer { MAX_OFFER_BODY } else { MAX_BODY })?;
    if let Some(footer) = template.component("FOOTER") {
        texts::footer(footer)?;
    }
    if let Some(component) = template.component("BUTTONS") {
        buttons::check(items(component, "buttons"), format)?;
    }
    if let Some(carousel) = template.component("CAROUSEL") {
        carousel::check(carousel, format)?;
        let extra =
            ["HEADER", "FOOTER", "BUTTONS"].into_iter().find(|kind| template.component(kind).is_some());
        if let Some(kind) = extra {
            return Err(MetaError::malformed(format!("A carousel has no {kind} outside its cards.")));
        }
    }
    if is_offer && (template.category != "MARKETING" || template.component("FOOTER").is_some()) {
        return Err(MetaError::malformed("A limited-time offer is of category MARKETING, without a FOOTER."));
    }
    Ok(())
}

/// A language is a code such as `es` or `es_MX`.
fn check_language(language: &str) -> Result<(), MetaError> {
    let (base, region) = language.split_once('_').map_or((language, None), |(base, rest)| (base, Some(rest)));
    let is_base = matches!(base.len(), 2 | 3) && base.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_region = |region: &str| region.len() >= 2 && region.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_base && region.is_none_or(is_region) {
        return Ok(());
    }
    Err(MetaError::malformed(format!("Param language must be a code such as es_MX, not {language}.")))
}

/// The seconds for which Meta tries to deliver, by category. -1 stands for 30 days.
fn check_time_to_live(template: &Template) -> Result<(), MetaError> {
    let Some(seconds) = template.time_to_live else { return Ok(()) };
    let (range, may_be_minus_one) = match template.category.as_str() {
        "AUTHENTICATION" => (30..=900, true),
        "UTILITY" => (30..=43_200, true),
        _ => (43_200..=2_592_000, false),
    };
    if range.contains(&seconds) || (may_be_minus_one && seconds == -1) {
        return Ok(());
    }
    let (start, end) = range.into_inner();
    Err(MetaError::malformed(format!("Param message_send_ttl_seconds must be between {start} and {end}.")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;
    use crate::templates::{Template, demo};

    fn template(category: &str, components: &Value) -> Template {
        let components = components.as_array().cloned().unwrap_or_default();
        Template::new("visit", "es", category, components)
    }

    fn is_valid(category: &str, components: &Value) -> bool {
        check(template(category, components)).is_ok()
    }

    #[test]
    fn the_demo_templates_satisfy_the_rules() {
        for template in demo::templates().into_iter().filter(|own| own.category != "AUTHENTICATION") {
            assert_eq!(check(template.clone()).err(), None, "{}", template.name);
        }
    }

    #[test]
    fn a_body_is_required_and_no_type_comes_twice() {
        let body = json!({"type": "BODY", "text": "Hola."});
        let footer = json!({"type": "FOOTER", "text": "Hola."});
        assert!(is_valid("UTILITY", &json!([body, footer])));
        assert!(!is_valid("UTILITY", &json!([footer])));
        assert!(!is_valid("UTILITY", &json!([body, body])));
        assert!(!is_valid("UTILITY", &json!([body, {"type": "LOCATION"}])));
    }

    #[test]
    fn a_limited_time_offer_is_marketing_with_a_short_body() {
        let offer = json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ya"}});
        let body = |length: usize| json!({"type": "BODY", "text": "x".repeat(length)});
        assert!(is_valid("MARKETING", &json!([offer, body(600)])));
        assert!(!is_valid("MARKETING", &json!([offer, body(601)])));
        assert!(!is_valid("UTILITY", &json!([offer, body(1)])));
        assert!(!is_valid("MARKETING", &json!([offer, body(1), {"type": "FOOTER", "text": "x"}])));
    }

    #[test]
    fn a_language_is_a_code() {
        for (language, fits) in
            [("es", true), ("es_MX", true), ("fil", true), ("es-MX", false), ("Spanish", false), ("e", false)]
        {
            let template = template("UTILITY", &json!([{"type": "BODY", "text": "Hola."}]));
            assert_eq!(
                check(Template { language: language.to_owned(), ..template }).is_ok(),
                fits,
                "{language}"
            );
        }
    }

    #[test]
    fn the_time_to_live_depends_on_the_category() {
        for (category, seconds, fits) in [
            ("UTILITY", 30, true),
            ("UTILITY", 43_201, false),
            ("UTILITY", -1, true),
            ("MARKETING", 43_199, false),
            ("MARKETING", 2_592_000, true),
            ("MARKETING", -1, false),
        ] {
            let template = template(category, &json!([{"type": "BODY", "text": "Hola."}]));
            let template = Template { time_to_live: Some(seconds), ..template };
            assert_eq!(check(template).is_ok(), fits, "{category} {seconds}");
        }
    }
}
