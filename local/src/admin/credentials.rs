//! Credentials on their way in: JSON from standard input or a file.

use std::{collections::BTreeMap, fs, io::Read, path::PathBuf};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use ventanilla::whatsapp::registry::{Registration, Registry};

use super::{Failed, Out};

/// Largest text that is read.
const LIMIT: u64 = 64 * 1024;

/// What belongs to a channel, at any provider.
fn of_channel() -> Vec<&'static str> {
    let mut all = Vec::new();
    for name in Registry::default().iter().flat_map(Registration::secrets) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// What belongs to an app.
const OF_APP: [&str; 3] = ["app_secret", "previous_app_secret", "verify_token"];

/// Where credentials come from.
#[derive(Debug, Args)]
pub(super) struct From {
    /// A file with the credentials as one JSON object; standard input when not named, or named -. At Meta:
    /// `access_token`; for the app `app_secret` and `verify_token`, once for all its channels (without
    /// `verify_token` one is made). At Kaleyra: `sid`, `api_key`; `callback_secret` (without it one is made),
    /// `callback_header`.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
}

/// Credentials as they were given.
#[derive(Default)]
pub(super) struct Given {
    /// The channel's.
    pub(super) channel: Fields,
    /// The app's.
    pub(super) app: Fields,
}

/// Credentials by their names.
pub(super) type Fields = BTreeMap<&'static str, SecretString>;

impl From {
    /// Whether it was said where they come from.
    pub(super) fn is_named(&self) -> bool {
        self.credentials.is_some()
    }

    /// Reads them.
    pub(super) fn read(&self, out: &mut Out<'_>) -> Result<Given, Failed> {
        let mut text = String::new();
        let read = match &self.credentials {
            Some(path) if path.as_os_str() != "-" => {
                fs::File::open(path).and_then(|file| file.take(LIMIT).read_to_string(&mut text))
            }
            _ => out.input.take(LIMIT).read_to_string(&mut text),
        };
        read.map_err(|error| Failed::usage(format!("the credentials cannot be read: {error}")))?;
        parse(&text)
    }
}

/// Reads the JSON. No message repeats anything of it but the name of a known field.
fn parse(text: &str) -> Result<Given, Failed> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| {
        Failed::usage("the credentials must be one JSON object, like {\"access_token\": \"…\"}")
    })?;
    let mut given = Given::default();
    let of_channel = of_channel();
    for (place, (name, value)) in object.into_iter().enumerate() {
        let of = |known: &[&'static str]| known.iter().find(|own| **own == name).copied();
        let (field, fields) = match (of(&of_channel), of(&OF_APP)) {
            (Some(field), _) => (field, &mut given.channel),
            (None, Some(field)) => (field, &mut given.app),
            (None, None) => {
                let known = of_channel.into_iter().chain(OF_APP).collect::<Vec<_>>().join(", ");
                let place = place + 1;
                return Err(Failed::usage(format!("field {place} of the credentials is none of {known}")));
            }
        };
        match value {
            Value::String(text) if !text.trim().is_empty() => {
                fields.insert(field, SecretString::from(text.trim()));
            }
            _ => {
                return Err(Failed::usage(format!(
                    "{field} of the credentials must be text that is not empty"
                )));
            }
        }
    }
    Ok(given)
}

/// As they are kept.
pub(super) fn json(fields: &Fields) -> SecretString {
    let exposed = fields.iter().map(|(name, value)| ((*name).to_owned(), value.expose_secret().into()));
    SecretString::from(Value::Object(exposed.collect()).to_string())
}

/// What is kept, as far as it is text in fields that are known.
pub(super) fn kept(json: &str) -> Fields {
    let object: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
    let known = of_channel().into_iter().chain(OF_APP);
    known
        .filter_map(|name| {
            let text = object.get(name)?.as_str().filter(|text| !text.is_empty())?;
            Some((name, SecretString::from(text)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_parted_by_whose_they_are() {
        let given = parse(r#"{"access_token":" EAA1 ","app_secret":"s","verify_token":"v"}"#).unwrap();
        assert_eq!(given.channel["access_token"].expose_secret(), "EAA1");
        assert_eq!(given.app.keys().copied().collect::<Vec<_>>(), ["app_secret", "verify_token"]);
        assert_eq!(kept(json(&given.channel).expose_secret())["access_token"].expose_secret(), "EAA1");
    }

    #[test]
    fn no_message_repeats_what_was_given() {
        for wrong in [
            "EAA-secret",
            r#""EAA-secret""#,
            r#"{"access_token": 12345678}"#,
            r#"{"access_token": {"EAA-secret": 1}}"#,
            r#"{"EAA-secret": "access_token"}"#,
            r#"{"access_token": "EAA-secret""#,
            r#"{"access_token": ""}"#,
        ] {
            let error = parse(wrong).err().unwrap();
            assert_eq!(error.exit_code(), 2);
            let said = error.to_string();
            assert!(!said.contains("EAA") && !said.contains("12345678"), "{said}");
        }
    }
}
