//! The fields of a channel that only its provider knows: in the config file, and as options of the operator's commands.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use ventanilla_core::{
    domain::{
        channel::Access,
        id::{CatalogueId, ChannelId},
    },
    ports::credentials::ChannelSecret,
};

/// What stands for the simulated provider in a base URL.
pub const SANDBOX: &str = "sandbox";

/// What the word `sandbox` stands for on this machine.
#[derive(Debug, Clone, Default)]
pub struct Simulated {
    /// Base URLs of the simulated providers, by their names.
    pub providers: BTreeMap<&'static str, String>,
    /// Base URL of our own webhook routes.
    pub webhooks: String,
}

impl Simulated {
    /// Puts the base URL of a simulated provider in the place of the word `sandbox`; tells whether that was there.
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
    /// Its name, in snake case.
    pub name: &'static str,
    /// What it holds.
    pub kind: SettingKind,
    /// What it is for, as the operator's command explains it.
    pub help: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A text that must be given; how help shows its place.
    Required(&'static str),
    /// A text that may be given.
    Optional(&'static str),
    /// On or off. What a change does not name stays as it is.
    Switch,
    /// A credential: no option of a command, and no part of the channel's row.
    Secret,
}

/// What a provider made of its fields.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The way to it. A base URL may still be the word `sandbox`.
    pub access: Access,
    /// The credentials.
    pub secret: ChannelSecret,
    /// The account that the channel's templates belong to; none where that is not known.
    pub catalogue: Option<CatalogueId>,
}

/// Why a channel's fields cannot be used. Never holds a value.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A field is missing.
    #[error("channel {0} needs {1}")]
    Missing(ChannelId, &'static str),
    /// A field that its provider does not know.
    #[error("channel {0} has {1}, which its provider does not know")]
    Foreign(ChannelId, String),
    /// A URL is none.
    #[error("{1} of channel {0} must begin with http:// or https://, or be the word sandbox")]
    Url(ChannelId, &'static str),
    /// A credential stands there as something else.
    #[error("a credential must be text in quotes: {1} of channel {0}")]
    Credential(ChannelId, &'static str),
    /// A field is not as it must be, in the words of whoever reads it.
    #[error("{problem} in {field} of channel {channel}")]
    Field {
        /// The channel.
        channel: ChannelId,
        /// The field.
        field: &'static str,
        /// What it must be.
        problem: String,
    },
    /// Something else that only the provider knows; the text ends the sentence that the field begins.
    #[error("{1} of channel {0} {2}")]
    Unfit(ChannelId, &'static str, String),
}

/// The fields of one channel that its provider has to read.
#[derive(Debug)]
pub struct ChannelConfig {
    id: ChannelId,
    account: Option<CatalogueId>,
    fields: Map<String, Value>,
}

impl ChannelConfig {
    /// The fields of a channel; all of them must be of its provider.
    ///
    /// # Errors
    /// Names a field that is not.
    pub fn new(
        id: ChannelId,
        account: Option<CatalogueId>,
        fields: Map<String, Value>,
        known: &[Setting],
    ) -> Result<Self, ConfigError> {
        let is_known = |name: &&String| known.iter().any(|setting| setting.name == **name);
        match fields.keys().find(|name| !is_known(name)) {
            Some(foreign) => Err(ConfigError::Foreign(id, foreign.clone())),
            None => Ok(Self { id, account, fields }),
        }
    }

    /// The channel's id.
    #[must_use]
    pub fn id(&self) -> ChannelId {
        self.id
    }

    /// The business account's id at Meta (`waba_id`), a field that every channel may have.
    #[must_use]
    pub fn account(&self) -> Option<&CatalogueId> {
        self.account.as_ref()
    }

    /// Takes a field; none where it was not given.
    ///
    /// # Errors
    /// When it cannot be what it should.
    pub fn take<T: DeserializeOwned>(&mut self, field: &'static str) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.fields.remove(field) else { return Ok(None) };
        serde_json::from_value(value).map(Some).map_err(|error| ConfigError::Field {
            channel: self.id,
            field,
            problem: error.to_string(),
        })
    }

    /// Takes a field that must be there.
    ///
    /// # Errors
    /// When it is not, or cannot be what it should.
    pub fn need<T: DeserializeOwned>(&mut self, field: &'static str) -> Result<T, ConfigError> {
        self.take(field)?.ok_or(ConfigError::Missing(self.id, field))
    }

    /// Takes a credential; none where it was not given.
    ///
    /// # Errors
    /// When it is no text.
    pub fn secret(&mut self, field: &'static str) -> Result<Option<SecretString>, ConfigError> {
        match self.fields.remove(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.into())),
            Some(_) => Err(ConfigError::Credential(self.id, field)),
        }
    }

    /// Takes a base URL without the slash at its end; none where it was not given.
    ///
    /// # Errors
    /// When it is no URL, nor the word `sandbox`.
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
