//! Every minute: attempts that nobody finished, doubts that nobody settled, messages that fell silent, windows
//! and sockets whose time is nearly over, frames that nobody answered.

use std::sync::Arc;

use ventanilla::{
    api::{
        app::App,
        contracts::pipes::{Frames, socket_commands::CarriesOut},
    },
    ports::{clock::Deadline, store::StoreError},
    usecases::{live::Deals, reconcile::Swept},
};

/// Sweeps once.
///
/// # Errors
/// When the list of due work cannot be read; the next minute tries again.
pub async fn handle(app: &App, deadline: Deadline) -> Result<Swept, StoreError> {
    let deals: Arc<dyn Deals> = Arc::new(CarriesOut(app.clone()));
    let swept = app.core.reconcile.sweep(deadline, &Frames, &deals).await?;
    // The alarm that rings when this is missing also finds a schedule that does not call.
    tracing::debug!(metric = "sweep_done", "a sweep came to its end");
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
