//! The embedded DynamoDB: in memory, or in a folder.

mod stream_rows;

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{Client, config::timeout::TimeoutConfig};
use aws_types::region::Region;
use dynoxide::{Database, server};
use tokio::{net::TcpListener, task::JoinHandle};
use ventanilla::config::aws::Aws;

/// The database file in a data folder.
const FILE: &str = "data.sqlite";

/// File mode: the owner may read and write.
const OWNER_ONLY: u32 = 0o600;

/// The file with the URL of the store, while it is open.
const ENDPOINT: &str = "endpoint";

/// The table with the stream position of the follower; it has no stream itself.
pub(crate) const POSITIONS_TABLE: &str = "ventanilla-local-places";

/// The timeouts of the store in this process, for one attempt and with retries. Requests cannot be lost on the way; on
/// an overloaded machine they are only slow.
const STORE_TIMEOUTS: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(25));

/// How many stores this process has opened in memory: each needs a unique name.
static MEMORY_STORES: AtomicU64 = AtomicU64::new(0);

/// Where the data is stored.
#[derive(Debug, Clone)]
pub enum Data {
    /// In memory, for the life of the process.
    Memory,
    /// In a file in this folder.
    Folder(PathBuf),
    /// In a DynamoDB at this URL.
    Endpoint(String),
}

impl Data {
    /// The data folder, if there is one.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        match self {
            Self::Folder(folder) => Some(folder.clone()),
            Self::Memory | Self::Endpoint(_) => None,
        }
    }
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be created, or no port is free.
    #[error("the data folder cannot be used: {0}")]
    Io(#[from] io::Error),
    /// Another server has the folder open.
    #[error("the data in {0} is in use by another server")]
    InUse(String),
    /// The file of a used data folder is empty: its data is lost, which must not pass for a new folder.
    #[error("the data file {0} is empty; restore a backup, or remove it to start over")]
    Emptied(String),
    /// The folder has no data.
    #[error("there is no data in {0}")]
    NotFound(String),
    /// The file is not a valid database.
    #[error("the data in {place} cannot be opened: {problem}")]
    Database {
        /// The path of the file.
        place: String,
        /// The error of the database.
        problem: String,
    },
}

/// An open store, and its server.
#[derive(Debug)]
pub struct LocalStore {
    /// The endpoint and credentials of the store.
    pub aws: Aws,
    server: Option<JoinHandle<()>>,
    /// Held while the store is open: two servers on one folder would corrupt it.
    _lock: Option<File>,
}

impl LocalStore {
    /// A client of the store.
    #[must_use]
    pub fn client(&self, http: &reqwest::Client) -> Client {
        let client = self.aws.dynamodb(http);
        if self.server.is_none() {
            return client;
        }
        let (attempt, operation) = STORE_TIMEOUTS;
        let timeouts =
            TimeoutConfig::builder().operation_attempt_timeout(attempt).operation_timeout(operation).build();
        Client::from_conf(client.config().to_builder().timeout_config(timeouts).build())
    }
}

impl Drop for LocalStore {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

/// Opens the store, and serves it on a port of this machine.
///
/// # Errors
/// When the data cannot be opened or no port is free.
pub async fn open(data: &Data) -> Result<LocalStore, OpenError> {
    if let Data::Endpoint(url) = data {
        return Ok(LocalStore { aws: aws(url.clone()), server: None, _lock: None });
    }
    let lock = lock(data)?;
    if let Data::Folder(folder) = data {
        restrict_permissions(folder)?;
    }
    let (_, database) = open_database(data)?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    if let Data::Folder(folder) = data {
        fs::write(folder.join(ENDPOINT), &url)?;
    }
    let server = tokio::spawn(async move {
        let ended = server::serve_with_shutdown(listener, database, std::future::pending()).await;
        if let Err(error) = ended {
            tracing::error!(error, "the embedded store stopped");
        }
    });
    Ok(LocalStore { aws: aws(url), server: Some(server), _lock: lock })
}

/// Opens the store of a folder that a server has used before.
///
/// # Errors
/// When there is none, or as [`open`].
pub async fn open_existing(folder: PathBuf) -> Result<LocalStore, OpenError> {
    if !folder.join(FILE).exists() {
        return Err(OpenError::NotFound(folder.display().to_string()));
    }
    open(&Data::Folder(folder)).await
}

/// Opens the store of a folder as [`open_existing`] does or, while a server has it open, connects to that server.
///
/// # Errors
/// As [`open_existing`]; when that server's URL is unknown.
pub async fn open_or_connect(folder: PathBuf) -> Result<LocalStore, OpenError> {
    match open_existing(folder.clone()).await {
        Err(OpenError::InUse(place)) => {
            let url = fs::read_to_string(folder.join(ENDPOINT)).map_err(|_| OpenError::InUse(place))?;
            open(&Data::Endpoint(url)).await
        }
        opened => opened,
    }
}

fn lock(data: &Data) -> Result<Option<File>, OpenError> {
    let Data::Folder(folder) = data else { return Ok(None) };
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.try_lock().map_err(|_| OpenError::InUse(folder.display().to_string()))?;
    Ok(Some(lock))
}

/// Restricts the database file to its owner, and so the files that the database creates beside it. An empty file is a
/// new one only if no server has used the folder.
fn restrict_permissions(folder: &Path) -> Result<(), OpenError> {
    let file = folder.join(FILE);
    let is_empty = fs::metadata(&file).is_ok_and(|known| known.len() == 0);
    if is_empty && folder.join(ENDPOINT).exists() {
        return Err(OpenError::Emptied(file.display().to_string()));
    }
    let opened = OpenOptions::new().append(true).create(true).mode(OWNER_ONLY).open(&file)?;
    Ok(opened.set_permissions(Permissions::from_mode(OWNER_ONLY))?)
}

/// Opens the database, and prepares its stream for long use; returns the name it was opened under as well.
fn open_database(data: &Data) -> Result<(String, Database), OpenError> {
    let name = match data {
        Data::Folder(folder) => folder.join(FILE).display().to_string(),
        Data::Memory | Data::Endpoint(_) => in_memory(),
    };
    let failed = |problem: String| OpenError::Database { place: name.clone(), problem };
    let database = Database::new(&name).map_err(|error| failed(error.to_string()))?;
    stream_rows::prepare(&database, &name).map_err(|error| failed(error.to_string()))?;
    Ok((name, database))
}

/// A unique name in memory, under which this process can open the store more than once. The data is deleted with the
/// last connection.
fn in_memory() -> String {
    let number = MEMORY_STORES.fetch_add(1, Ordering::Relaxed);
    format!("file:ventanilla-{}-{number}?mode=memory&cache=shared", process::id())
}

/// The embedded store does not check credentials.
fn aws(url: String) -> Aws {
    Aws {
        credentials: Credentials::new("local", "local", None, None, "local"),
        region: Region::from_static("us-east-1"),
        dynamodb_endpoint: Some(url),
        secretsmanager_endpoint: None,
        sqs_endpoint: None,
        s3_endpoint: None,
    }
}
