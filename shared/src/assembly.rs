//! Builds an application: from the environment for a function, from parts for a local server or a test.

use std::{ops::RangeInclusive, path::Path, sync::Arc, time::Duration};

use crate::config::{
    aws::Aws,
    env::{self, EnvError},
    file::{ConfigError, ConfigFile},
};
use crate::credentials::CachedCredentials;
use ventanilla_api::app::App;
use ventanilla_aws::{
    dynamodb::{Table, cached::CachedDirectory},
    s3::{NoFiles, S3},
    secrets::{SecretSource, SecretsManager},
    sqs::{FetchSqs, NoQueue, Sqs},
    websocket::{GatewayPosts, NoPosts},
};
use ventanilla_core::{
    domain::{caller::KeyHash, mint::Mint, settings::Settings},
    ports::{
        clock::{Clock, Entropy},
        files::{Files, Web},
        queue::{FetchQueue, Queue},
        sockets::Posts,
    },
    system::{SystemClock, SystemEntropy},
    usecases::{Context, Outside, Ports, UseCases},
};
use ventanilla_whatsapp::{
    http::{HttpClientError, client},
    providers::Providers,
    registry::Registry,
    url_guard::Internet,
};

/// The prefix of secrets' names unless `VENTANILLA_SECRET_PREFIX` sets another.
const SECRET_PREFIX: &str = "ventanilla/";

