//! Reads and writes of secrets in AWS Secrets Manager.

mod manager;

pub use manager::SecretsManager;

use async_trait::async_trait;
use secrecy::SecretString;

/// The versions of a secret.
#[derive(Clone)]
pub struct SecretVersions {
    /// The current version, JSON.
    pub current: String,
    /// The version before the last rotation, where there is one.
    pub previous: Option<String>,
}

/// The source could not be reached, or rejected the call.
#[derive(Debug, thiserror::Error)]
#[error("the source of secrets failed: {0}")]
pub struct SecretSourceError(pub String);

/// The versions of a secret to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// Only the current version.
    Current,
    /// The current version and, where there is one, the previous one.
    CurrentAndPrevious,
}

/// A store of secrets, for reading.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The secret of this name, below the source's prefix: `channel/1`, `app/demo`.
    async fn read(&self, name: &str, versions: Versions)
    -> Result<Option<SecretVersions>, SecretSourceError>;
}

/// A store of secrets, for an operator's writes.
#[async_trait]
pub trait SecretSink: Send + Sync {
    /// Makes this JSON the current version of a secret, which is created if need be. The version before it
    /// becomes the previous one. JSON that equals the current version is not written: it would displace the
    /// previous one.
    async fn write(&self, name: &str, json: &SecretString) -> Result<(), SecretSourceError>;
}

/// Whether two secrets are the same JSON, however they are spelled.
#[must_use]
pub fn same(one: &str, two: &str) -> bool {
    let read = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    one == two || read(one).is_some_and(|one| read(two) == Some(one))
}
