//! The local server: all routes on one address, the sandbox beside them, the workers of the queues, and the sweep once
//! a minute.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    extract::State,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use ventanilla::{
    api::app::App,
    assembly::AppParts,
    aws::{
        dynamodb::{ChannelError, Table},
        s3::S3,
        secrets::SecretSource,
        websocket::GatewayConnections,
    },
    config::file::ConfigFile,
    domain::{caller::KeyHash, settings::Settings},
    ports::{
        clock::{Clock, Deadline, Entropy},
        store::StoreError,
    },
    system::{SystemClock, SystemEntropy},
    whatsapp::{
        http::{HttpClientError, client},
        url_guard::Internet,
        webhook_registry::WebhookRegistry,
    },
};
use ventanilla_sandbox::{
    Clock as SandboxClock, GRAPH_MOUNT, KALEYRA_MOUNT, Sandbox, SandboxConfig,
    serve::{Timeouts, serve_with_timeouts},
};

use crate::{
    allowed_origins::{self, AllowedOrigins},
    bucket::LocalBucket,
    fetch_queue,
    functions::{FunctionPorts, Functions},
    gateway::Gateway,
    job_queue,
    load_shedding::{self, MAX_CONCURRENT_REQUESTS},
    problem::problem,
    provision::provision,
    sandbox_numbers::{simulated_numbers, simulated_urls},
    secrets::FolderSecrets,
    store::{self, Data, LocalStore, OpenError},
    stream,
    write_notifier::WriteNotifier,
};

/// The table's name; the emulator requires at least ten characters.
pub const TABLE: &str = "ventanilla-local";

/// The sandbox's file in the data folder.
const SANDBOX_FILE: &str = "sandbox.jsonl";

/// How long one sweep may take.
const SWEEP_TIMEOUT: Duration = Duration::from_secs(50);

/// The options of a local server.
pub struct Options {
    /// The listener to accept connections on.
    pub listener: TcpListener,
    /// Where the data is stored.
    pub data: Data,
    /// Tenants, keys, apps and channels.
    pub config: ConfigFile,
    /// The clock of the server and of the sandbox.
    pub clock: Arc<dyn Clock>,
    /// The delay before each status webhook of the sandbox; 150 ms by default.
    pub status_delay: Duration,
    /// The time between two sweeps; one minute by default.
    pub sweep_interval: Duration,
    /// The longest time between polls of the table's stream; 2 s by default. Writes of this server cause a poll at
    /// once, so this is for other writers. `None` leaves polling to the caller.
    pub max_poll_interval: Option<Duration>,
    /// The settings of an operator.
    pub settings: Settings,
    /// How long a client may take to send headers and bodies.
    pub timeouts: Timeouts,
    /// The providers that channels may have.
    pub providers: WebhookRegistry,
    /// The most concurrent requests, for clients and for webhooks each; more are rejected with 503.
    pub max_concurrent_requests: usize,
}

impl Options {
    /// Options with the defaults of the command.
    #[must_use]
    pub fn new(listener: TcpListener, data: Data, config: ConfigFile) -> Self {
        let clock = Arc::new(SystemClock);
        let (status_delay, sweep_interval) = (Duration::from_millis(150), Duration::from_mins(1));
        let settings = Settings::default();
        let max_poll_interval = Some(Duration::from_secs(2));
        let (timeouts, max_concurrent_requests) = (Timeouts::default(), MAX_CONCURRENT_REQUESTS);
        Self {
            listener,
            data,
            config,
            clock,
            status_delay,
            sweep_interval,
            max_poll_interval,
            settings,
            timeouts,
            providers: WebhookRegistry::default(),
            max_concurrent_requests,
        }
    }
}

