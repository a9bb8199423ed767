//! Whether a message may go out that fills a template, as Meta decides it.

use serde_json::Value;

use super::{Template, Templates, kaleyra_form, parameters};
use crate::{BusinessNumber, KaleyraApi, address::Address, outbound::Complaint};

/// The template that a message of this number fills, if nothing is wrong with it.
///
/// `content` is what the message has under `template`; of a form of Kaleyra's V1, its fields.
pub(crate) fn check<'a>(
    templates: &'a Templates,
    number: &BusinessNumber,
    to: &Address,
    content: &Value,
) -> Result<&'a Template, Complaint> {
    let template = approved(templates, &number.waba_id, content)?;
    if template.category == "AUTHENTICATION" && matches!(to, Address::UserId(_)) {
        return Err(Complaint::new(131_062, "Authentication templates are sent to phone numbers only."));
    }
    if number.kaleyra() == Some(KaleyraApi::V1) {
        parameters::check(template, &kaleyra_form::components(template, content)?)?;
    } else {
        parameters::check(template, given(content)?)?;
    }
    Ok(template)
}

fn approved<'a>(templates: &'a Templates, account: &str, content: &Value) -> Result<&'a Template, Complaint> {
    let word = |pointer: &str| content.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (name, language) = (word("/name"), word("/language/code"));
    let found = templates.find(account, name, language);
    match found.map(|template| (template, template.status.as_str())) {
        Some((template, "APPROVED")) => Ok(template),
        Some((_, "PAUSED")) => Err(Complaint::new(132_015, format!("template {name} is paused"))),
        Some((_, "DISABLED")) => Err(Complaint::new(132_016, format!("template {name} is disabled"))),
        Some(_) | None => {
            Err(Complaint::new(132_001, format!("template name ({name}) does not exist in {language}")))
        }
    }
}

fn given(content: &Value) -> Result<&[Value], Complaint> {
    match content.get("components") {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list.as_slice()),
        Some(_) => Err(Complaint::malformed("Param template.components must be a list.")),
    }
}
