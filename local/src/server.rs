//! The local server: all routes on one address, the sandbox beside them, the worker at its queue,
//! the sweep once a minute.

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
    assembly::Parts,
    aws::dynamodb::{ChannelError, Table},
    aws::s3::S3,
    aws::secrets::SecretSource,
    aws::websocket::GatewayPosts,
    config::file::ConfigFile,
    domain::{caller::KeyHash, settings::Settings},
    ports::{
        book::StoreError,
        clock::{Clock, Deadline, Entropy},
    },
    system::{SystemClock, SystemEntropy},
    whatsapp::{
        http::{HttpClientError, client},
        registry::Registry,
        url_guard::Internet,
    },
};
use ventanilla_sandbox::{
    Clock as SandboxClock, GRAPH_MOUNT, KALEYRA_MOUNT, Sandbox, SandboxConfig,
    serve::{Patience, serve_patiently},
};

use crate::{
    access::{self, Access},
    bell::Bell,
    bucket::LocalBucket,
    fetching,
    gateway::Gateway,
    load::{self, MOST_AT_ONCE},
    numbers::{numbers, simulated},
    problem::problem,
    provision::provision,
    queue,
    secrets::FolderSecrets,
    store::{self, Data, OpenError, Store},
    stream,
};

/// The table's name; the emulator wants ten characters at least.
pub const TABLE: &str = "ventanilla-local";

/// The file in the data folder that is the simulated WhatsApp's.
const SANDBOX_FILE: &str = "sandbox.jsonl";

/// How long a sweep may take.
const SWEEP_PATIENCE: Duration = Duration::from_secs(50);

/// What a local server is made of.
pub struct Options {
    /// Where it answers.
    pub listener: TcpListener,
    /// Where the data is kept.
    pub data: Data,
    /// Tenants, keys, apps, channels.
    pub config: ConfigFile,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Time between the sandbox's status callbacks.
    pub pace: Duration,
    /// Time between sweeps.
    pub sweep_every: Duration,
    /// The longest time between looks at the table's stream. What this server writes is seen at once, so this is for
    /// what others write. None leaves looking to whoever started the server.
    pub follow_every: Option<Duration>,
    /// What an operator may set.
    pub settings: Settings,
    /// How long a client may take to send something.
    pub patience: Patience,
    /// Which providers there are.
    pub providers: Registry,
    /// Requests of clients, and callbacks, that are answered at a time, of each so many; more are turned away.
    pub most_at_once: usize,
}

impl Options {
    /// The usual settings.
    #[must_use]
    pub fn new(listener: TcpListener, data: Data, config: ConfigFile) -> Self {
        let clock = Arc::new(SystemClock);
        let (pace, sweep_every) = (Duration::from_millis(150), Duration::from_mins(1));
        let settings = Settings::default();
        let follow_every = Some(Duration::from_secs(2));
        let (patience, most_at_once) = (Patience::default(), MOST_AT_ONCE);
        Self {
            listener,
            data,
            config,
            clock,
            pace,
            sweep_every,
            follow_every,
            settings,
            patience,
            providers: Registry::default(),
            most_at_once,
        }
    }
}

