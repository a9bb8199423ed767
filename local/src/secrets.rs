//! Secrets of a local server: files in its data folder, one for each, that only their owner may read. What is not
//! there is in the config file.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use ventanilla::aws::secrets::{Found, SecretSink, SecretSource, SourceError, Versions, same};

/// The folder within the data folder.
const FOLDER: &str = "secrets";

/// The secrets of a data folder.
#[derive(Debug, Clone)]
pub struct FolderSecrets {
    folder: PathBuf,
}

/// A file.
#[derive(Serialize, Deserialize)]
struct Kept {
    current: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
}

impl FolderSecrets {
    /// Those of a data folder, which need not be there yet.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    /// `channel/1` is the file `channel-1.json`.
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{}.json", name.replace('/', "-")))
    }

    fn kept(&self, name: &str) -> Result<Option<Kept>, SourceError> {
        let text = match fs::read(self.file(name)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SourceError(error.to_string())),
        };
        // The library's text could repeat a part of the secret.
        serde_json::from_slice(&text).map(Some).map_err(|_| SourceError(format!("{name} cannot be read")))
    }

    fn keep(&self, name: &str, kept: &Kept) -> Result<(), std::io::Error> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let (file, draft) = (self.file(name), self.file(name).with_extension("draft"));
        let mut written =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        written.write_all(&serde_json::to_vec(kept)?)?;
        written.sync_all()?;
        // A reader sees the whole of the old one or of the new one.
        fs::rename(draft, file)
    }
}

#[async_trait]
impl SecretSource for FolderSecrets {
    async fn read(&self, name: &str, _: Versions) -> Result<Option<Found>, SourceError> {
        Ok(self.kept(name)?.map(|kept| Found { current: kept.current, previous: kept.previous }))
    }
}

#[async_trait]
impl SecretSink for FolderSecrets {
    async fn write(&self, name: &str, json: &SecretString) -> Result<(), SourceError> {
        let current = json.expose_secret().to_owned();
        let before = self.kept(name)?.map(|before| before.current);
        if before.as_deref().is_some_and(|before| same(before, &current)) {
            return Ok(());
        }
        let previous = before;
        let kept = Kept { current, previous };
        self.keep(name, &kept).map_err(|error| SourceError(error.to_string()))
    }
}
