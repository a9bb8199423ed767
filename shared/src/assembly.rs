//! What use cases are built of: from the environment for a function, from parts for a local server or a test.

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
    s3::S3,
    secrets::{SecretSource, SecretsManager},
    sqs::{FetchSqs, Sqs},
    websocket::GatewayConnections,
};
use ventanilla_core::{
    domain::{ids::Ids, settings::Settings},
    ports::{
        clock::{Clock, Entropy},
        files::{FileStore, Web},
        queue::{FetchQueue, Queue},
        sockets::Connections,
    },
    system::{SystemClock, SystemEntropy},
    usecases::{Context, Ports},
};
use ventanilla_whatsapp::{
    http::{HttpClientError, client},
    providers::Providers,
    registry::Registry,
    url_guard::Internet,
    webhook_registry::WebhookRegistry,
};

/// The prefix of secrets' names unless `VENTANILLA_SECRET_PREFIX` sets another.
const SECRET_PREFIX: &str = "ventanilla/";

/// What [`Ports`] are made of.
pub struct AppParts {
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
    /// Downloads from URLs that others name.
    pub web: Arc<dyn Web>,
    /// The source of the current time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub entropy: Arc<dyn Entropy>,
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

impl AppParts {
    /// The ports over these parts.
    #[must_use]
    pub fn ports(self) -> Ports {
        let table = Arc::new(self.table.clone());
        let credentials =
            CachedCredentials::new(self.secrets, self.file, Arc::clone(&self.clock), self.providers.clone());
        Ports {
            ctx: Arc::new(Context {
                store: table.clone(),
                ids: Ids::new(Arc::clone(&self.clock), self.entropy),
                settings: self.settings,
            }),
            attempts: table.clone(),
            opt_out_records: table.clone(),
            template_caches: table.clone(),
            health_checks: table.clone(),
            broadcast_records: table.clone(),
            sockets: table.clone(),
            lead_records: table.clone(),
            log: table.clone(),
            inbox: table.clone(),
            file_records: table,
            web: self.web,
            directory: Arc::new(CachedDirectory::new(self.table, self.clock)),
            credentials: Arc::new(credentials),
            provider: Arc::new(Providers::new(&self.providers, &self.http)),
        }
    }
}

/// What a function is built of, as its environment describes it. Each method gives a port that only some functions have,
/// and requires the variable that says where it is. A function's binary holds the clients of those that its `main` asks
/// for.
pub struct Assembly {
    /// The ports that every function has.
    pub ports: Ports,
    aws: Aws,
    http: reqwest::Client,
    entropy: Arc<dyn Entropy>,
}

impl Assembly {
    /// Reads what every function has: `VENTANILLA_TABLE` names the table, `VENTANILLA_SECRET_PREFIX` the secrets,
    /// `VENTANILLA_CONFIG` a config file for what Secrets Manager does not have.
    ///
    /// # Errors
    /// Names what is missing or wrong.
    pub fn from_env() -> Result<Self, StartError> {
        let (aws, http) = (Aws::from_env()?, client()?);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let file =
            env::optional("VENTANILLA_CONFIG").map(|path| ConfigFile::load(Path::new(&path))).transpose()?;
        let table = env::required("VENTANILLA_TABLE")?;
        let parts = AppParts {
            table: Table::new(aws.dynamodb(&http), table, Arc::clone(&entropy)),
            secrets: Some(Arc::new(secrets(&aws, &http))),
            http: http.clone(),
            providers: Registry::default(),
            file: file.map(Arc::new),
            web: Arc::new(Internet::open()),
            clock: Arc::new(SystemClock),
            entropy: Arc::clone(&entropy),
            settings: settings()?,
        };
        Ok(Self { ports: parts.ports(), aws, http, entropy })
    }

    /// The application of an HTTP function, whose clients all send keys.
    #[must_use]
    pub fn app(&self) -> App {
        App::new(self.ports.clone(), None)
    }

    /// The providers whose webhooks are received.
    #[must_use]
    pub fn webhook_providers() -> WebhookRegistry {
        WebhookRegistry::default()
    }

    /// The bucket of files, in Amazon S3.
    ///
    /// # Errors
    /// When `VENTANILLA_BUCKET`, its name, is not set.
    pub fn bucket(&self) -> Result<Arc<dyn FileStore>, EnvError> {
        let name = env::required("VENTANILLA_BUCKET")?;
        Ok(Arc::new(S3::new(self.http.clone(), self.aws.bucket(name), Arc::new(SystemClock))))
    }

    /// The queue of jobs, in Amazon SQS.
    ///
    /// # Errors
    /// When `VENTANILLA_QUEUE_URL` is not set.
    pub fn job_queue(&self) -> Result<Arc<dyn Queue>, EnvError> {
        let url = env::required("VENTANILLA_QUEUE_URL")?;
        Ok(Arc::new(Sqs::new(self.aws.sqs(&self.http), url, Arc::clone(&self.entropy))))
    }

    /// The queue of files to fetch, in Amazon SQS.
    ///
    /// # Errors
    /// When `VENTANILLA_FETCH_QUEUE_URL` is not set.
    pub fn fetch_queue(&self) -> Result<Arc<dyn FetchQueue>, EnvError> {
        let url = env::required("VENTANILLA_FETCH_QUEUE_URL")?;
        Ok(Arc::new(FetchSqs::new(self.aws.sqs(&self.http), url)))
    }

    /// The connections of open sockets, in API Gateway's management API.
    ///
    /// # Errors
    /// When `VENTANILLA_SOCKET_URL` is not set.
    pub fn connections(&self) -> Result<Arc<dyn Connections>, EnvError> {
        let url = env::required("VENTANILLA_SOCKET_URL")?;
        Ok(Arc::new(GatewayConnections::new(self.aws.sockets(&self.http, url))))
    }
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
