//! Validates a message against its template, as Meta does.

use serde_json::Value;

use super::{Template, Templates, kaleyra_form, parameters};
use crate::{BusinessNumber, KaleyraApi, address::Address, outbound::MetaError};

/// The template that a message of this number uses, if the message is valid.
///
/// `content` is the message's object under `template`; on Kaleyra's V1, the fields of the form.
pub(crate) fn validate<'a>(
    templates: &'a Templates,
    number: &BusinessNumber,
    to: &Address,
    content: &Value,
) -> Result<&'a Template, MetaError> {
    let template = approved(templates, &number.waba_id, content)?;
    if template.category == "AUTHENTICATION" && matches!(to, Address::UserId(_)) {
        return Err(MetaError::new(131_062, "Authentication templates are sent to phone numbers only."));
    }
    if number.kaleyra_api() == Some(KaleyraApi::V1) {
        parameters::validate(template, &kaleyra_form::components(template, content)?)?;
    } else {
        parameters::validate(template, given(content)?)?;
    }
    Ok(template)
}

fn approved<'a>(templates: &'a Templates, account: &str, content: &Value) -> Result<&'a Template, MetaError> {
    let word = |pointer: &str| content.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (name, language) = (word("/name"), word("/language/code"));
    let found = templates.find(account, name, language);
    match found.map(|template| (template, template.status.as_str())) {
        Some((template, "APPROVED")) => Ok(template),
        Some((_, "PAUSED")) => Err(MetaError::new(132_015, format!("template {name} is paused"))),
        Some((_, "DISABLED")) => Err(MetaError::new(132_016, format!("template {name} is disabled"))),
        Some(_) | None => {
            Err(MetaError::new(132_001, format!("template name ({name}) does not exist in {language}")))
        }
    }
}

fn given(content: &Value) -> Result<&[Value], MetaError> {
    match content.get("components") {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list.as_slice()),
        Some(_) => Err(MetaError::malformed("Param template.components must be a list.")),
    }
}
