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
    BusinessNumber, Clock, FaultRule, LogEntry, ResponseDelay, SandboxConfig, ServiceWindow, control,
    delay::{DelayedCall, PendingDelays, StatusGate},
    graph,
    health::AccountHealth,
    kaleyra,
    media::{FileFault, MediaStore},
    pending::PendingWork,
    phones::Phones,
    routing::Threads,
    service_windows::ServiceWindows,
    templates::Templates,
    webhook::MAX_CONCURRENT_DELIVERIES,
};

/// Where the local server mounts [`Sandbox::graph_router`]; media links in callbacks assume it.
pub const GRAPH_MOUNT: &str = "/sandbox/graph";

/// Where the local server mounts [`Sandbox::kaleyra_router`]; media links in callbacks assume it.
pub const KALEYRA_MOUNT: &str = "/sandbox/kaleyra";

/// Before the first retry of a callback; doubled after each.
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
    pub(crate) service_window: ServiceWindow,
    pub(crate) phones: Phones,
    pub(crate) rules: Vec<FaultRule>,
    pub(crate) delays: PendingDelays,
    pub(crate) media: MediaStore,
    pub(crate) file_faults: Vec<FileFault>,
    pub(crate) templates: Templates,
    pub(crate) threads: Threads,
    /// By the number's id; of others everything is as it should be.
    pub(crate) account_health: HashMap<String, AccountHealth>,
    pub(crate) log: Vec<LogEntry>,
}

impl Sandbox {
    /// A sandbox with untouched phones, but for those that its file keeps, in which every account has the templates for
    /// demonstrations.
    /// Callbacks are sent with `client`, over plain HTTP.
    #[must_use]
    pub fn new(config: SandboxConfig, client: reqwest::Client) -> Self {
        let accounts = config.numbers.iter().map(|number| number.waba_id.as_str());
        let (windows, kept) = ServiceWindows::open(config.windows_file.as_deref(), config.clock.unix_now());
        let mut phones = Phones::default();
        for wrote in kept {
            phones.restore(wrote);
        }
        let state = State {
            service_window: config.service_window,
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

    /// The routes that steer phones, templates and faults; their paths start with `/sandbox/`.
    pub fn control_router(&self) -> Router {
        control::router(self.clone())
    }

    /// The ways on which callbacks travel, one at a time on each.
    pub(crate) fn delivery_slots(&self) -> &Semaphore {
        &self.0.delivery_slots
    }

    /// Resolves when no callback is pending, retries included.
    pub async fn until_idle(&self) {
        let _guard = self.0.gate.open_while_held();
        self.0.pending.until_idle().await;
    }

    /// From now on statuses come only while somebody waits in [`Self::until_idle`], but for those that come before the
    /// answer. So whoever sent a message is done with the answer by then, however slow the machine is.
    pub fn pause_statuses(&self) {
        self.0.gate.pause();
    }

    /// Resolves as soon as statuses may come.
    pub(crate) async fn status_gate_opened(&self) {
        self.0.gate.opened().await;
    }

    /// All that has happened so far, in order.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        self.state().log.clone()
    }

    /// The next fetch of a file meets this; several wait in line.
    pub fn inject_file_fault(&self, fault: FileFault) {
        self.state().file_faults.push(fault);
    }

    /// The fault of this fetch, if the first one in line strikes here.
    pub(crate) fn next_file_fault(&self, strikes: impl FnOnce(FileFault) -> bool) -> Option<FileFault> {
        let mut state = self.state();
        let first = state.file_faults.first().copied().filter(|fault| strikes(*fault));
        first.inspect(|_| {
            state.file_faults.remove(0);
        })
    }

    /// Adds a fault; rules are tried in the order they were added.
    pub fn inject(&self, rule: FaultRule) {
        self.state().rules.push(rule);
    }

    /// Holds back the answer to the next call for a list of templates. The call is in the log, and the answer
    /// says how things were when it came.
    #[must_use]
    pub fn delay_list(&self) -> ResponseDelay {
        self.state().delays.add(DelayedCall::List)
    }

    /// Holds back the answer to the next message to this number or BSUID. What becomes of the message is in
    /// the log.
    #[must_use]
    pub fn delay_send(&self, to: impl Into<String>) -> ResponseDelay {
        self.state().delays.add(DelayedCall::Send(to.into()))
    }

    /// From now on the 24-hour rule holds, or does not.
    pub fn set_service_window(&self, service_window: ServiceWindow) {
        self.state().service_window = service_window;
    }

    /// From now on a number stands like this at Meta.
    pub fn set_account_health(&self, phone_number_id: &str, health: AccountHealth) {
        self.state().account_health.insert(phone_number_id.to_owned(), health);
    }

    /// How a number stands.
    #[must_use]
    pub fn account_health(&self, phone_number_id: &str) -> AccountHealth {
        self.state().account_health.get(phone_number_id).cloned().unwrap_or_default()
    }

    /// Sends the callbacks of a number elsewhere from now on; `false` if there is no such number.
    pub fn set_webhook_url(&self, phone_number_id: &str, url: impl Into<String>) -> bool {
        let mut numbers = lock(&self.0.numbers);
        let found = numbers.iter_mut().find(|number| number.phone_number_id == phone_number_id);
        found.is_some_and(|number| {
            Arc::make_mut(number).webhook_url = url.into();
            true
        })
    }

    /// Sets the wait before the first retry of a callback; it doubles after each.
    ///
    /// Unless set it is 200 ms, which makes 25 seconds for all tries.
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

    /// What is kept of who wrote to whom.
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
