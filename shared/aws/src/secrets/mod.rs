//! Secrets of Secrets Manager.

mod manager;

pub use manager::SecretsManager;

use async_trait::async_trait;
use secrecy::SecretString;

/// A secret as a source has it.
#[derive(Clone)]
pub struct Found {
    /// The current value, JSON.
    pub current: String,
    /// The value before the last rotation, where there is one.
    pub previous: Option<String>,
}

/// The source could not be reached, or refused.
#[derive(Debug, thiserror::Error)]
#[error("the source of secrets failed: {0}")]
pub struct SourceError(pub String);

/// Which versions of a secret are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// The current one.
    Current,
    /// The current one and, where there is one, the one before it.
    CurrentAndPrevious,
}

/// Where secrets are kept.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The secret of this name, below the source's prefix: `channel/1`, `app/demo`.
    async fn read(&self, name: &str, versions: Versions) -> Result<Option<Found>, SourceError>;
}

/// Where an operator puts secrets.
#[async_trait]
pub trait SecretSink: Send + Sync {
    /// Makes this JSON the current value of a secret, which is made if need be. The value before it stays as
    /// the previous one. JSON that says what the current value says is not written: it would push out the
    /// previous one.
    async fn write(&self, name: &str, json: &SecretString) -> Result<(), SourceError>;
}

/// Whether two secrets say the same, however they are spelled.
#[must_use]
pub fn same(one: &str, two: &str) -> bool {
    let read = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    one == two || read(one).is_some_and(|one| read(two) == Some(one))
}
