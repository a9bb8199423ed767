//! The fields of a channel that only its provider knows: in the configuration file, and as options of the
//! operator's commands.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use ventanilla_core::{
    domain::{
        channel::Access,
        id::{ChannelId, TemplateAccountId},
    },
    ports::credentials::ChannelSecret,
};

/// The word for the simulated provider in a base URL.
pub const SANDBOX: &str = "sandbox";

/// The simulated providers that the word `sandbox` means on this machine.
#[derive(Debug, Clone, Default)]
pub struct Simulated {
    /// Base URLs of the simulated providers, by their names.
    pub providers: BTreeMap<&'static str, String>,
    /// Base URL of our own webhook routes.
    pub webhooks: String,
}

impl Simulated {
    /// Replaces the word `sandbox` by the base URL of the simulated provider; returns whether it was there.
    pub fn replace(&self, provider: &str, url: &mut String) -> bool {
        let is_simulated = url == SANDBOX;
        if let Some(simulated) = self.providers.get(provider).filter(|_| is_simulated) {
            url.clone_from(simulated);
        }
        is_simulated
    }
}

/// A field of a provider's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The field's name, in snake case.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: SettingKind,
    /// A short help text for the operator's command.
    pub help: &'static str,
}

/// The kind of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A required text, with the placeholder that help shows for it.
    Required(&'static str),
    /// An optional text, with the placeholder that help shows for it.
    Optional(&'static str),
    /// A switch. A change that does not name it leaves it is.
    Switch,
    /// A credential: neither an option of a command nor part of the channel's row.
    Secret,
}

/// The parsed fields of a provider's channel.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The access to the provider. A base URL may still be the word `sandbox`.
    pub access: Access,
    /// The credentials of the channel.
    pub secret: ChannelSecret,
    /// The account that the channel's templates belong to; `None` when unknown.
    pub template_account: Option<TemplateAccountId>,
}

/// Why a channel's fields are invalid. Never contains a value.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A field is missing.
    #[error("channel {0} needs {1}")]
    Missing(ChannelId, &'static str),
    /// A field is not one of its provider.
    #[error("channel {0} has {1}, which its provider does not know")]
    Foreign(ChannelId, String),
    /// A URL is malformed.
    #[error("{1} of channel {0} must begin with http:// or https://, or be the word sandbox")]
    Url(ChannelId, &'static str),
    /// A credential is not a text.
    #[error("a credential must be text in quotes: {1} of channel {0}")]
    Credential(ChannelId, &'static str),
    /// A field has an invalid value; the text is the parser's.
    #[error("{problem} in {field} of channel {channel}")]
    Field {
        /// The id of the channel in the configuration file.
        channel: ChannelId,
        /// The name of the field.
        field: &'static str,
        /// What the parser requires, without the value.
        problem: String,
    },
    /// Another problem that only the provider knows; the text completes the sentence that the field begins.
    #[error("{1} of channel {0} {2}")]
    Unfit(ChannelId, &'static str, String),
}

/// The fields of one channel that its provider parses.
#[derive(Debug)]
pub struct ChannelConfig {
    id: ChannelId,
    account: Option<TemplateAccountId>,
    fields: Map<String, Value>,
}

impl ChannelConfig {
    /// The fields of a channel; all of them must be fields of its provider.
    ///
    /// # Errors
    /// Names a field that is not.
    pub fn new(
        id: ChannelId,
        account: Option<TemplateAccountId>,
        fields: Map<String, Value>,
        known: &[Setting],
    ) -> Result<Self, ConfigError> {
        let is_known = |name: &&String| known.iter().any(|setting| setting.name == **name);
        match fields.keys().find(|name| !is_known(name)) {
            Some(foreign) => Err(ConfigError::Foreign(id, foreign.clone())),
            None => Ok(Self { id, account, fields }),
        }
    }

    /// The id of the channel.
    #[must_use]
    pub fn id(&self) -> ChannelId {
        self.id
    }

    /// The business account's id at Meta (`waba_id`), a field that every channel may have.
    #[must_use]
    pub fn account(&self) -> Option<&TemplateAccountId> {
        self.account.as_ref()
    }

    /// Takes a field; `None` where it is absent.
    ///
    /// # Errors
    /// When its value is invalid.
    pub fn take<T: DeserializeOwned>(&mut self, field: &'static str) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.fields.remove(field) else { return Ok(None) };
        serde_json::from_value(value).map(Some).map_err(|error| ConfigError::Field {
            channel: self.id,
            field,
            problem: error.to_string(),
        })
    }

    /// Takes a required field.
    ///
    /// # Errors
    /// When it is absent or its value is invalid.
    pub fn need<T: DeserializeOwned>(&mut self, field: &'static str) -> Result<T, ConfigError> {
        self.take(field)?.ok_or(ConfigError::Missing(self.id, field))
    }

    /// Takes a credential; `None` where it is absent.
    ///
    /// # Errors
    /// When it is not a text.
    pub fn secret(&mut self, field: &'static str) -> Result<Option<SecretString>, ConfigError> {
        match self.fields.remove(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.into())),
            Some(_) => Err(ConfigError::Credential(self.id, field)),
        }
    }

    /// Takes a base URL without its trailing slash; `None` where it is absent.
    ///
    /// # Errors
    /// When it is neither a URL nor the word `sandbox`.
    pub fn url(&mut self, field: &'static str) -> Result<Option<String>, ConfigError> {
        let Some(url) = self.take::<String>(field)? else { return Ok(None) };
        let fits = url == SANDBOX || url.starts_with("https://") || url.starts_with("http://");
        if fits {
            Ok(Some(url.trim_end_matches('/').to_owned()))
        } else {
            Err(ConfigError::Url(self.id, field))
        }
    }
}