/// Why a local server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServerStartError {
    /// The data cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The config file cannot be written to the table.
    #[error(transparent)]
    Provision(#[from] ChannelError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// The listener has no address.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A running local server. Dropping it stops it.
pub struct LocalServer {
    /// The address that the server listens on.
    pub address: SocketAddr,
    /// The functions behind the routes and queues.
    pub functions: Functions,
    /// The table behind the application.
    pub table: Table,
    /// The simulated WhatsApp, for faults and logs.
    pub sandbox: Sandbox,
    /// The gateway that holds the open sockets.
    pub gateway: Gateway,
    /// The local replacement for the S3 bucket.
    pub bucket: LocalBucket,
    /// The task that fetches files; aborted, it fetches none.
    pub fetching: JoinHandle<()>,
    _store: LocalStore,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<io::Result<()>>,
    sweeping: JoinHandle<()>,
    working: JoinHandle<()>,
    following: Option<JoinHandle<()>>,
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        self.sweeping.abort();
        self.working.abort();
        self.fetching.abort();
        if let Some(following) = &self.following {
            following.abort();
        }
        self.serving.abort();
    }
}

impl LocalServer {
    /// Stops accepting requests, and lets open ones finish.
    pub async fn stop(mut self) {
        self.gateway.close_all();
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only when the server has stopped already.
            let _ = stop.send(());
        }
        let _ = (&mut self.serving).await;
    }
}

/// Starts a server.
///
/// # Errors
/// When the data cannot be opened, the config file cannot be written, or TLS cannot be set up.
pub async fn start(options: Options) -> Result<LocalServer, ServerStartError> {
    let address = options.listener.local_addr()?;
    let base = format!("http://{address}");
    let store = store::open(&options.data).await?;
    let http = client()?;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let notifier = WriteNotifier::default();
    let client = notifier.attach(&store.client(&http));
    let table = Table::new(client, TABLE.to_owned(), Arc::clone(&entropy));
    table.create_if_missing().await?;
    provision(&table, &options.config, Some(&simulated_urls(&base)), || {}).await?;
    let numbers = SandboxConfig::new(simulated_numbers(&options.config, &base));
    let clock = sandbox_clock(&options.clock);
    let windows_file = options.data.folder().map(|folder| folder.join(SANDBOX_FILE));
    let sandbox = Sandbox::new(
        SandboxConfig { status_delay: options.status_delay, clock, windows_file, ..numbers },
        http.clone(),
    );
    let secrets = match &options.data {
        Data::Folder(folder) => Some(Arc::new(FolderSecrets::new(folder)) as Arc<dyn SecretSource>),
        Data::Memory | Data::Endpoint(_) => None,
    };
    let (job_queue, jobs) = job_queue::channel();
    let (fetches, fetch_jobs) = fetch_queue::channel();
    let gateway = Gateway::new();
    let bucket = LocalBucket::new(options.data.folder(), Arc::clone(&options.clock), entropy.as_ref());
    let connections = GatewayConnections::new(store.aws.sockets(&http, base.clone()));
    let (assumed, allowed) =
        (assumed_key(&options.config), AllowedOrigins::new(&options.config.local.origins));
    let function_ports = FunctionPorts {
        queue: Arc::new(job_queue.clone()),
        fetches: Arc::new(fetches),
        connections: Arc::new(connections),
        bucket: Arc::new(S3::new(http.clone(), bucket.at(&base), Arc::clone(&options.clock))),
        providers: options.providers.clone(),
    };
    let parts = AppParts {
        // The simulated providers give download URLs on this machine. No other internal URL may be fetched.
        web: Arc::new(
            [GRAPH_MOUNT, KALEYRA_MOUNT]
                .iter()
                .fold(Internet::open(), |internet, mount| internet.and(&format!("{base}{mount}/media/"))),
        ),
        table: table.clone(),
        http: http.clone(),
        providers: options.providers.providers(),
        secrets,
        file: Some(Arc::new(options.config)),
        clock: Arc::clone(&options.clock),
        entropy,
        settings: options.settings,
    };
    let functions = Functions::new(App::new(parts.ports(), assumed), function_ports);
    let (stop, stopped) = oneshot::channel();
    let router = router(&functions, &sandbox, &gateway, &bucket, options.max_concurrent_requests)
        .layer(from_fn_with_state(allowed, allowed_origins::check_request));
    let serving = tokio::spawn(serve_with_timeouts(options.listener, router, options.timeouts, stopped));
    let sweeping = tokio::spawn(sweep(functions.clone(), options.sweep_interval));
    let working =
        tokio::spawn(job_queue::run(functions.worker.clone(), Arc::clone(&options.clock), job_queue, jobs));
    let fetching = tokio::spawn(fetch_queue::run(functions.fetch.clone(), options.clock, fetch_jobs));
    let endpoint = store.aws.dynamodb_endpoint.clone().unwrap_or_default();
    let follow =
        |every| tokio::spawn(stream::follow(functions.push.clone(), http, endpoint, notifier, every));
    let following = options.max_poll_interval.map(follow);
    let stop = Some(stop);
    Ok(LocalServer {
        address,
        functions,
        table,
        sandbox,
        gateway,
        bucket,
        _store: store,
        stop,
        serving,
        sweeping,
        working,
        fetching,
        following,
    })
}

