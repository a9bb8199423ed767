//! The config file: what is said about it repeats no credential and fits into one line.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use ventanilla::config::file::ConfigFile;

/// The fields that hold credentials, in whatever table.
const CREDENTIALS: [&str; 9] = [
    "key",
    "app_secret",
    "previous_app_secret",
    "verify_token",
    "access_token",
    "api_key",
    "callback_secret",
    "previous_callback_secret",
    "callback_header",
];

/// How a word begins that must not be repeated when it is part of a credential.
const MARK: &str = "SECRET-";

/// The config file with this text.
///
/// # Panics
/// When what a log would show of the file, or of the error in it, repeats a marked word of a credential
/// that is not told elsewhere in the file too; or when that is more than one line.
pub fn config_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let shown = match ConfigFile::parse(&text) {
        Ok(file) => format!("{file:?}"),
        Err(error) => error.to_string(),
    };
    let document = DeTable::parse(&text);
    let texts = match &document {
        Ok(document) => Texts::of(document.get_ref()),
        // Not TOML: no word of it can be told from a credential.
        Err(_) => Texts { credentials: vec![&*text], others: Vec::new() },
    };
    for word in texts.credentials.iter().flat_map(|text| marked(text)) {
        let told_elsewhere = texts.others.iter().any(|text| text.contains(&word));
        assert!(told_elsewhere || !shown.contains(&word), "{word} is repeated: {shown}");
    }
    assert!(!shown.contains(['\n', '\r']), "more than one line: {shown:?}");
}

/// The texts of a document: its keys and what is said under them.
#[derive(Default)]
struct Texts<'a> {
    credentials: Vec<&'a str>,
    others: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    fn of(document: &'a DeTable<'_>) -> Self {
        let mut texts = Self::default();
        texts.gather_table(document);
        texts
    }

    fn gather_table(&mut self, table: &'a DeTable<'_>) {
        for (name, value) in table {
            self.others.push(name.get_ref());
            self.gather(name.get_ref(), value.get_ref());
        }
    }

    fn gather(&mut self, name: &str, value: &'a DeValue<'_>) {
        match value {
            DeValue::String(text) if CREDENTIALS.contains(&name) => self.credentials.push(text),
            DeValue::String(text) => self.others.push(text),
            DeValue::Table(table) => self.gather_table(table),
            DeValue::Array(values) => {
                for value in values.iter().map(Spanned::get_ref) {
                    self.gather("", value);
                }
            }
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }
}

/// The marked words of a text: the mark and at least one letter or digit.
fn marked(text: &str) -> Vec<String> {
    let words = text.split(MARK).skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        format!("{MARK}{}", rest.get(..end).unwrap_or_default())
    });
    words.filter(|word| word.len() > MARK.len()).collect()
}
