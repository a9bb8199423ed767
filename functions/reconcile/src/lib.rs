//! Every minute: attempts that nobody finished become visible, doubts that nobody settled too.

use ventanilla::{
    assembly::App,
    port::{book::StoreError, clock::Deadline},
    service::reconcile::Swept,
};

/// Sweeps once.
///
/// # Errors
/// When the list of due work cannot be read; the next minute tries again.
pub async fn handle(app: &App, deadline: Deadline) -> Result<Swept, StoreError> {
    let swept = app.core.sweep(deadline).await?;
    if swept != Swept::default() {
        tracing::info!(
            abandoned = swept.abandoned,
            unresolved = swept.unresolved,
            failed = swept.failed,
            "due attempts were dealt with"
        );
    }
    Ok(swept)
}