/// The routers of all Lambda functions, side by side. Load shedding does not apply to the internal routes that they
/// call.
fn router(
    functions: &Functions,
    sandbox: &Sandbox,
    gateway: &Gateway,
    bucket: &LocalBucket,
    max_concurrent_requests: usize,
) -> Router {
    let limited = |routes: Router| {
        let permits = Arc::new(Semaphore::new(max_concurrent_requests));
        routes.layer(from_fn_with_state(permits, load_shedding::limit_concurrency))
    };
    Router::new()
        .merge(limited(functions.api()))
        // Clients in a long poll must not keep out the webhooks that end it.
        .merge(limited(functions.webhook()))
        .merge(gateway.router(functions.socket.clone(), Arc::clone(&functions.app.clock)))
        .merge(bucket.router())
        .merge(sandbox.control_router())
        .nest(GRAPH_MOUNT, sandbox.graph_router())
        .nest(KALEYRA_MOUNT, sandbox.kaleyra_router())
        .merge(Router::new().route("/health", get(health)).with_state(functions.app.clone()))
        .fallback(no_such_route)
}

/// The health check: the server answers, and its store does.
async fn health(State(app): State<App>) -> Response {
    match app.core.ports.template_caches.channels().await {
        Ok(_) => axum::Json(json!({ "status": "ok" })).into_response(),
        Err(error) => {
            tracing::error!(%error, "the store is unavailable");
            problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The store is unavailable.")
        }
    }
}

async fn no_such_route() -> Response {
    problem(StatusCode::NOT_FOUND, "not_found", "No such route")
}

/// The sandbox uses the server's clock, so that service windows close for both at once.
fn sandbox_clock(clock: &Arc<dyn Clock>) -> SandboxClock {
    let clock = Arc::clone(clock);
    SandboxClock::new(move || {
        let millis = u64::try_from(clock.now().millis()).unwrap_or_default();
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    })
}

/// The key for clients of a contract that send none.
fn assumed_key(config: &ConfigFile) -> Option<KeyHash> {
    let name = config.local.assume_key.as_deref()?;
    let mut keys = config.tenants.iter().flat_map(|tenant| &tenant.keys);
    KeyHash::of(keys.find(|key| key.name == name)?.key.expose_secret())
}

async fn sweep(functions: Functions, every: Duration) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    loop {
        ticks.tick().await;
        let deadline = Deadline(functions.app.clock.now().plus(SWEEP_TIMEOUT));
        if let Err(error) = reconcile::handle(&functions.reconcile, deadline).await {
            tracing::error!(%error, "the sweep failed; the next one retries");
        }
    }
}
