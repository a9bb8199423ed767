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

/// The file of a data folder.
const FILE: &str = "data.sqlite";

/// Whoever runs the server may read and write it, and nobody else.
const OWNER_ONLY: u32 = 0o600;

/// Where the store of a data folder answers while it is open.
const ENDPOINT: &str = "endpoint";

/// The table in which the follower of the stream keeps its place; it has no stream itself.
pub(crate) const POSITIONS_TABLE: &str = "ventanilla-local-places";

/// How long the store of this very process may take for an answer, and for one with its repeats. It cannot be lost on
/// the way; a machine that has too much to do at once is slow, and what is late is not lost either.
const STORE_TIMEOUTS: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(25));

/// How many stores this process has opened in memory: each has a name of its own.
static MEMORY_STORES: AtomicU64 = AtomicU64::new(0);

/// Where the data is kept.
#[derive(Debug, Clone)]
pub enum Data {
    /// Nowhere: it goes with the process.
    Memory,
    /// In a file of this folder.
    Folder(PathBuf),
    /// In a DynamoDB that runs elsewhere.
    Endpoint(String),
}

impl Data {
    /// The folder, where it is kept in one.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        match self {
            Self::Folder(folder) => Some(folder.clone()),
            Self::Memory | Self::Endpoint(_) => None,
        }
    }
}

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made, or no port is free.
    #[error("the data cannot be kept: {0}")]
    Io(#[from] io::Error),
    /// Another server keeps its data there.
    #[error("the data in {0} is in use by another server")]
    InUse(String),
    /// The file of a data folder that was used before holds nothing: what was in it is lost, and must not seem to have
    /// never been.
    #[error("the data in {0} was emptied; put a copy of it back, or remove it to begin anew")]
    Emptied(String),
    /// There is nothing to open.
    #[error("there is no data in {0}")]
    NotFound(String),
    /// The file is no database.
    #[error("the data in {place} cannot be opened: {problem}")]
    Database {
        /// Where it is.
        place: String,
        /// What the database says.
        problem: String,
    },
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    /// How to reach it.
    pub aws: Aws,
    server: Option<JoinHandle<()>>,
    /// Held for as long as the store is open: two servers on one folder would undo each other.
    _lock: Option<File>,
}

impl Store {
    /// A client of it.
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

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

/// Opens the store and serves it on a port of this machine.
///
/// # Errors
/// When the data cannot be opened or no port is free.
pub async fn open(data: &Data) -> Result<Store, OpenError> {
    if let Data::Endpoint(url) = data {
        return Ok(Store { aws: aws(url.clone()), server: None, _lock: None });
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
            tracing::error!(error, "the embedded store ended");
        }
    });
    Ok(Store { aws: aws(url), server: Some(server), _lock: lock })
}

/// Opens the store of a folder that a server kept its data in before.
///
/// # Errors
/// When there is none, or as [`open`].
pub async fn open_existing(folder: PathBuf) -> Result<Store, OpenError> {
    if !folder.join(FILE).exists() {
        return Err(OpenError::NotFound(folder.display().to_string()));
    }
    open(&Data::Folder(folder)).await
}

/// Opens the store of a folder as [`open_existing`] does or, while a server has it open, reaches it through that.
///
/// # Errors
/// As [`open_existing`]; when whoever has it open does not say where it answers.
pub async fn open_or_connect(folder: PathBuf) -> Result<Store, OpenError> {
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

/// Sees to it that only its owner may read the file of a folder; what the database keeps beside it while it is open gets
/// the same rights. A file without content is a new one only where no server ran before.
fn restrict_permissions(folder: &Path) -> Result<(), OpenError> {
    let file = folder.join(FILE);
    let is_empty = fs::metadata(&file).is_ok_and(|known| known.len() == 0);
    if is_empty && folder.join(ENDPOINT).exists() {
        return Err(OpenError::Emptied(file.display().to_string()));
    }
    let opened = OpenOptions::new().append(true).create(true).mode(OWNER_ONLY).open(&file)?;
    Ok(opened.set_permissions(Permissions::from_mode(OWNER_ONLY))?)
}

/// Opens the database and makes its stream fit for long use; gives the name under which it was opened as well.
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

/// A new name in memory, under which this process can open it more than once; it goes with its last connection.
fn in_memory() -> String {
    let number = MEMORY_STORES.fetch_add(1, Ordering::Relaxed);
    format!("file:ventanilla-{}-{number}?mode=memory&cache=shared", process::id())
}

/// Any credentials will do: nobody checks them.
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