/// The parts that an application is built from.
pub struct Parts {
    /// The table of all tenants.
    pub table: Table,
    /// The HTTP client of all outgoing calls.
    pub http: reqwest::Client,
    /// The providers that channels can name.
    pub providers: Registry,
    /// The source of secrets, besides the configuration file.
    pub secrets: Option<Arc<dyn SecretSource>>,
    /// The configuration file, where there is one.
    pub file: Option<Arc<ConfigFile>>,
    /// The queue of background jobs.
    pub queue: Arc<dyn Queue>,
    /// The store of files' bytes.
    pub files: Arc<dyn Files>,
    /// The queue of files to fetch.
    pub fetches: Arc<dyn FetchQueue>,
    /// Downloads from URLs that others name.
    pub web: Arc<dyn Web>,
    /// The push to open sockets.
    pub posts: Arc<dyn Posts>,
    /// The source of the current time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The API key that the local server assumes for contracts whose clients send none.
    pub assumed: Option<KeyHash>,
    /// The settings that an operator may change.
    pub settings: Settings,
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable of the environment is missing or invalid.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// The configuration file is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The TLS configuration failed.
    #[error(transparent)]
    Http(#[from] HttpClientError),
}

impl Parts {
    /// Builds the application.
    #[must_use]
    pub fn build(self) -> App {
        let table = Arc::new(self.table.clone());
        let credentials =
            CachedCredentials::new(self.secrets, self.file, Arc::clone(&self.clock), self.providers.clone());
        let ports = Ports {
            ctx: Arc::new(Context {
                store: table.clone(),
                ids: Mint::new(Arc::clone(&self.clock), self.entropy),
                settings: self.settings,
            }),
            attempts: table.clone(),
            suppressions: table.clone(),
            catalogues: table.clone(),
            checkups: table.clone(),
            broadcast_records: table.clone(),
            sockets: table.clone(),
            lead_records: table.clone(),
            log: table.clone(),
            inbox: table.clone(),
            file_records: table.clone(),
            web: self.web,
            directory: Arc::new(CachedDirectory::new(self.table, Arc::clone(&self.clock))),
            credentials: Arc::new(credentials),
            provider: Arc::new(Providers::new(&self.providers, &self.http)),
        };
        let outside = Outside {
            queue: self.queue,
            fetches: self.fetches,
            connections: self.posts,
            file_store: self.files,
        };
        let core = Arc::new(UseCases::new(ports, outside));
        let (inbox, archive) = (table.clone(), table);
        App { core, providers: self.providers, inbox, archive, clock: self.clock, assumed: self.assumed }
    }
}

/// The application of a function: `VENTANILLA_TABLE` names the table, `VENTANILLA_SECRET_PREFIX` the
/// secrets, `VENTANILLA_CONFIG` a configuration file for what Secrets Manager does not have,
/// `VENTANILLA_BUCKET` the bucket, for functions that have one.
///
/// # Errors
/// Names what is missing or wrong.
pub fn from_env() -> Result<App, StartError> {
    from_env_with(&[])
}

/// The same with clients of further services, like [`job_queue`].
///
/// # Errors
/// Names what is missing or wrong.
pub fn from_env_with(clients: &[Client]) -> Result<App, StartError> {
    let aws = Aws::from_env()?;
    let mut parts = parts(&aws)?;
    for add in clients {
        add(&aws, &mut parts);
    }
    Ok(parts.build())
}

/// Adds the client of a further service. A function's binary contains only those that it names.
pub type Client = fn(&Aws, &mut Parts);

/// Amazon SQS for jobs, where `VENTANILLA_QUEUE_URL` names their queue.
pub fn job_queue(aws: &Aws, parts: &mut Parts) {
    if let Some(url) = env::optional("VENTANILLA_QUEUE_URL") {
        parts.queue = Arc::new(Sqs::new(aws.sqs(&parts.http), url, Arc::clone(&parts.entropy)));
    }
}

/// Amazon SQS for files to fetch, where `VENTANILLA_FETCH_QUEUE_URL` names their queue.
pub fn fetch_queue(aws: &Aws, parts: &mut Parts) {
    if let Some(url) = env::optional("VENTANILLA_FETCH_QUEUE_URL") {
        parts.fetches = Arc::new(FetchSqs::new(aws.sqs(&parts.http), url));
    }
}

/// API Gateway's management API, where `VENTANILLA_SOCKET_URL` names that of the sockets.
pub fn socket_gateway(aws: &Aws, parts: &mut Parts) {
    if let Some(url) = env::optional("VENTANILLA_SOCKET_URL") {
        parts.posts = Arc::new(GatewayPosts::new(aws.sockets(&parts.http, url)));
    }
}

/// The parts that every function has.
fn parts(aws: &Aws) -> Result<Parts, StartError> {
    let http = client()?;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let file =
        env::optional("VENTANILLA_CONFIG").map(|path| ConfigFile::load(Path::new(&path))).transpose()?;
    let files: Arc<dyn Files> = match env::optional("VENTANILLA_BUCKET") {
        Some(name) => Arc::new(S3::new(http.clone(), aws.bucket(name), Arc::new(SystemClock))),
        None => Arc::new(NoFiles),
    };
    Ok(Parts {
        table: Table::new(aws.dynamodb(&http), env::required("VENTANILLA_TABLE")?, Arc::clone(&entropy)),
        secrets: Some(Arc::new(secrets(aws, &http))),
        http,
        providers: Registry::default(),
        file: file.map(Arc::new),
        queue: Arc::new(NoQueue),
        files,
        fetches: Arc::new(NoQueue),
        web: Arc::new(Internet::open()),
        posts: Arc::new(NoPosts),
        clock: Arc::new(SystemClock),
        entropy,
        assumed: None,
        settings: settings()?,
    })
}

/// Secrets Manager, with the names that functions read from: below `VENTANILLA_SECRET_PREFIX`.
#[must_use]
pub fn secrets(aws: &Aws, http: &reqwest::Client) -> SecretsManager {
    let prefix = env::optional("VENTANILLA_SECRET_PREFIX").unwrap_or_else(|| SECRET_PREFIX.to_owned());
    SecretsManager::new(aws.secretsmanager(http), prefix)
}

/// The settings from the environment: `VENTANILLA_RAW_DAYS`, `VENTANILLA_FILE_DAYS`,
/// `VENTANILLA_SILENT_AFTER_MINUTES`, `VENTANILLA_EVENT_WAIT_SECONDS`, `VENTANILLA_STOP_WORDS` and
/// `VENTANILLA_START_WORDS`; words are separated by commas, and the list may be empty.
///
/// # Errors
/// Names the variable that is not a whole number in its range.
pub fn settings() -> Result<Settings, EnvError> {
    let usual = Settings::default();
    let days = whole("VENTANILLA_RAW_DAYS", 1..=3650)?;
    let minutes = whole("VENTANILLA_SILENT_AFTER_MINUTES", 1..=7 * 24 * 60)?;
    let file_days = whole("VENTANILLA_FILE_DAYS", 1..=3650)?;
    let wait = whole("VENTANILLA_EVENT_WAIT_SECONDS", 0..=usual.event_wait.as_secs())?;
    Ok(Settings {
        files_kept: file_days.map_or(usual.files_kept, |days| Duration::from_hours(24 * days)),
        raw_kept: days.map_or(usual.raw_kept, |days| Duration::from_hours(24 * days)),
        file_patience: usual.file_patience,
        status_patience: minutes.map_or(usual.status_patience, Duration::from_mins),
        event_wait: wait.map_or(usual.event_wait, Duration::from_secs),
        stop_words: words("VENTANILLA_STOP_WORDS", usual.stop_words),
        start_words: words("VENTANILLA_START_WORDS", usual.start_words),
    })
}

/// The whole number in a variable, within its limits.
fn whole(name: &'static str, limits: RangeInclusive<u64>) -> Result<Option<u64>, EnvError> {
    match env::parsed::<u64>(name)? {
        Some(number) if !limits.contains(&number) => {
            let problem = format!("must be {} to {}", limits.start(), limits.end());
            Err(EnvError::Malformed { name, problem })
        }
        number => Ok(number),
    }
}

/// The words in a variable, separated by commas; the default ones where it is not set.
fn words(variable: &str, usual: Vec<String>) -> Vec<String> {
    env::given(variable).map_or(usual, |given| {
        given.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
    })
}
