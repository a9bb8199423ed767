//! Templates for login codes: Meta writes their text.

use serde_json::{Value, json};

use crate::{
    outbound::MetaError,
    templates::{Template, items, text_field},
};

/// The maximum length of a label, in characters.
const MAX_LABEL: usize = 25;

/// Validates the definition, and gives the template as it is read back: with Meta's text and a URL button.
pub(super) fn check(template: Template) -> Result<Template, MetaError> {
    let unexpected = template.components.iter().map(|part| text_field(part, "type"));
    let unexpected = unexpected.into_iter().find(|kind| !["BODY", "FOOTER", "BUTTONS"].contains(kind));
    if let Some(kind) = unexpected {
        return Err(MetaError::malformed(format!("An authentication template has no {kind}.")));
    }
    let body = template.component("BODY").ok_or_else(|| MetaError::malformed("A BODY is required."))?;
    if body.get("text").is_some() {
        return Err(MetaError::malformed("The BODY of an authentication template has no text of its own."));
    }
    let minutes = template.component("FOOTER").map(|footer| footer.get("code_expiration_minutes"));
    let minutes = minutes.map(|minutes| minutes.and_then(Value::as_i64));
    if minutes.is_some_and(|minutes| !minutes.is_some_and(|minutes| (1..=90).contains(&minutes))) {
        return Err(MetaError::malformed("Param code_expiration_minutes must be between 1 and 90."));
    }
    let [button] = template.buttons() else {
        return Err(MetaError::malformed("An authentication template has one button of the type OTP."));
    };
    check_button(button)?;
    let security = body.get("add_security_recommendation").is_some_and(|given| given == true);
    let components = read_back(template.language.as_str(), security, minutes.flatten(), button);
    Ok(Template { components, ..template })
}

fn check_button(button: &Value) -> Result<(), MetaError> {
    if text_field(button, "type") != "OTP" {
        return Err(MetaError::malformed("An authentication template has one button of the type OTP."));
    }
    let otp_type = text_field(button, "otp_type").to_ascii_uppercase();
    if !["COPY_CODE", "ONE_TAP", "ZERO_TAP"].contains(&otp_type.as_str()) {
        return Err(MetaError::malformed("Param otp_type must be COPY_CODE, ONE_TAP or ZERO_TAP."));
    }
    for label in ["text", "autofill_text"] {
        if text_field(button, label).chars().count() > MAX_LABEL {
            return Err(MetaError::malformed(format!("Param {label} must have at most 25 characters.")));
        }
    }
    if otp_type == "ZERO_TAP" && button.get("zero_tap_terms_accepted") != Some(&Value::Bool(true)) {
        return Err(MetaError::malformed("Param zero_tap_terms_accepted must be true."));
    }
    if otp_type == "COPY_CODE" { Ok(()) } else { check_apps(items(button, "supported_apps")) }
}

/// One to five apps, each with its package and the hash of its signature.
fn check_apps(apps: &[Value]) -> Result<(), MetaError> {
    let fits = |app: &Value| {
        let package = text_field(app, "package_name").chars().count();
        (1..=224).contains(&package) && text_field(app, "signature_hash").chars().count() == 11
    };
    if (1..=5).contains(&apps.len()) && apps.iter().all(fits) {
        return Ok(());
    }
    Err(MetaError::malformed(
        "Param supported_apps must name 1 to 5 apps with package_name and signature_hash.",
    ))
}

