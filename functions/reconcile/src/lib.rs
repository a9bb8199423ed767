//! The sweep, every minute: unfinished attempts, unknown outcomes, silent messages, windows and sockets that
//! are about to close, unanswered frames.

use std::sync::Arc;

use ventanilla::{
    api::{
        app::{App, SendUseCases},
        contracts::pipes::{Frames, socket_commands::CarriesOut},
    },
    ports::{
        clock::Deadline,
        files::FileStore,
        queue::{FetchQueue, Queue},
        sockets::Connections,
        store::StoreError,
    },
    usecases::{Reconcile, live::FrameHandler, reconcile::Swept},
};

/// What this function works with.
pub struct ReconcileFunction {
    reconcile: Reconcile,
    deals: Arc<dyn FrameHandler>,
}

/// The ports of this function besides those of its application: what is due may be anybody's.
pub struct SweepPorts<'a> {
    /// The bucket of files.
    pub bucket: &'a Arc<dyn FileStore>,
    /// Pieces of broadcasts that nobody was done with go there.
    pub queue: &'a Arc<dyn Queue>,
    /// Files that nobody fetched go there.
    pub fetches: &'a Arc<dyn FetchQueue>,
    /// Sockets whose time is over are told so.
    pub connections: &'a Arc<dyn Connections>,
}

impl ReconcileFunction {
    /// Builds it of these.
    #[must_use]
    pub fn new(app: App, sweep: &SweepPorts<'_>) -> Self {
        let SweepPorts { bucket, queue, fetches, connections } = sweep;
        let ports = &app.core.ports;
        let reconcile = Reconcile::new(ports, fetches, bucket, connections, queue);
        let send = Arc::new(SendUseCases::new(ports, bucket));
        Self { reconcile, deals: Arc::new(CarriesOut::new(app, send, connections)) }
    }
}

/// Runs one sweep.
///
/// # Errors
/// When the list of due work cannot be read; the next minute retries.
pub async fn handle(function: &ReconcileFunction, deadline: Deadline) -> Result<Swept, StoreError> {
    let swept = function.reconcile.sweep(deadline, &Frames, &function.deals).await?;
    // The alarm on the absence of this metric also finds a schedule that does not run.
    tracing::debug!(metric = "sweep_done", "a sweep finished");
    if swept != Swept::default() {
        tracing::info!(
            abandoned = swept.abandoned,
            unresolved = swept.unresolved,
            repeated = swept.repeated,
            silent = swept.silent,
            queued = swept.queued,
            fetching = swept.fetching,
            lost = swept.lost,
            expiring = swept.expiring,
            sent_away = swept.sent_away,
            unanswered = swept.unanswered,
            carried_out = swept.carried_out,
            failed = swept.failed,
            "due work was dealt with"
        );
    }
    Ok(swept)
}
