//! Parameters that hold an object: flows, catalogs, orders, calls and tap targets (facts: template-rules.md 1.1).

use serde_json::Value;

use super::component::parameters;
use crate::{
    outbound::MetaError,
    templates::{items, text_field},
};

/// The states of an order.
const ORDER_STATES: [&str; 5] = ["processing", "partially_shipped", "shipped", "completed", "canceled"];

/// Validates the `action` of a button.
pub(super) fn validate(sub_type: &str, action: &Value) -> Result<(), MetaError> {
    if !action.is_object() {
        return Err(MetaError::missing(&format!("action of the button {sub_type}")));
    }
    match sub_type {
        "mpm" => validate_products(action),
        "order_details" => validate_order(action.get("order_details").unwrap_or(&Value::Null)),
        "flow" if action.get("flow_action_data").is_some_and(|data| !data.is_object()) => {
            Err(MetaError::invalid("flow_action_data", "must be an object"))
        }
        _ => Ok(()),
    }
}

/// At most 10 sections with 30 products in all.
fn validate_products(action: &Value) -> Result<(), MetaError> {
    required(action, "thumbnail_product_retailer_id")?;
    let sections = items(action, "sections");
    let products: Vec<&Value> = sections.iter().flat_map(|section| items(section, "product_items")).collect();
    if !(1..=10).contains(&sections.len()) || !(1..=30).contains(&products.len()) {
        return Err(MetaError::invalid(
            "action.sections",
            "must hold up to 10 sections with 1 to 30 products in all",
        ));
    }
    if sections.iter().any(|section| !(1..=24).contains(&text_field(section, "title").chars().count())) {
        return Err(MetaError::malformed(
            "Param sections['title'] must be between 1 and 24 characters long.",
        ));
    }
    products.into_iter().try_for_each(|product| required(product, "product_retailer_id"))
}

fn validate_order(order: &Value) -> Result<(), MetaError> {
    ["reference_id", "type", "currency"].into_iter().try_for_each(|field| required(order, field))?;
    let total = order.get("total_amount").unwrap_or(&Value::Null);
    if !total.get("value").is_some_and(Value::is_number) || total.get("offset") != Some(&Value::from(100)) {
        return Err(MetaError::invalid("total_amount", "must have a value, and the offset 100"));
    }
    if order.get("order").is_none_or(|order| items(order, "items").is_empty()) {
        return Err(MetaError::missing("order_details.order.items"));
    }
    Ok(())
}

/// Validates a component that reports the state of an order.
pub(super) fn validate_order_status(components: &[Value]) -> Result<(), MetaError> {
    for parameter in parameters(components, "order_status") {
        let held = parameter.get("order_status").unwrap_or(&Value::Null);
        required(held, "reference_id")?;
        let state = held.pointer("/order/status").and_then(Value::as_str).unwrap_or_default();
        if !ORDER_STATES.contains(&state) {
            return Err(MetaError::invalid("order.status", "is not a state of an order"));
        }
    }
    Ok(())
}

/// Validates a component with tap targets: each has a URL and a title.
pub(super) fn validate_tap_target(components: &[Value]) -> Result<(), MetaError> {
    for parameter in parameters(components, "tap_target_configuration") {
        let targets = items(parameter, "tap_target_configuration");
        if targets.is_empty() {
            return Err(MetaError::missing("tap_target_configuration"));
        }
        for target in targets {
            ["url", "title"].into_iter().try_for_each(|field| required(target, field))?;
        }
    }
    Ok(())
}

/// A call button takes how long it works, in minutes, and a payload of up to 512 characters.
pub(super) fn validate_voice_call(values: &[Value]) -> Result<(), MetaError> {
    for value in values {
        match text_field(value, "type") {
            "ttl_minutes" if value.get("ttl_minutes").is_some_and(Value::is_u64) => {}
            "payload" if (1..=512).contains(&text_field(value, "payload").chars().count()) => {}
            other => return Err(MetaError::invalid("voice_call", &format!("has a wrong parameter {other}"))),
        }
    }
    Ok(())
}

fn required(object: &Value, field: &str) -> Result<(), MetaError> {
    if text_field(object, field).is_empty() { Err(MetaError::missing(field)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{validate, validate_order_status, validate_tap_target, validate_voice_call};

    fn products(sections: usize, each: usize, title: &str) -> Value {
        let items = vec![json!({"product_retailer_id": "S"}); each];
        let section = json!({"title": title, "product_items": items});
        json!({"thumbnail_product_retailer_id": "S", "sections": vec![section; sections]})
    }

    #[test]
    fn products_are_limited_in_all() {
        assert!(validate("mpm", &products(10, 3, "Frutas")).is_ok());
        assert!(validate("mpm", &products(10, 4, "Frutas")).is_err());
        assert!(validate("mpm", &products(11, 1, "Frutas")).is_err());
        assert!(validate("mpm", &products(1, 1, &"x".repeat(25))).is_err());
        assert!(validate("mpm", &json!({})).is_err());
        assert!(validate("catalog", &json!({})).is_ok() && validate("catalog", &Value::Null).is_err());
        assert!(validate("flow", &json!({"flow_action_data": []})).is_err());
    }

    #[test]
    fn an_order_is_complete() {
        let mut order = json!({"reference_id": "R", "type": "digital-goods", "currency": "BRL",
            "total_amount": {"value": 100, "offset": 100}, "order": {"items": [{"name": "x"}]}});
        let is_valid = |order: &Value| validate("order_details", &json!({"order_details": order})).is_ok();
        assert!(is_valid(&order));
        for field in ["reference_id", "currency", "total_amount", "order"] {
            let kept = order[field].take();
            assert!(!is_valid(&order), "{field}");
            order[field] = kept;
        }
    }

    #[test]
    fn the_state_of_an_order_is_a_known_one() {
        let report = |state: &str| {
            let held = json!({"reference_id": "R", "order": {"status": state}});
            let parameters = json!([{"type": "order_status", "order_status": held}]);
            validate_order_status(&[json!({"type": "order_status", "parameters": parameters})]).is_ok()
        };
        assert!(report("shipped") && !report("lost"));
    }

    #[test]
    fn tap_targets_and_calls_are_complete() {
        let target = |target: Value| {
            let parameters =
                json!([{"type": "tap_target_configuration", "tap_target_configuration": [target]}]);
            validate_tap_target(&[json!({"type": "tap_target_configuration", "parameters": parameters})])
                .is_ok()
        };
        assert!(target(json!({"url": "https://x.example", "title": "x"})));
        assert!(!target(json!({"url": "https://x.example"})));
        assert!(validate_voice_call(&[json!({"type": "payload", "payload": "x".repeat(513)})]).is_err());
        assert!(validate_voice_call(&[json!({"type": "ttl_minutes", "ttl_minutes": "1"})]).is_err());
    }
}
