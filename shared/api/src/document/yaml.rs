//! Writes a document as YAML that parsers of YAML 1.1 and 1.2 read alike.

use serde_json::Value;

use super::DocumentError;

/// Writes a document as YAML. Times, and the words that YAML 1.1 has for true and false, are quoted:
/// otherwise its parsers would not read them as text.
///
/// # Errors
/// [`DocumentError::Yaml`].
pub fn to_yaml(document: &Value) -> Result<String, DocumentError> {
    let plain =
        yaml_serde::to_string(document).map_err(|error| DocumentError::Yaml { room: "the whole", error })?;
    Ok(plain.lines().map(quoted).fold(String::new(), |whole, line| whole + &line + "\n"))
}

/// A line with its value quoted, if that is a time or one of those words.
fn quoted(line: &str) -> String {
    let (before, value) = match line.rsplit_once(": ").or_else(|| line.rsplit_once("- ")) {
        Some((before, value)) => (line.get(..line.len() - value.len()).unwrap_or(before), value),
        None => return line.to_owned(),
    };
    if is_time(value) || is_switch(value) { format!("{before}'{value}'") } else { line.to_owned() }
}

/// Whether it begins like a date and has only characters of a time: `2026-11-21T12:21:20Z`.
fn is_time(value: &str) -> bool {
    let is_of_time = |byte: u8| byte.is_ascii_digit() || b"-+:.TZ ".contains(&byte);
    let day: Vec<&str> = value.get(..10).unwrap_or_default().split('-').collect();
    let lengths: Vec<usize> = day.iter().map(|part| part.len()).collect();
    lengths == [4, 2, 2] && value.bytes().all(is_of_time)
}

/// Whether YAML 1.1 reads it as true or false. Booleans of YAML 1.2 are no text here.
fn is_switch(value: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ambiguous_text_is_quoted_and_nothing_else_changes() {
        let document = json!({
            "at": "2026-11-21T12:21:20.427Z",
            "day": "2026-11-21",
            "phone": "+50212345678",
            "all": ["2026-11-21 12:21:20", "x"],
            "typing": "on",
            "payload": ["yes", "No"],
            "really": [true, "true", "only"],
            "text": "at: 2026-11-21T12:21:20Z it came",
            "lines": "one\ntwo: 3\n",
        });
        let yaml = to_yaml(&document).unwrap();
        for line in ["at: '2026-11-21T12:21:20.427Z'", "day: '2026-11-21'", "- '2026-11-21 12:21:20'"] {
            assert!(yaml.contains(line), "{yaml}");
        }
        for line in ["typing: 'on'", "- 'yes'", "- 'No'", "- true", "- 'true'", "- only"] {
            assert!(yaml.contains(line), "{yaml}");
        }
        assert_eq!(yaml_serde::from_str::<Value>(&yaml).unwrap(), document);
    }
}
