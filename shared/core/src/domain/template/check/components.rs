//! Which components a message has (facts: template-rules.md 1.1 and 1.3).

use serde_json::Value;

use super::{
    ValidationProblem,
    part::{Part, is_of, name_of},
    word,
};

/// Buttons of a template that every message needs a component for, with the `sub_type` of that component.
const REQUIRED: [(&str, &str); 3] = [("FLOW", "flow"), ("CATALOG", "catalog"), ("MPM", "mpm")];

/// The `sub_type` of a message's component for each type of button. Other types have none.
const SUB_TYPES: [(&str, &str); 8] = [
    ("URL", "url"),
    ("OTP", "url"),
    ("QUICK_REPLY", "quick_reply"),
    ("COPY_CODE", "copy_code"),
    ("FLOW", "flow"),
    ("CATALOG", "catalog"),
    ("MPM", "mpm"),
    ("VOICE_CALL", "voice_call"),
];

/// The problems with the components themselves, whatever their parameters.
pub(super) fn problems(part: &Part<'_>) -> Vec<ValidationProblem> {
    let mut found = Vec::new();
    let names: Vec<String> = part.sent.iter().filter_map(name_of).collect();
    for (place, name) in names.iter().enumerate() {
        let before = names.iter().take(place).filter(|it| *it == name).count();
        if before == 1 {
            found.push(part.problem(name, "stands twice; put all parameters into one component"));
        }
    }
    let is_lost =
        |it: &&Value| is_of(it, "button") && name_of(it).is_none() && word(it, "sub_type") != "voice_call";
    if part.sent.iter().any(|it| is_lost(&it)) {
        found.push(part.problem("button", "needs its index, the place of the button from 0"));
    }
    for (index, button) in part.buttons().iter().enumerate() {
        let name = format!("button {index}");
        if let Some((kind, sub_type)) = SUB_TYPES.iter().find(|(kind, _)| is_of(button, kind)) {
            let is_other = |it: &&Value| !word(it, "sub_type").eq_ignore_ascii_case(sub_type);
            if let Some(other) = part.named(&name).find(is_other) {
                let given = word(other, "sub_type");
                let problem = format!("is of type {kind}: its sub_type is {sub_type}, not {given}");
                found.push(part.problem(&name, &problem));
                continue;
            }
        }
        let required = REQUIRED.iter().find(|(kind, _)| is_of(button, kind));
        if let Some((kind, sub_type)) = required
            && !part.named(&name).any(|it| word(it, "sub_type").eq_ignore_ascii_case(sub_type))
        {
            let problem =
                format!("is of type {kind}: every message needs a component of sub_type {sub_type}");
            found.push(part.problem(&name, &problem));
        }
    }
    found
}
