//! The handle to a running sandbox.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::Router;
use tokio::sync::Semaphore;

use crate::{
    BusinessNumber, Clock, FaultRule, LogEntry, ResponseDelay, SandboxConfig, ServiceWindow, Settings,
    control,
    delay::{DelayedCall, PendingDelays, StatusGate},
    graph::{self, Profile},
    health::AccountHealth,
    kaleyra,
    media::{FileFault, MediaStore},
    pending::PendingWork,
    phones::Phones,
    routing::Threads,
    service_windows::ServiceWindows,
    templates::{TemplateHistory, Templates},
    usage::Usage,
    webhook::MAX_CONCURRENT_DELIVERIES,
};

/// Where the local server mounts [`Sandbox::graph_router`]; media links in webhooks assume it.
pub const GRAPH_MOUNT: &str = "/sandbox/graph";

/// Where the local server mounts [`Sandbox::kaleyra_router`]; media links in webhooks assume it.
pub const KALEYRA_MOUNT: &str = "/sandbox/kaleyra";

/// The delay before the first retry of a webhook; doubled after each.
const RETRY_BACKOFF: Duration = Duration::from_millis(200);

/// A simulated Meta, with a simulated Kaleyra in front of it. Clones share one state.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    numbers: Mutex<Vec<Arc<BusinessNumber>>>,
    status_delay: Duration,
    clock: Clock,
    retry_backoff: Mutex<Duration>,
    client: reqwest::Client,
    pending: PendingWork,
    gate: StatusGate,
    delivery_slots: Semaphore,
    state: Mutex<State>,
    windows: ServiceWindows,
}

/// Everything that changes while the sandbox runs.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) phones: Phones,
    pub(crate) rules: Vec<FaultRule>,
    pub(crate) delays: PendingDelays,
    pub(crate) media: MediaStore,
    pub(crate) file_faults: Vec<FileFault>,
    pub(crate) templates: Templates,
    pub(crate) template_history: TemplateHistory,
    pub(crate) threads: Threads,
    /// By the number's id; others are healthy.
    pub(crate) account_health: HashMap<String, AccountHealth>,
    /// The profiles that the business changed, by the number's id.
    pub(crate) profiles: HashMap<String, Profile>,
    pub(crate) usage: Usage,
    pub(crate) log: Vec<LogEntry>,
}

impl Sandbox {
    /// A sandbox whose accounts have the demo templates. Phones are new, except those in the file of service windows.
    ///
    /// Webhooks are sent with `client`, over plain HTTP.
    #[must_use]
    pub fn new(config: SandboxConfig, client: reqwest::Client) -> Self {
        let accounts = config.numbers.iter().map(|number| number.waba_id.as_str());
        let (windows, last_inbounds) =
            ServiceWindows::open(config.windows_file.as_deref(), config.clock.unix_now());
        let mut phones = Phones::default();
        for last_inbound in last_inbounds {
            phones.restore(last_inbound);
        }
        let state = State {
            settings: Settings { service_window: config.service_window, ..Settings::default() },
            phones,
            templates: Templates::new(accounts),
            ..State::default()
        };
        Self(Arc::new(Inner {
            numbers: Mutex::new(config.numbers.into_iter().map(Arc::new).collect()),
            status_delay: config.status_delay,
            clock: config.clock,
            retry_backoff: Mutex::new(RETRY_BACKOFF),
            client,
            pending: PendingWork::new(),
            gate: StatusGate::default(),
            delivery_slots: Semaphore::new(MAX_CONCURRENT_DELIVERIES),
            state: Mutex::new(state),
            windows,
        }))
    }

    /// The Graph endpoints, to be nested under [`GRAPH_MOUNT`].
    pub fn graph_router(&self) -> Router {
        graph::router(self.clone())
    }

    /// Kaleyra's endpoints, to be nested under [`KALEYRA_MOUNT`].
    pub fn kaleyra_router(&self) -> Router {
        kaleyra::router(self.clone())
    }

    /// The routes that control phones, templates and faults; their paths start with `/sandbox/`.
    pub fn control_router(&self) -> Router {
        control::router(self.clone())
    }

    /// Limits how many webhooks are delivered at a time.
    pub(crate) fn delivery_slots(&self) -> &Semaphore {
        &self.0.delivery_slots
    }

    /// Resolves when no webhook is pending, retries included.
    pub async fn until_idle(&self) {
        let _guard = self.0.gate.open_while_held();
        self.0.pending.until_idle().await;
    }

