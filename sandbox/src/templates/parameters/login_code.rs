//! The code of an authentication template: in the body, and the same in the button (facts: meta.md 2.4).

use serde_json::Value;

use super::{component::parameters, errors::invalid};
use crate::{outbound::MetaError, templates::text_field};

/// The maximum length of a login code, in characters.
const MAX_CODE: usize = 15;

/// Validates the code in a message whose parameters are valid otherwise.
pub(super) fn validate(components: &[Value]) -> Result<(), MetaError> {
    let code = |kind: &str| parameters(components, kind).first().map_or("", |own| text_field(own, "text"));
    let (in_body, in_button) = (code("body"), code("button"));
    if in_body.chars().count() > MAX_CODE {
        return Err(MetaError::malformed("A login code must have at most 15 characters."));
    }
    if in_body == in_button {
        Ok(())
    } else {
        Err(invalid("The code of the button must be that of the body."))
    }
}
