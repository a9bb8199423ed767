//! Credentials from a source, from the cache while fresh, from the configuration file when the source fails.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, de::DeserializeOwned};
use ventanilla_aws::secrets::{SecretSource, SecretVersions, Versions};

use crate::config::file::ConfigFile;
use ventanilla_core::{
    domain::{
        id::{AppId, ChannelId},
        time::Timestamp,
    },
    ports::{
        clock::Clock,
        credentials::{AppSecret, ChannelSecret, CredentialError, Credentials, Freshness},
    },
};
use ventanilla_whatsapp::registry::Registry;

/// How long cached credentials are used.
const FRESH: Duration = Duration::from_mins(5);

/// The shortest time between two refreshes: bad signatures must not become a flood of reads. Also the time
/// for which a missing secret is not read again.
const BETWEEN_REFRESHES: Duration = Duration::from_secs(30);

/// Most missing secrets in the cache; then it is emptied.
const MOST_MISSES: usize = 1000;

/// The JSON of an app's secret.
#[derive(Deserialize)]
struct AppJson {
    #[serde(default)]
    app_secret: String,
    #[serde(default)]
    previous_app_secret: String,
    #[serde(default)]
    verify_token: String,
}

#[derive(Clone)]
struct Remembered<T> {
    value: T,
    read_at: Timestamp,
}

type Memory<T> = Mutex<HashMap<String, Remembered<T>>>;

/// The credentials of channels and apps, cached.
pub struct CachedCredentials {
    registry: Registry,
    source: Option<Arc<dyn SecretSource>>,
    file: Option<Arc<ConfigFile>>,
    clock: Arc<dyn Clock>,
    channels: Memory<ChannelSecret>,
    apps: Memory<AppSecret>,
    misses: Mutex<HashMap<String, (Timestamp, CredentialError)>>,
}

impl CachedCredentials {
    /// Credentials from `source`, and from `file` where that has none or cannot be reached. A provider of `registry`
    /// reads them.
    #[must_use]
    pub fn new(
        source: Option<Arc<dyn SecretSource>>,
        file: Option<Arc<ConfigFile>>,
        clock: Arc<dyn Clock>,
        registry: Registry,
    ) -> Self {
        Self {
            registry,
            source,
            file,
            clock,
            channels: Memory::default(),
            apps: Memory::default(),
            misses: Mutex::default(),
        }
    }

    /// The cached value, if it may be used: fresh enough, or refreshed only just now.
    fn remembered<T: Clone>(&self, memory: &Memory<T>, name: &str, how: Freshness) -> Option<T> {
        let age_limit = match how {
            Freshness::Cached => FRESH,
            Freshness::Refreshed => BETWEEN_REFRESHES,
        };
        let kept = any_age(memory, name)?;
        (kept.read_at.until(self.clock.now()) < age_limit).then_some(kept.value)
    }

    async fn obtain<T: Clone>(
        &self,
        memory: &Memory<T>,
        name: &str,
        versions: Versions,
        parse: impl Fn(&SecretVersions) -> Option<T>,
        from_file: impl Fn(&ConfigFile) -> Option<T>,
    ) -> Result<T, CredentialError> {
        if let Some(missed) = self.missed(name) {
            return Err(missed);
        }
        let mut missing = CredentialError::Missing;
        if let Some(source) = &self.source {
            match source.read(name, versions).await {
                Ok(found) => {
                    if let Some(value) = found.as_ref().and_then(&parse) {
                        tracing::info!(secret = name, source = "secrets_manager", "credentials read");
                        return Ok(self.remember(memory, name, value));
                    }
                    if found.is_some() {
                        tracing::error!(secret = name, "the secret is not the JSON that it should be");
                    }
                }
                Err(error) => {
                    tracing::error!(secret = name, %error, "secrets could not be read");
                    missing = CredentialError::Unavailable;
                    // The last good value is better than none, for a while without another read.
                    if let Some(kept) = any_age(memory, name) {
                        return Ok(self.remember(memory, name, kept.value));
                    }
                }
            }
        }
        let Some(value) = self.file.as_deref().and_then(from_file) else {
            self.miss(name, missing);
            return Err(missing);
        };
        tracing::info!(secret = name, source = "config_file", "credentials read");
        Ok(self.remember(memory, name, value))
    }

    /// The error of a recent failed read, if there was one.
    fn missed(&self, name: &str) -> Option<CredentialError> {
        let misses = self.misses.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, error) = misses.get(name)?;
        (at.until(self.clock.now()) < BETWEEN_REFRESHES).then_some(*error)
    }

    fn miss(&self, name: &str, error: CredentialError) {
        let mut misses = self.misses.lock().unwrap_or_else(PoisonError::into_inner);
        if misses.len() >= MOST_MISSES {
            misses.clear();
        }
        misses.insert(name.to_owned(), (self.clock.now(), error));
    }

    fn remember<T: Clone>(&self, memory: &Memory<T>, name: &str, value: T) -> T {
        let kept = Remembered { value: value.clone(), read_at: self.clock.now() };
        memory.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), kept);
        value
    }
}

fn any_age<T: Clone>(memory: &Memory<T>, name: &str) -> Option<Remembered<T>> {
    memory.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
}

fn json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// Without a signing secret, an app's webhooks could be forged, so such JSON counts as none.
fn app_secret(found: &SecretVersions) -> Option<AppSecret> {
    let read: AppJson = json(&found.current)?;
    let previous: Option<AppJson> = found.previous.as_deref().and_then(json);
    let signing: Vec<SecretString> =
        [Some(read.app_secret.clone()), Some(read.previous_app_secret), previous.map(|p| p.app_secret)]
            .into_iter()
            .flatten()
            .filter(|secret| !secret.is_empty())
            .map(SecretString::from)
            .collect();
    (!read.app_secret.is_empty()).then(|| AppSecret { signing, verify_token: read.verify_token.into() })
}

#[async_trait]
impl Credentials for CachedCredentials {
    async fn channel(&self, id: ChannelId, how: Freshness) -> Result<ChannelSecret, CredentialError> {
        let name = format!("channel/{id}");
        if let Some(known) = self.remembered(&self.channels, &name, how) {
            return Ok(known);
        }
        let parse = |found: &SecretVersions| self.registry.secret(&found.current);
        let from_file = |file: &ConfigFile| file.channel_secret(id);
        self.obtain(&self.channels, &name, Versions::Current, parse, from_file).await
    }

    async fn app(&self, id: &AppId, how: Freshness) -> Result<AppSecret, CredentialError> {
        let name = format!("app/{id}");
        if let Some(known) = self.remembered(&self.apps, &name, how) {
            return Ok(known);
        }
        let from_file = |file: &ConfigFile| file.app_secret(id);
        self.obtain(&self.apps, &name, Versions::CurrentAndPrevious, app_secret, from_file).await
    }
}