    /// From now on statuses are sent only while a test waits in [`Self::until_idle`], except those that come before the
    /// response. So the sender has handled the response by then, however slow the machine is.
    pub fn pause_statuses(&self) {
        self.0.gate.pause();
    }

    /// Resolves as soon as statuses may be sent.
    pub(crate) async fn status_gate_opened(&self) {
        self.0.gate.opened().await;
    }

    /// All log entries so far, in order.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        self.state().log.clone()
    }

    /// Injects a fault into the next download of a file; several are used in order.
    pub fn inject_file_fault(&self, fault: FileFault) {
        self.state().file_faults.push(fault);
    }

    /// Removes and returns the first file fault in line, if it applies here.
    pub(crate) fn next_file_fault(&self, applies: impl FnOnce(FileFault) -> bool) -> Option<FileFault> {
        let mut state = self.state();
        let first = state.file_faults.first().copied().filter(|fault| applies(*fault));
        first.inspect(|_| {
            state.file_faults.remove(0);
        })
    }

    /// Injects a fault; rules are evaluated in the order they were added.
    pub fn inject(&self, rule: FaultRule) {
        self.state().rules.push(rule);
    }

    /// Delays the response to the next call for a list of templates. The call is in the log, and the response shows the
    /// state when it came.
    #[must_use]
    pub fn delay_list(&self) -> ResponseDelay {
        self.state().delays.add(DelayedCall::List)
    }

    /// Delays the response to the next message to this number or BSUID. The outcome of the message is in the log.
    #[must_use]
    pub fn delay_send(&self, to: impl Into<String>) -> ResponseDelay {
        self.state().delays.add(DelayedCall::Send(to.into()))
    }

    /// Enforces the 24-hour rule from now on, or ignores it.
    pub fn set_service_window(&self, service_window: ServiceWindow) {
        self.state().settings.service_window = service_window;
    }

    /// The rules that apply now.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state().settings.clone()
    }

    /// Replaces the rules from now on.
    pub fn set_settings(&self, settings: Settings) {
        self.state().settings = settings;
    }

    /// When a download URL that is given now expires, in Unix seconds.
    pub(crate) fn url_expires_at(&self) -> i64 {
        let lifetime = self.state().settings.media.url_seconds;
        self.clock().unix_now() + i64::from(lifetime)
    }

    /// Sets the health of a number at Meta.
    pub fn set_account_health(&self, phone_number_id: &str, health: AccountHealth) {
        self.state().account_health.insert(phone_number_id.to_owned(), health);
    }

    /// The health of a number at Meta.
    #[must_use]
    pub fn account_health(&self, phone_number_id: &str) -> AccountHealth {
        self.state().account_health.get(phone_number_id).cloned().unwrap_or_default()
    }

    /// Changes the URL of a number's webhooks; `false` if there is no such number.
    pub fn set_webhook_url(&self, phone_number_id: &str, url: impl Into<String>) -> bool {
        let mut numbers = lock(&self.0.numbers);
        let found = numbers.iter_mut().find(|number| number.phone_number_id == phone_number_id);
        found.is_some_and(|number| {
            Arc::make_mut(number).webhook_url = url.into();
            true
        })
    }

    /// Sets the delay before the first retry of a webhook; it doubles after each.
    ///
    /// The default is 200 ms, which makes 25 seconds for all attempts.
    pub fn set_retry_backoff(&self, backoff: Duration) {
        *lock(&self.0.retry_backoff) = backoff;
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    pub(crate) fn numbers(&self) -> Vec<Arc<BusinessNumber>> {
        lock(&self.0.numbers).clone()
    }

    pub(crate) fn number(&self, phone_number_id: &str) -> Option<Arc<BusinessNumber>> {
        let numbers = lock(&self.0.numbers);
        numbers.iter().find(|number| number.phone_number_id == phone_number_id).cloned()
    }

    /// The persisted service windows.
    pub(crate) fn windows(&self) -> &ServiceWindows {
        &self.0.windows
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn status_delay(&self) -> Duration {
        self.0.status_delay
    }

    pub(crate) fn retry_backoff(&self) -> Duration {
        *lock(&self.0.retry_backoff)
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.0.client
    }

    pub(crate) fn pending(&self) -> &PendingWork {
        &self.0.pending
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("numbers", &self.numbers()).finish_non_exhaustive()
    }
}

// A panic elsewhere must not silence the provider: its state is valid after every statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
