//! The components of a message and their parameters.

use serde_json::Value;

use crate::{
    outbound::MetaError,
    templates::{items, text_field},
};

/// The types of components, of which all but buttons come at most once.
const TYPES: [&str; 8] = [
    "header",
    "body",
    "footer",
    "button",
    "limited_time_offer",
    "carousel",
    "order_status",
    "tap_target_configuration",
];

/// Validates that the types are known and come once, and that parameters are lists.
pub(super) fn check_all(components: &[Value]) -> Result<(), MetaError> {
    for component in components {
        if !TYPES.iter().any(|kind| is_component(component, kind)) {
            let kind = text_field(component, "type");
            return Err(MetaError::malformed(format!(
                "Param template.components has the unknown type {kind}."
            )));
        }
        if component.get("parameters").is_some_and(|given| !given.is_array() && !given.is_null()) {
            return Err(MetaError::malformed("Param template.components.parameters must be a list."));
        }
    }
    let repeated = TYPES
        .iter()
        .filter(|kind| **kind != "button")
        .find(|kind| components.iter().filter(|component| is_component(component, kind)).count() > 1);
    match repeated {
        Some(kind) => {
            Err(MetaError::malformed(format!("Param template.components has two of the type {kind}.")))
        }
        None => Ok(()),
    }
}

/// Whether a component of a message is of this type.
pub(super) fn is_component(component: &Value, kind: &str) -> bool {
    text_field(component, "type").eq_ignore_ascii_case(kind)
}

/// The component of this type.
pub(super) fn find<'a>(components: &'a [Value], kind: &str) -> Option<&'a Value> {
    components.iter().find(|component| is_component(component, kind))
}

/// The parameters of the component of this type.
pub(super) fn parameters<'a>(components: &'a [Value], kind: &str) -> &'a [Value] {
    find(components, kind).map_or(&[], |component| items(component, "parameters"))
}
