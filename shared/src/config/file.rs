//! The configuration file, `ventanilla.toml`: tenants, keys, apps and channels, with their credentials.
//!
//! Locally it is the source of everything. In the cloud it is the fallback for credentials that Secrets
//! Manager does not have, and what `ventanilla provision` writes into the table.

use std::{fmt, fs, path::Path};

use http::Uri;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use toml::Spanned;

use super::{
    channel::{ChannelEntry, ChannelTable},
    secret::{optional_secret, secret},
};
use ventanilla_core::{
    domain::{
        caller::{ApiKey, KEY_NAME, KeyHash, KeyKind, Scope, Tenant, is_key_name},
        conversation::{ClosedAssignee, ClosesTo, ClosingPolicy},
        id::{AppId, ChannelId, TenantId},
        phrases::has_words,
        time::Timestamp,
    },
    ports::credentials::{AppSecret, ChannelSecret},
};
use ventanilla_whatsapp::registry::Registry;

/// The configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("the config file {path} cannot be read: {problem}")]
    Unreadable {
        /// The path of the file.
        path: String,
        /// The error that the operating system gave.
        problem: String,
    },
    /// It is invalid. Never contains a secret: values are not repeated.
    #[error("the config file is invalid: {0}")]
    Wrong(String),
}

/// The parsed configuration file.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// The companies, with their keys.
    pub tenants: Vec<TenantEntry>,
    /// The apps at Meta that send webhooks.
    pub apps: Vec<AppEntry>,
    /// The business numbers of all companies.
    pub channels: Vec<ChannelEntry>,
    /// Settings of the local server only.
    pub local: LocalSettings,
}

/// The file as TOML, before the providers read their fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    tenants: Vec<TenantEntry>,
    #[serde(default)]
    apps: Vec<AppEntry>,
    channels: Vec<Spanned<ChannelTable>>,
    #[serde(default)]
    local: LocalSettings,
}

/// A company, with its settings and API keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// The company's id, as the operator chose it.
    pub id: TenantId,
    /// The channel for sends that name only a number.
    pub default_channel: ChannelId,
    /// Phrases with which a customer asks for a person; none when absent.
    #[serde(default)]
    pub handoff_phrases: Vec<String>,
    /// Who answers and who is assigned after a conversation was closed.
    #[serde(default)]
    pub closing: ClosingEntry,
    /// Whether a bot answers for it. True also where it has a key of kind `bot`.
    #[serde(default)]
    pub bot: bool,
    /// The company's API keys.
    #[serde(default)]
    pub keys: Vec<KeyEntry>,
}

/// Who answers and who is assigned after a conversation was closed.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingEntry {
    /// Who answers when the customer writes again.
    #[serde(default)]
    pub handled_by: ClosesTo,
    /// Who is assigned then.
    #[serde(default)]
    pub assignee: ClosedAssignee,
}

impl ClosingEntry {
    fn policy(self) -> ClosingPolicy {
        ClosingPolicy { handled_by: self.handled_by, assignee: self.assignee }
    }
}

/// An API key of a company.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// A short name for lists and logs.
    pub name: String,
    /// The key: `vk_` and 43 base64url characters.
    #[serde(deserialize_with = "secret")]
    pub key: SecretString,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Who uses it: `person` (the default) or `bot`.
    #[serde(default)]
    pub kind: KeyKind,
    /// Whether it is revoked. A key that is only removed from the file still works.
    #[serde(default)]
    pub revoked: bool,
}

/// An app at Meta that sends webhooks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppEntry {
    /// Its id, which is part of its webhook URL.
    pub id: AppId,
    /// The secret that signs its webhooks.
    #[serde(deserialize_with = "secret")]
    pub app_secret: SecretString,
    /// The secret that signed them before the last rotation.
    #[serde(default, deserialize_with = "optional_secret")]
    pub previous_app_secret: Option<SecretString>,
    /// The token of the subscription handshake.
    #[serde(deserialize_with = "secret")]
    pub verify_token: SecretString,
}

/// Settings of the local server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalSettings {
    /// The name of the key to assume for contracts whose clients send none (the PHP bot). Off when absent.
    pub assume_key: Option<String>,
    /// Pages that may call it from a browser, and the host names that it may be called by, besides those of
    /// this machine: origins, like `https://inbox.example.com`.
    #[serde(default)]
    pub origins: Vec<String>,
}

