//! Reads credentials: JSON from standard input or a file.

use std::{collections::BTreeMap, fs, io::Read, path::PathBuf};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use ventanilla::whatsapp::registry::{Registration, Registry};

use super::{CommandError, Output};

/// The most bytes that are read.
const LIMIT: u64 = 64 * 1024;

/// The fields of a channel, at any provider.
fn channel_fields() -> Vec<&'static str> {
    let mut all = Vec::new();
    for name in Registry::default().iter().flat_map(Registration::secrets) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// The fields of an app.
const APP_FIELDS: [&str; 3] = ["app_secret", "previous_app_secret", "verify_token"];

/// The source of credentials.
#[derive(Debug, Args)]
pub(super) struct CredentialsSource {
    /// A file with the credentials as one JSON object; default, or with -: standard input. At Meta: `access_token`; for
    /// the app `app_secret` and `verify_token`, once for all its channels (without `verify_token` one is generated). At
    /// Kaleyra: `sid`, `api_key`; `callback_secret` (without it one is generated), `callback_header`.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
}

/// The credentials that were given.
#[derive(Default)]
pub(super) struct GivenCredentials {
    /// The fields of the channel's secret.
    pub(super) channel: CredentialFields,
    /// The fields of the app's secret.
    pub(super) app: CredentialFields,
}

/// Credentials by field name.
pub(super) type CredentialFields = BTreeMap<&'static str, SecretString>;

impl CredentialsSource {
    /// Whether a source is given.
    pub(super) fn is_named(&self) -> bool {
        self.credentials.is_some()
    }

    /// Reads and parses the credentials.
    pub(super) fn read(&self, out: &mut Output<'_>) -> Result<GivenCredentials, CommandError> {
        let mut text = String::new();
        let read = match &self.credentials {
            Some(path) if path.as_os_str() != "-" => {
                fs::File::open(path).and_then(|file| file.take(LIMIT).read_to_string(&mut text))
            }
            _ => out.input.take(LIMIT).read_to_string(&mut text),
        };
        read.map_err(|error| CommandError::usage(format!("the credentials cannot be read: {error}")))?;
        parse(&text)
    }
}

/// Parses the JSON. Errors contain nothing of it but the names of known fields.
fn parse(text: &str) -> Result<GivenCredentials, CommandError> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| {
        CommandError::usage("the credentials must be one JSON object, like {\"access_token\": \"…\"}")
    })?;
    let mut given = GivenCredentials::default();
    let channel_fields = channel_fields();
    for (place, (name, value)) in object.into_iter().enumerate() {
        let of = |known: &[&'static str]| known.iter().find(|own| **own == name).copied();
        let (field, fields) = match (of(&channel_fields), of(&APP_FIELDS)) {
            (Some(field), _) => (field, &mut given.channel),
            (None, Some(field)) => (field, &mut given.app),
            (None, None) => {
                let known = channel_fields.into_iter().chain(APP_FIELDS).collect::<Vec<_>>().join(", ");
                let place = place + 1;
                return Err(CommandError::usage(format!(
                    "field {place} of the credentials is none of {known}"
                )));
            }
        };
        match value {
            Value::String(text) if !text.trim().is_empty() => {
                fields.insert(field, SecretString::from(text.trim()));
            }
            _ => {
                return Err(CommandError::usage(format!(
                    "{field} of the credentials must be text that is not empty"
                )));
            }
        }
    }
    Ok(given)
}

/// The JSON of a stored secret.
pub(super) fn to_json(fields: &CredentialFields) -> SecretString {
    let exposed = fields.iter().map(|(name, value)| ((*name).to_owned(), value.expose_secret().into()));
    SecretString::from(Value::Object(exposed.collect()).to_string())
}

/// Parses a stored secret. Unknown fields, and fields that are not text, are ignored.
pub(super) fn parse_stored(json: &str) -> CredentialFields {
    let object: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
    let known = channel_fields().into_iter().chain(APP_FIELDS);
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
        assert_eq!(
            parse_stored(to_json(&given.channel).expose_secret())["access_token"].expose_secret(),
            "EAA1"
        );
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
