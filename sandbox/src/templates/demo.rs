//! The templates that every account starts with: one of each kind.

use serde_json::{Value, json};

use super::{ParameterFormat, Template};

/// All demo templates, the simplest first.
pub(super) fn templates() -> Vec<Template> {
    let mut all = vec![hello_world(), appointment_reminder(), service_confirmation(), promo_with_image()];
    all.extend([order_update_named(), coupon(), login_code()]);
    all.extend([spring_sale(), free_gift(), visit_survey()]);
    all
}

fn hello_world() -> Template {
    approved("hello_world", "en_US", "UTILITY", json!([{"type": "BODY", "text": "Hello World"}]))
}

fn appointment_reminder() -> Template {
    let body = json!({
        "type": "BODY",
        "text": "Hola {{1}}, le recordamos su cita: {{2}}. Le esperamos.",
        "example": {"body_text": [["Ana", "lunes a las 10"]]},
    });
    approved("appointment_reminder", "es", "UTILITY", json!([body]))
}

fn service_confirmation() -> Template {
    let header = json!({
        "type": "HEADER",
        "format": "TEXT",
        "text": "Servicio {{1}} confirmado",
        "example": {"header_text": ["A-1024"]},
    });
    let body = json!({
        "type": "BODY",
        "text": "Hola {{1}}, su servicio de {{2}} queda confirmado para el {{3}}. Gracias.",
        "example": {"body_text": [["Ana", "mantenimiento", "lunes 9"]]},
    });
    let footer = json!({"type": "FOOTER", "text": "Responda a este mensaje si desea cambiarlo."});
    let button = json!({
        "type": "URL",
        "text": "Ver detalles",
        "url": "https://www.example.com/servicios/{{1}}",
        "example": ["https://www.example.com/servicios/A-1024"],
    });
    let buttons = json!({"type": "BUTTONS", "buttons": [button]});
    approved("service_confirmation", "es", "UTILITY", json!([header, body, footer, buttons]))
}

fn promo_with_image() -> Template {
    let header = json!({
        "type": "HEADER",
        "format": "IMAGE",
        "example": {"header_handle": ["https://www.example.com/promo.jpg"]},
    });
    let body = json!({
        "type": "BODY",
        "text": "Hola {{1}}, esta semana su revisión cuesta un 20 % menos. ¿Le interesa?",
        "example": {"body_text": [["Ana"]]},
    });
    let reply = |text: &str| json!({"type": "QUICK_REPLY", "text": text});
    let buttons = json!({"type": "BUTTONS", "buttons": [reply("Me interesa"), reply("No, gracias")]});
    approved("promo_with_image", "es", "MARKETING", json!([header, body, buttons]))
}

fn order_update_named() -> Template {
    let example = |name: &str, value: &str| json!({"param_name": name, "example": value});
    let examples = json!([example("first_name", "Ana"), example("order_id", "A-1024")]);
    let body = json!({
        "type": "BODY",
        "text": "Hi {{first_name}}, order {{order_id}} is on its way.",
        "example": {"body_text_named_params": examples},
    });
    let template = approved("order_update_named", "en_US", "UTILITY", json!([body]));
    Template { format: ParameterFormat::Named, ..template }
}

fn coupon() -> Template {
    let body = json!({"type": "BODY", "text": "Use este código en su próxima visita."});
    let button = json!({"type": "COPY_CODE", "text": "Copiar código", "example": ["VERANO20"]});
    let buttons = json!({"type": "BUTTONS", "buttons": [button]});
    approved("coupon", "es", "MARKETING", json!([body, buttons]))
}

/// Such a template is created with a button of type OTP and read back with a URL button.
fn login_code() -> Template {
    let body = json!({
        "type": "BODY",
        "text": "*{{1}}* es su código de verificación.",
        "add_security_recommendation": false,
        "example": {"body_text": [["123456"]]},
    });
    let button = json!({
        "type": "URL",
        "text": "Copiar código",
        "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
        "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"],
    });
    let buttons = json!({"type": "BUTTONS", "buttons": [button]});
    approved("login_code", "es", "AUTHENTICATION", json!([body, buttons]))
}

fn spring_sale() -> Template {
    let body = json!([{"type": "BODY", "text": "La primavera llega con descuentos en todos los servicios."}]);
    let template = approved("spring_sale", "es", "MARKETING", body);
    Template { status: "PAUSED".to_owned(), quality: "RED".to_owned(), ..template }
}

fn free_gift() -> Template {
    let body = json!([{"type": "BODY", "text": "¡Gane un regalo! Haga clic ya."}]);
    let template = Template::new("free_gift", "es", "MARKETING", list(body));
    Template { status: "REJECTED".to_owned(), rejected_reason: "PROMOTIONAL".to_owned(), ..template }
}

fn visit_survey() -> Template {
    let body = json!([{"type": "BODY", "text": "¿Qué le pareció nuestra última visita?"}]);
    let template = Template::new("visit_survey", "es", "UTILITY", list(body));
    Template { status: "PENDING".to_owned(), ..template }
}

fn approved(name: &str, language: &str, category: &str, components: Value) -> Template {
    let template = Template::new(name, language, category, list(components));
    Template { quality: "GREEN".to_owned(), ..template }
}

fn list(components: Value) -> Vec<Value> {
    match components {
        Value::Array(list) => list,
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::templates;
    use crate::templates::{components, is_name};

    #[test]
    fn the_demo_templates_are_valid_definitions() {
        let names: BTreeSet<String> = templates().into_iter().map(|own| own.name).collect();
        assert_eq!(names.len(), templates().len());
        for template in templates() {
            assert!(is_name(&template.name), "{}", template.name);
            assert!(template.text("BODY").is_some(), "{}", template.name);
            assert_eq!(components(template.components.clone()), Some(template.components));
        }
    }
}