impl ConfigFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`], in one line.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.display().to_string(),
            problem: error.to_string(),
        })?;
        Self::parse(&text)
    }

    /// Parses the text of a file and checks its references.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`], in one line.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::parse_with(text, &Registry::default())
    }

    /// Parses the text with these providers instead of the built-in ones.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`], in one line.
    pub fn parse_with(text: &str, registry: &Registry) -> Result<Self, ConfigError> {
        let at = |start: Option<usize>, problem: &str| {
            // The library's text shows the line, which may contain a secret: only place and reason are kept.
            let line = start.map_or(0, |start| text.get(..start).unwrap_or("").lines().count().max(1));
            ConfigError::Wrong(format!("line {line}: {}", without_values(problem)))
        };
        let document: Document =
            toml::from_str(text).map_err(|error| at(error.span().map(|span| span.start), error.message()))?;
        let channel = |table: Spanned<ChannelTable>| {
            let start = table.span().start;
            table.into_inner().read(registry).map_err(|error| at(Some(start), &error.to_string()))
        };
        let channels = document.channels.into_iter().map(channel).collect::<Result<_, _>>()?;
        let file = Self { tenants: document.tenants, apps: document.apps, channels, local: document.local };
        file.check()?;
        Ok(file)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !self.local.origins.iter().all(|origin| is_origin(origin)) {
            return wrong(
                "an entry of local.origins is no origin like `https://inbox.example.com`".to_owned(),
            );
        }
        for tenant in &self.tenants {
            let owns =
                |channel: &ChannelEntry| channel.id == tenant.default_channel && channel.tenant == tenant.id;
            if !self.channels.iter().any(owns) {
                return wrong(format!("tenant {} has no channel {}", tenant.id, tenant.default_channel));
            }
            if !tenant.handoff_phrases.iter().all(|phrase| has_words(phrase)) {
                return wrong(format!("tenant {} has an empty phrase in handoff_phrases", tenant.id));
            }
            if tenant.handoff_phrases.iter().any(|phrase| phrase.chars().any(char::is_control)) {
                return wrong(format!("tenant {} has a control character in handoff_phrases", tenant.id));
            }
            for (number, key) in (1..).zip(&tenant.keys) {
                // By its number: the key itself may have been written into the wrong field.
                if !is_key_name(&key.name) {
                    return wrong(format!(
                        "the name of key number {number} of tenant {} must be 1 to {KEY_NAME} characters, none of them a \
                         control character",
                        tenant.id
                    ));
                }
                if KeyHash::of(key.key.expose_secret()).is_none() {
                    return wrong(format!(
                        "key number {number} of tenant {} is not vk_ and 43 base64url characters",
                        tenant.id
                    ));
                }
            }
        }
        for (index, channel) in self.channels.iter().enumerate() {
            if !self.tenants.iter().any(|tenant| tenant.id == channel.tenant) {
                return wrong(format!(
                    "channel {} names tenant {}, which is not there",
                    channel.id, channel.tenant
                ));
            }
            if let Some(named) = channel.app().filter(|id| !self.apps.iter().any(|app| app.id == **id)) {
                return wrong(format!("channel {} names app {named}, which is not there", channel.id));
            }
            let earlier = self.channels.iter().take(index);
            for other in earlier {
                // Credentials are found by the channel's id alone, webhooks by the inbound address alone.
                if other.id == channel.id || other.inbound_address() == channel.inbound_address() {
                    return wrong(format!("channel {} shares an id with another channel", channel.id));
                }
                if channel.access().names_app_of_other_provider(other.access()) {
                    return wrong(format!(
                        "channel {} names the app of channel {}, which is at another provider",
                        channel.id, other.id
                    ));
                }
                if other.tenant == channel.tenant && other.number == channel.number {
                    return wrong(format!(
                        "channel {} shares its number with channel {}",
                        channel.id, other.id
                    ));
                }
            }
        }
        if let Some(name) = &self.local.assume_key {
            let named = self.tenants.iter().flat_map(|tenant| &tenant.keys).filter(|key| key.name == *name);
            if named.count() != 1 {
                return wrong("local.assume_key must be the name of exactly one key");
            }
        }
        if self.apps.iter().any(|app| app.app_secret.expose_secret().is_empty()) {
            return wrong("an app has an empty app_secret");
        }
        Ok(())
    }

    /// The credentials of a channel; `None` where the file has no such channel.
    #[must_use]
    pub fn channel_secret(&self, id: ChannelId) -> Option<ChannelSecret> {
        self.channels.iter().find(|channel| channel.id == id).map(ChannelEntry::secret)
    }

    /// The credentials of an app; `None` where the file has no such app.
    #[must_use]
    pub fn app_secret(&self, id: &AppId) -> Option<AppSecret> {
        let entry = self.apps.iter().find(|app| app.id == *id)?;
        let signing = std::iter::once(entry.app_secret.clone()).chain(entry.previous_app_secret.clone());
        Some(AppSecret { signing: signing.collect(), verify_token: entry.verify_token.clone() })
    }
}

impl TenantEntry {
    /// The settings of the tenant as they are stored.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        Tenant {
            id: self.id.clone(),
            default_channel: self.default_channel,
            handoff_phrases: self.handoff_phrases.clone(),
            closing: self.closing.policy(),
            bot: self.bot || self.keys.iter().any(|key| key.kind == KeyKind::Bot && !key.revoked),
        }
    }
}