/// The components as the API lists them. Meta's own texts exist in every language; the sandbox has two.
fn read_back(language: &str, security: bool, minutes: Option<i64>, button: &Value) -> Vec<Value> {
    let is_spanish = language.starts_with("es");
    let mut text = if is_spanish {
        "*{{1}}* es tu código de verificación."
    } else {
        "*{{1}}* is your verification code."
    }
    .to_owned();
    if security {
        text.push_str(if is_spanish {
            " Por tu seguridad, no lo compartas."
        } else {
            " For your security, do not share this code."
        });
    }
    let body = json!({"type": "BODY", "text": text, "add_security_recommendation": security,
        "example": {"body_text": [["123456"]]}});
    let footer = minutes.map(|minutes| {
        let text = if is_spanish {
            format!("Este código caduca en {minutes} minutos.")
        } else {
            format!("This code expires in {minutes} minutes.")
        };
        json!({"type": "FOOTER", "text": text, "code_expiration_minutes": minutes})
    });
    let otp_type = text_field(button, "otp_type").to_ascii_uppercase();
    let label = match text_field(button, "text") {
        "" => {
            if is_spanish {
                "Copiar código"
            } else {
                "Copy code"
            }
        }
        own => own,
    };
    let url = format!("https://www.whatsapp.com/otp/code/?otp_type={otp_type}&code=otp{{{{1}}}}");
    let example = [url.replace("{{1}}", "123456")];
    let button = json!({"type": "URL", "text": label, "url": url, "example": example});
    let buttons = json!({"type": "BUTTONS", "buttons": [button]});
    std::iter::once(body).chain(footer).chain([buttons]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;
    use crate::templates::{Template, parameters};

    fn template(components: &Value) -> Template {
        let components = components.as_array().cloned().unwrap_or_default();
        Template::new("code", "es", "AUTHENTICATION", components)
    }

    fn with_button(button: &Value) -> Value {
        json!([{"type": "BODY"}, {"type": "BUTTONS", "buttons": [button]}])
    }

    #[test]
    fn it_is_read_back_with_metas_text_and_a_url_button() {
        let button = json!({"type": "OTP", "otp_type": "COPY_CODE"});
        let footer = json!({"type": "FOOTER", "code_expiration_minutes": 5});
        let parts = json!([{"type": "BODY", "add_security_recommendation": true}, footer,
            {"type": "BUTTONS", "buttons": [button]}]);
        let read = check(template(&parts)).expect("a valid definition");
        assert!(read.text("BODY").is_some_and(|text| text.starts_with("*{{1}}*")));
        assert!(read.text("FOOTER").is_some_and(|text| text.contains('5')));
        assert_eq!(read.buttons().first().map(|button| &button["type"]), Some(&json!("URL")));
        let code = json!([{"type": "text", "text": "123456"}]);
        let filled = [
            json!({"type": "body", "parameters": code}),
            json!({"type": "button", "sub_type": "url", "index": "0", "parameters": code}),
        ];
        assert_eq!(parameters::validate(&read, &filled), Ok(()));
    }

    #[test]
    fn it_has_no_text_of_its_own_and_one_otp_button() {
        let otp = json!({"type": "OTP", "otp_type": "COPY_CODE"});
        assert!(check(template(&with_button(&otp))).is_ok());
        assert!(check(template(&with_button(&json!({"type": "URL", "text": "x"})))).is_err());
        assert!(check(template(&with_button(&json!({"type": "OTP", "otp_type": "PASTE"})))).is_err());
        assert!(check(template(&json!([{"type": "BODY"}]))).is_err());
        let buttons = json!({"type": "BUTTONS", "buttons": [otp]});
        for wrong in [
            json!([{"type": "BODY", "text": "{{1}} is it"}, buttons]),
            json!([{"type": "BODY"}, {"type": "HEADER", "format": "TEXT", "text": "x"}, buttons]),
            json!([{"type": "BODY"}, {"type": "FOOTER", "code_expiration_minutes": 91}, buttons]),
            json!([{"type": "BODY"}, {"type": "FOOTER", "text": "x"}, buttons]),
            json!([buttons]),
        ] {
            assert!(check(template(&wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tap_needs_apps_and_terms() {
        let app = json!({"package_name": "com.example", "signature_hash": "K8a/AINcGX7"});
        let one_tap = |apps: &Value| {
            with_button(&json!({"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": apps}))
        };
        assert!(check(template(&one_tap(&json!([app])))).is_ok());
        assert!(check(template(&one_tap(&json!([])))).is_err());
        assert!(check(template(&one_tap(&json!(vec![app.clone(); 6])))).is_err());
        assert!(
            check(template(&one_tap(&json!([{"package_name": "x", "signature_hash": "short"}])))).is_err()
        );
        let zero = json!({"type": "OTP", "otp_type": "ZERO_TAP", "supported_apps": [app]});
        assert!(check(template(&with_button(&zero))).is_err(), "the terms were not accepted");
    }
}
