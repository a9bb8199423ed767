//! Secrets of a local server: one file each in its data folder, readable by its owner only. The config file has the
//! rest.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use ventanilla::aws::secrets::{SecretSink, SecretSource, SecretSourceError, SecretVersions, Versions, same};

/// The subfolder of the data folder.
const FOLDER: &str = "secrets";

/// The secrets of a data folder.
#[derive(Debug, Clone)]
pub struct FolderSecrets {
    folder: PathBuf,
}

/// The content of one file.
#[derive(Serialize, Deserialize)]
struct SecretFile {
    current: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
}

impl FolderSecrets {
    /// The secrets of this data folder, which need not exist yet.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    /// `channel/1` is the file `channel-1.json`.
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{}.json", name.replace('/', "-")))
    }

    fn read_file(&self, name: &str) -> Result<Option<SecretFile>, SecretSourceError> {
        let text = match fs::read(self.file(name)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SecretSourceError(error.to_string())),
        };
        // The error of the library could contain a part of the secret.
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|_| SecretSourceError(format!("{name} cannot be read")))
    }

    fn write_file(&self, name: &str, secret: &SecretFile) -> Result<(), std::io::Error> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let (file, draft) = (self.file(name), self.file(name).with_extension("draft"));
        let mut written =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        written.write_all(&serde_json::to_vec(secret)?)?;
        written.sync_all()?;
        // The rename is atomic: a reader sees the old file or the new one.
        fs::rename(draft, file)
    }
}

#[async_trait]
impl SecretSource for FolderSecrets {
    async fn read(&self, name: &str, _: Versions) -> Result<Option<SecretVersions>, SecretSourceError> {
        Ok(self
            .read_file(name)?
            .map(|secret| SecretVersions { current: secret.current, previous: secret.previous }))
    }
}

#[async_trait]
impl SecretSink for FolderSecrets {
    async fn write(&self, name: &str, json: &SecretString) -> Result<(), SecretSourceError> {
        let current = json.expose_secret().to_owned();
        let previous_current = self.read_file(name)?.map(|known| known.current);
        if previous_current.as_deref().is_some_and(|previous| same(previous, &current)) {
            return Ok(());
        }
        let previous = previous_current;
        let secret = SecretFile { current, previous };
        self.write_file(name, &secret).map_err(|error| SecretSourceError(error.to_string()))
    }
}
