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
    BusinessNumber, Clock, FaultRule, Hold, LogEntry, SandboxConfig, ServiceWindow, control,
    delay::{Gate, Held, Holds},
    graph,
    health::Standing,
    kaleyra,
    media::{FileFault, MediaStore},
    pending::Pending,
    phones::Phones,
    routing::Threads,
    service_windows::Windows,
    templates::Templates,
    webhook::AT_ONCE,
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
    pace: Duration,
    clock: Clock,
    retry_backoff: Mutex<Duration>,
    client: reqwest::Client,
    pending: Pending,
    gate: Gate,
    ways: Semaphore,
    state: Mutex<State>,
    windows: Windows,
}

/// Everything that changes while the sandbox runs.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) service_window: ServiceWindow,
    pub(crate) phones: Phones,
    pub(crate) rules: Vec<FaultRule>,
    pub(crate) holds: Holds,
    pub(crate) media: MediaStore,
    pub(crate) file_faults: Vec<FileFault>,
    pub(crate) templates: Templates,
    pub(crate) threads: Threads,
    /// By the number's id; of others everything is as it should be.
    pub(crate) standings: HashMap<String, Standing>,
    pub(crate) log: Vec<LogEntry>,
}

impl Sandbox {
    /// A sandbox with untouched phones, but for those that its file keeps, in which every account has the templates for
    /// demonstrations.
    /// Callbacks are sent with `client`, over plain HTTP.
    #[must_use]
    pub fn new(config: SandboxConfig, client: reqwest::Client) -> Self {
        let accounts = config.numbers.iter().map(|number| number.waba_id.as_str());
        let (windows, kept) = Windows::open(config.kept_in.as_deref(), config.clock.unix_now());
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
            pace: config.pace,
            clock: config.clock,
            retry_backoff: Mutex::new(RETRY_BACKOFF),
            client,
            pending: Pending::new(),
            gate: Gate::default(),
            ways: Semaphore::new(AT_ONCE),
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
    pub(crate) fn ways(&self) -> &Semaphore {
        &self.0.ways
    }

    /// Resolves when no callback is pending, retries included.
    pub async fn settled(&self) {
        let _awaited = self.0.gate.open();
        self.0.pending.settled().await;
    }

    /// From now on statuses come only while somebody waits in [`Self::settled`], but for those that come before the
    /// answer. So whoever sent a message is done with the answer by then, however slow the machine is.
    pub fn hold_statuses(&self) {
        self.0.gate.hold();
    }

    /// Resolves as soon as statuses may come.
    pub(crate) async fn statuses_may_come(&self) {
        self.0.gate.pass().await;
    }

    /// All that has happened so far, in order.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        self.state().log.clone()
    }

    /// The next fetch of a file meets this; several wait in line.
    pub fn file_will(&self, fault: FileFault) {
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
    pub fn script(&self, rule: FaultRule) {
        self.state().rules.push(rule);
    }

    /// Holds back the answer to the next call for a list of templates. The call is in the log, and the answer
    /// says how things were when it came.
    #[must_use]
    pub fn hold_list(&self) -> Hold {
        self.state().holds.add(Held::List)
    }

    /// Holds back the answer to the next message to this number or BSUID. What becomes of the message is in
    /// the log.
    #[must_use]
    pub fn hold_send(&self, to: impl Into<String>) -> Hold {
        self.state().holds.add(Held::Send(to.into()))
    }

    /// From now on the 24-hour rule holds, or does not.
    pub fn set_service_window(&self, service_window: ServiceWindow) {
        self.state().service_window = service_window;
    }

    /// From now on a number stands like this at Meta.
    pub fn set_standing(&self, phone_number_id: &str, standing: Standing) {
        self.state().standings.insert(phone_number_id.to_owned(), standing);
    }

    /// How a number stands.
    #[must_use]
    pub fn standing(&self, phone_number_id: &str) -> Standing {
        self.state().standings.get(phone_number_id).cloned().unwrap_or_default()
    }

    /// Sends the callbacks of a number elsewhere from now on; `false` if there is no such number.
    pub fn set_callback_url(&self, phone_number_id: &str, url: impl Into<String>) -> bool {
        let mut numbers = lock(&self.0.numbers);
        let found = numbers.iter_mut().find(|number| number.phone_number_id == phone_number_id);
        found.is_some_and(|number| {
            Arc::make_mut(number).callback_url = url.into();
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
    pub(crate) fn windows(&self) -> &Windows {
        &self.0.windows
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn pace(&self) -> Duration {
        self.0.pace
    }

    pub(crate) fn retry_backoff(&self) -> Duration {
        *lock(&self.0.retry_backoff)
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.0.client
    }

    pub(crate) fn pending(&self) -> &Pending {
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