impl KeyEntry {
    /// The key as it is stored from `now` on, with its hash; `None` when it is malformed.
    #[must_use]
    pub fn record(&self, tenant: &TenantId, now: Timestamp) -> Option<(KeyHash, ApiKey)> {
        let hash = KeyHash::of(self.key.expose_secret())?;
        let name = self.name.clone();
        Some((
            hash,
            ApiKey {
                name,
                tenant: tenant.clone(),
                scopes: self.scopes.clone(),
                kind: self.kind,
                created_at: Some(now),
                revoked_at: self.revoked.then_some(now),
            },
        ))
    }
}

/// A library's message in one line, without the faulty value, which may be a credential in a wrong place.
fn without_values(message: &str) -> String {
    let repeats = ["invalid type", "invalid value", "invalid length", "unknown variant"];
    let expected = message.rsplit_once(", expected ");
    let expected = expected.filter(|_| repeats.iter().any(|kind| message.starts_with(kind)));
    let text = expected.map_or_else(|| message.to_owned(), |(_, expected)| format!("expected {expected}"));
    text.replace(['\n', '\r'], " ")
}

/// Whether a text is an origin as browsers write it: scheme, name and port, in lower case, and nothing else.
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    let plain = !authority.as_str().contains('@') && text == format!("{scheme}://{authority}").to_lowercase();
    plain && ["http", "https"].contains(&scheme)
}

fn wrong<T>(problem: impl fmt::Display) -> Result<T, ConfigError> {
    Err(ConfigError::Wrong(problem.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../../ventanilla.toml");

    #[test]
    fn the_demo_file_is_right() {
        let file = ConfigFile::parse(DEMO).unwrap();
        assert!(file.channel_secret("1".parse().unwrap()).is_some());
        assert!(file.app_secret(&"demo".parse().unwrap()).is_some());
    }

    #[test]
    fn an_origin_is_a_scheme_a_name_and_a_port() {
        for right in ["https://inbox.example.com", "http://10.0.0.7:8080"] {
            assert!(is_origin(right), "{right}");
        }
        for wrong in [
            "*",
            "null",
            "inbox.example.com",
            "https://a.b/",
            "https://A.b",
            "ftp://a.b",
            "https://x@a.b",
            "",
        ] {
            assert!(!is_origin(wrong), "{wrong}");
            let text = DEMO.replace("assume_key = ", &format!("origins = [\"{wrong}\"]\nassume_key = "));
            assert!(ConfigFile::parse(&text).unwrap_err().to_string().contains("local.origins"), "{wrong}");
        }
    }

    #[test]
    fn a_key_can_be_revoked_in_the_file() {
        let now = Timestamp::from_millis(5);
        for (line, revoked_at) in [("", None), ("revoked = true\n", Some(now)), ("revoked = false\n", None)] {
            let text = DEMO.replace("scopes = [", &format!("{line}scopes = ["));
            let file = ConfigFile::parse(&text).unwrap();
            let tenant = &file.tenants[0];
            let (_, key) = tenant.keys[0].record(&tenant.id, now).unwrap();
            assert_eq!(key.revoked_at, revoked_at, "{line}");
        }
    }

    #[test]
    fn a_wrong_file_says_where_in_one_line_and_never_repeats_a_value() {
        for (from, to, says) in [
            ("tenant = \"demo\"", "tenant = \"other\"", "has no channel 1"),
            ("app = \"demo\"", "app = \"other\"", "names app other"),
            ("provider = \"meta\"", "provider = \"carrier-pigeon\"", "line"),
            ("verify_token = ", "verify_tokn = ", "line"),
            ("key = \"vk_", "key = \"pk_", "is not vk_"),
            ("assume_key = \"demo\"", "assume_key = \"nobody\"", "exactly one key"),
            ("access_token = \"demo-access-token\"", "access_token = 12345678", "text in quotes"),
            ("provider = \"meta\"", "provider = \"carrier\\npigeon\"", "expected `meta`"),
            (
                "scopes = [\"send\", \"read\", \"admin\"]",
                "scopes = \"demo-access-token\"",
                "expected a sequence",
            ),
            ("access_token = \"demo-access-token\"", "access_token = 12345678901234567890123", "expected"),
            ("app_secret = \"demo-app-secret\"", "app_secret = \"\"", "empty app_secret"),
            ("name = \"demo\"", "name = \"demo\\u0000\"", "name of key number 1"),
            (
                "handoff_phrases = [\"operador\"",
                "handoff_phrases = [\"oper\\u0000ador\"",
                "control character in handoff",
            ),
            (
                "handoff_phrases = [\"operador\"",
                "handoff_phrases = [\" \"",
                "empty phrase in handoff_phrases",
            ),
        ] {
            assert!(DEMO.contains(from), "{from}");
            let error = ConfigFile::parse(&DEMO.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
            let repeated =
                ["demo-access-token", "12345678", "nobody"].iter().any(|word| error.contains(word));
            assert!(!error.contains('\n') && !repeated, "{error}");
        }
    }
}
