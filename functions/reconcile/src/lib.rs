//! The sweep, every minute: unfinished attempts, unknown outcomes, silent messages, windows and sockets that
//! are about to close, unanswered frames.

use std::sync::Arc;

use ventanilla::{
    api::{
        app::App,
        contracts::pipes::{Frames, socket_commands::CarriesOut},
    },
    ports::{clock::Deadline, store::StoreError},
    usecases::{live::Deals, reconcile::Swept},
};

/// Runs one sweep.
///
/// # Errors
/// When the list of due work cannot be read; the next minute retries.
pub async fn handle(app: &App, deadline: Deadline) -> Result<Swept, StoreError> {
    let deals: Arc<dyn Deals> = Arc::new(CarriesOut(app.clone()));
    let swept = app.core.reconcile.sweep(deadline, &Frames, &deals).await?;
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
