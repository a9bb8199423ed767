//! What is made at random, in the words that stand for it: numbered by its first appearance in a scene.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::{Captures, Regex};
use serde_json::Value;

/// Fields whose whole text is made at random, and what it is called.
const FIELDS: [(&str, &str); 3] =
    [("next_cursor", "cursor"), ("eventId", "event"), ("connectionId", "connection")];

/// A field that is the provider's own object, whose fields come in any order: the store gives them back so.
const FOREIGN: &str = "components";

/// Digits of an id at the time of these tests.
const ID: usize = 15;

static RANDOM: LazyLock<Regex> = LazyLock::new(|| {
    let all = [
        r"(?<server>http://127\.0\.0\.1:\d+)",
        r"(?<signature>X-Amz-Signature=[0-9a-f]{64})",
        r"(?<wamid>wamid\.HRg[A-Za-z0-9+/]{20,}=*)",
        r"(?<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
        r"(?<kaleyra>\bA[0-9A-Z]{19}\b)",
        r"(?<hash>\b[0-9a-f]{64}\b)",
        r"(?<digits>\d{15,})",
    ];
    Regex::new(&all.join("|")).unwrap()
});

/// The words of one scene.
#[derive(Default)]
pub(super) struct Placeholders {
    known: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Placeholders {
    /// A value with words in the place of what is random. An id that is a number says so.
    pub(super) fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let placed = fields.iter().map(|(name, value)| (name.clone(), self.field(name, value)));
                Value::Object(placed.collect())
            }
            Value::Array(list) => list.iter().map(|value| self.value(value)).collect(),
            Value::String(text) => self.text(text).into(),
            Value::Number(number) if number.to_string().len() == ID && number.is_u64() => {
                format!("<number {}>", self.name("id", &number.to_string())).into()
            }
            other => other.clone(),
        }
    }

    fn field(&mut self, name: &str, value: &Value) -> Value {
        let whole = FIELDS.iter().find(|(field, _)| *field == name);
        match (whole, value) {
            (Some((_, kind)), Value::String(text)) => format!("<{}>", self.name(kind, text)).into(),
            _ if name == FOREIGN => sorted(&self.value(value)),
            _ => self.value(value),
        }
    }

    /// A text with words in the place of what is random.
    pub(super) fn text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (random, name) in &self.known {
            // Only whole fields come again within other texts; the rest is found by its form.
            if FIELDS.iter().any(|(_, kind)| name.starts_with(kind)) {
                text = text.replace(random, &format!("<{name}>"));
            }
        }
        RANDOM.replace_all(&text, |found: &Captures<'_>| self.word(found)).into_owned()
    }

    fn word(&mut self, found: &Captures<'_>) -> String {
        let whole = &found[0];
        if found.name("server").is_some() {
            return "<server>".to_owned();
        }
        if found.name("hash").is_some() {
            return whole.to_owned();
        }
        if found.name("signature").is_some() {
            return "X-Amz-Signature=<signature>".to_owned();
        }
        if found.name("digits").is_some() {
            let digits = whole.trim_start_matches('0');
            let zeros = &whole[..whole.len() - digits.len()];
            if digits.len() != ID {
                return whole.to_owned();
            }
            return format!("{zeros}<{}>", self.name("id", digits));
        }
        let kinds = ["wamid", "uuid", "kaleyra"];
        let kind = kinds.into_iter().find(|kind| found.name(kind).is_some()).unwrap();
        format!("<{}>", self.name(kind, whole))
    }

    fn name(&mut self, kind: &'static str, random: &str) -> String {
        if let Some(name) = self.known.get(random) {
            return name.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let name = format!("{kind}-{count}");
        self.known.insert(random.to_owned(), name.clone());
        name
    }
}

/// A value with all fields in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<&String, Value> =
                fields.iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), value)).collect())
        }
        Value::Array(list) => list.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn random_values_are_named_by_first_appearance_and_the_rest_stays() {
        let mut words = Placeholders::default();
        let first = words.value(&json!({
            "id": 150_912_345_678_901_u64, "path": "/x/conv_150912345678901?a=http://127.0.0.1:4711/b",
            "other": "media_150912345678902", "next_cursor": "eyJh", "nowhere": 9_007_199_254_740_991_u64,
            "to": "50212345678", "user": "US.13491208655302741918", "at": "2026-03-03T10:30:00Z",
        }));
        let expected = json!({
            "id": "<number id-1>", "path": "/x/conv_<id-1>?a=<server>/b", "other": "media_<id-2>",
            "next_cursor": "<cursor-1>", "nowhere": 9_007_199_254_740_991_u64, "to": "50212345678",
            "user": "US.13491208655302741918", "at": "2026-03-03T10:30:00Z",
        });
        assert_eq!(first, expected);
        assert_eq!(words.text("/x?cursor=eyJh&id=0150912345678902"), "/x?cursor=<cursor-1>&id=0<id-2>");
    }
}