/// A local server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the config file names cannot be written.
    #[error(transparent)]
    Provision(#[from] ChannelError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// The address cannot be told.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A running local server. Dropping it stops it.
pub struct Running {
    /// Where it answers.
    pub address: SocketAddr,
    /// The application behind the routes.
    pub app: App,
    /// The table behind the application.
    pub table: Table,
    /// The simulated WhatsApp.
    pub sandbox: Sandbox,
    /// What keeps sockets open.
    pub gateway: Gateway,
    /// What keeps files.
    pub bucket: LocalBucket,
    /// Who fetches files: nobody does, once it is aborted.
    pub fetching: JoinHandle<()>,
    _store: Store,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<io::Result<()>>,
    sweeping: JoinHandle<()>,
    working: JoinHandle<()>,
    following: Option<JoinHandle<()>>,
}

impl Drop for Running {
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

impl Running {
    /// Stops taking requests and lets open ones finish.
    pub async fn stop(mut self) {
        self.gateway.close_all();
        if let Some(stop) = self.stop.take() {
            // The other end is gone only when the server has ended already.
            let _ = stop.send(());
        }
        let _ = (&mut self.serving).await;
    }
}

/// Starts a server.
///
/// # Errors
/// In one line, what stands in its way.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let address = options.listener.local_addr()?;
    let base = format!("http://{address}");
    let store = store::open(&options.data).await?;
    let http = client()?;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let bell = Bell::default();
    let client = bell.on(&store.client(&http));
    let table = Table::new(client, TABLE.to_owned(), Arc::clone(&entropy));
    table.create_if_missing().await?;
    provision(&table, &options.config, Some(&simulated(&base)), || {}).await?;
    let numbers = SandboxConfig::new(numbers(&options.config, &base));
    let clock = sandbox_clock(&options.clock);
    let kept_in = options.data.folder().map(|folder| folder.join(SANDBOX_FILE));
    let sandbox = Sandbox::new(SandboxConfig { pace: options.pace, clock, kept_in, ..numbers }, http.clone());
    let secrets = match &options.data {
        Data::Folder(folder) => Some(Arc::new(FolderSecrets::new(folder)) as Arc<dyn SecretSource>),
        Data::Memory | Data::Endpoint(_) => None,
    };
    let (way_in, jobs) = queue::queue();
    let (wants, wanted) = fetching::queue();
    let gateway = Gateway::new();
    let bucket = LocalBucket::new(options.data.folder(), Arc::clone(&options.clock), entropy.as_ref());
    let posts = GatewayPosts::new(store.aws.sockets(&http, base.clone()));
    let (assumed, access) = (assumed(&options.config), Access::new(&options.config.local.origins));
    let app = Parts {
        queue: Arc::new(way_in.clone()),
        files: Arc::new(S3::new(http.clone(), bucket.at(&base), Arc::clone(&options.clock))),
        fetches: Arc::new(wants),
        // The simulated providers give addresses of files on this very machine. Nothing else here may be fetched.
        web: Arc::new(
            [GRAPH_MOUNT, KALEYRA_MOUNT]
                .iter()
                .fold(Internet::open(), |internet, mount| internet.and(&format!("{base}{mount}/media/"))),
        ),
        posts: Arc::new(posts),
        table: table.clone(),
        http: http.clone(),
        providers: options.providers,
        secrets,
        assumed,
        file: Some(Arc::new(options.config)),
        clock: Arc::clone(&options.clock),
        entropy,
        settings: options.settings,
    }
    .build();
    let (stop, stopped) = oneshot::channel();
    let router = router(&app, &sandbox, &gateway, &bucket, options.most_at_once)
        .layer(from_fn_with_state(access, access::guard));
    let serving = tokio::spawn(serve_patiently(options.listener, router, options.patience, stopped));
    let sweeping = tokio::spawn(sweep(app.clone(), options.sweep_every));
    let working = tokio::spawn(queue::serve(app.clone(), way_in, jobs));
    let fetching = tokio::spawn(fetching::serve(app.clone(), wanted));
    let endpoint = store.aws.dynamodb_endpoint.clone().unwrap_or_default();
    let follow = |every| tokio::spawn(stream::follow(app.clone(), http, endpoint, bell, every));
    let following = options.follow_every.map(follow);
    let stop = Some(stop);
    Ok(Running {
        address,
        app,
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

/// The very routers that the Lambda functions hand to their runtime, side by side. What these call while they answer is
/// never turned away.
fn router(
    app: &App,
    sandbox: &Sandbox,
    gateway: &Gateway,
    bucket: &LocalBucket,
    most_at_once: usize,
) -> Router {
    let narrow = |routes: Router| {
        let places = Arc::new(Semaphore::new(most_at_once));
        routes.layer(from_fn_with_state(places, load::admit))
    };
    let api = Router::new()
        .merge(reply::router(app.clone()))
        .merge(send::router(app.clone()))
        .merge(send_template::router(app.clone()))
        .merge(sync_templates::router(app.clone()))
        .merge(inbox::router(app.clone()));
    Router::new()
        .merge(narrow(api))
        // Who waits for something to happen must not keep out what tells that it has.
        .merge(narrow(webhook::router(app.clone())))
        .merge(gateway.router(app.clone()))
        .merge(bucket.router())
        .merge(sandbox.control_router())
        .nest(GRAPH_MOUNT, sandbox.graph_router())
        .nest(KALEYRA_MOUNT, sandbox.kaleyra_router())
        .merge(Router::new().route("/health", get(health)).with_state(app.clone()))
        .fallback(no_such_route)
}

/// Whether the server works: that it answers at all, and that its store does.
async fn health(State(app): State<App>) -> Response {
    match app.core.catalogues.channels().await {
        Ok(_) => axum::Json(json!({ "status": "ok" })).into_response(),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The store does not answer.")
        }
    }
}

async fn no_such_route() -> Response {
    problem(StatusCode::NOT_FOUND, "not_found", "No such route")
}

/// The simulated WhatsApp goes by the server's own time, so that windows close for both at once.
fn sandbox_clock(clock: &Arc<dyn Clock>) -> SandboxClock {
    let clock = Arc::clone(clock);
    SandboxClock::new(move || {
        let millis = u64::try_from(clock.now().millis()).unwrap_or_default();
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    })
}

/// The key that counts when a contract's clients send none.
fn assumed(config: &ConfigFile) -> Option<KeyHash> {
    let name = config.local.assume_key.as_deref()?;
    let mut keys = config.tenants.iter().flat_map(|tenant| &tenant.keys);
    KeyHash::of(keys.find(|key| key.name == name)?.key.expose_secret())
}

async fn sweep(app: App, every: Duration) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    loop {
        ticks.tick().await;
        let deadline = Deadline(app.clock.now().plus(SWEEP_PATIENCE));
        if let Err(error) = reconcile::handle(&app, deadline).await {
            tracing::error!(%error, "the sweep failed; the next one tries again");
        }
    }
}
