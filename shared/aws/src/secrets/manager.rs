//! AWS Secrets Manager as a source.

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client, error::ProvideErrorMetadata, operation::put_secret_value::PutSecretValueError,
};
use secrecy::{ExposeSecret, SecretString};

use super::{SecretSink, SecretSource, SecretSourceError, SecretVersions, Versions, same};

/// Secrets whose names begin with a prefix.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: Client,
    prefix: String,
}

impl SecretsManager {
    /// Secrets with names below `prefix`, like `ventanilla/`.
    #[must_use]
    pub fn new(client: Client, prefix: String) -> Self {
        Self { client, prefix }
    }

    async fn version(&self, name: &str, stage: &str) -> Result<Option<String>, SecretSourceError> {
        let id = format!("{}{name}", self.prefix);
        match self.client.get_secret_value().secret_id(id).version_stage(stage).send().await {
            Ok(answer) => Ok(answer.secret_string),
            Err(error) if error.as_service_error().is_some_and(aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError::is_resource_not_found_exception) => Ok(None),
            Err(error) => Err(SecretSourceError(error.code().unwrap_or("no answer").to_owned())),
        }
    }
}

#[async_trait]
impl SecretSource for SecretsManager {
    async fn read(
        &self,
        name: &str,
        versions: Versions,
    ) -> Result<Option<SecretVersions>, SecretSourceError> {
        let (current, previous) = match versions {
            Versions::Current => (self.version(name, "AWSCURRENT").await?, None),
            Versions::CurrentAndPrevious => {
                let both = tokio::join!(self.version(name, "AWSCURRENT"), self.version(name, "AWSPREVIOUS"));
                // Without the previous version only a rotation under way suffers; it must not cost the
                // current one.
                (both.0?, both.1.ok().flatten())
            }
        };
        Ok(current.map(|current| SecretVersions { current, previous }))
    }
}

#[async_trait]
impl SecretSink for SecretsManager {
    async fn write(&self, name: &str, json: &SecretString) -> Result<(), SecretSourceError> {
        // A role that may write but not read still writes.
        if let Ok(Some(current)) = self.version(name, "AWSCURRENT").await
            && same(&current, json.expose_secret())
        {
            return Ok(());
        }
        let id = format!("{}{name}", self.prefix);
        let put = self.client.put_secret_value().secret_id(&id).secret_string(json.expose_secret());
        let Err(error) = put.send().await else { return Ok(()) };
        if !error.as_service_error().is_some_and(PutSecretValueError::is_resource_not_found_exception) {
            return Err(SecretSourceError(error.code().unwrap_or("no answer").to_owned()));
        }
        let made = self.client.create_secret().name(&id).secret_string(json.expose_secret()).send().await;
        made.map(drop).map_err(|error| SecretSourceError(error.code().unwrap_or("no answer").to_owned()))
    }
}
