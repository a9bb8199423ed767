//! Template variables in a webhook that Kaleyra did not fill: `"reply_to": "<reply_to>"`. They count as
//! absent (facts: kaleyra.md 4.1).

use serde_json::{Map, Value};

/// Fields with a customer's own text, which may be something in angle brackets.
const WRITTEN: [&str; 6] = ["body", "message", "text", "caption", "name", "custom_response"];

/// The fields of a webhook, with null for each variable that was not filled. Lists keep their length.
pub(super) fn filled(payload: &Value) -> Value {
    field("", payload, false)
}

/// The value of a field. Meta's part is passed through unchanged: there only the field's own name can be a
/// variable.
fn field(name: &str, held: &Value, of_meta: bool) -> Value {
    let of_meta = of_meta || name == "meta_object";
    match held {
        Value::String(text) if is_variable(text, name, of_meta || WRITTEN.contains(&name)) => Value::Null,
        Value::Object(fields) => {
            let inner = fields.iter().map(|(name, held)| (name.clone(), field(name, held, of_meta)));
            inner.collect::<Map<_, _>>().into()
        }
        Value::Array(several) => several.iter().map(|held| field(name, held, of_meta)).collect(),
        other => other.clone(),
    }
}

/// Whether a text is one variable in angle brackets and nothing else; in fields with free text, only the
/// field's own name counts.
fn is_variable(text: &str, name: &str, own: bool) -> bool {
    let inner = text.trim().strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let word = |it: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ');
        !it.is_empty() && it.len() <= 64 && it.bytes().all(plain)
    };
    inner.is_some_and(|inner| word(inner) && (!own || inner.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unfilled_variable_is_absent_and_a_customer_s_text_stays() {
        let payload = json!({
            "from": "50212345678", "body": "<hola>", "reply_to": "<reply_to>", "media_url": "<media-url>", "name": "<name>",
            "message": "<message>", "ref": "a <b> c", "wanumber": "<>", "status": "<status>",
            "extra_info": { "ref": "<ref>", "ref1": "order-7", "list": ["<x>", "y"] },
            "meta_object": { "value": { "messages": [{ "text": { "body": "<3" }, "id": "<id>", "caption": "<b>" }] } },
        });
        let expected = json!({
            "from": "50212345678", "body": "<hola>", "reply_to": null, "media_url": null, "name": null,
            "message": null, "ref": "a <b> c", "wanumber": "<>", "status": null,
            "extra_info": { "ref": null, "ref1": "order-7", "list": [null, "y"] },
            "meta_object": { "value": { "messages": [{ "text": { "body": "<3" }, "id": null, "caption": "<b>" }] } },
        });
        assert_eq!(filled(&payload), expected);
    }
}
