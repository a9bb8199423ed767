//! Syncs the template cache, on a schedule; and a mount list of the contracts' routes that show it.

use std::collections::BTreeMap;

use axum::{Router, middleware};
use ventanilla::{
    api::{
        app::App,
        common::{access::Gate, compress::compressed, request::named},
        contracts::{ambiosys, v1},
    },
    ports::{clock::Deadline, store::StoreError, template_cache::TemplateCaches},
    usecases::{Templates, templates::SyncError},
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(ambiosys::routes::sync_templates())
        .merge(v1::routes::sync_templates())
        .layer(middleware::from_fn(named))
        .layer(compressed())
        .with_state(Gate::new(app, ()))
}

/// Syncs the cache of every account, the oldest first. Returns how many failed.
///
/// # Errors
/// When the channels cannot be listed. A failed account is logged and left to the next run.
pub async fn handle(
    catalogues: &dyn TemplateCaches,
    templates: &Templates,
    deadline: Deadline,
) -> Result<usize, StoreError> {
    let mut accounts = BTreeMap::new();
    for channel in catalogues.channels().await? {
        if let Some(id) = channel.template_account.clone() {
            accounts.entry((channel.tenant.clone(), id)).or_insert(channel);
        }
    }
    let mut oldest_first = Vec::new();
    for ((tenant, id), channel) in accounts {
        let known = catalogues.template_cache(&tenant, &id).await?;
        oldest_first.push((known.and_then(|known| known.synced_at), channel));
    }
    oldest_first.sort_by_key(|(synced_at, _)| *synced_at);
    let (total, mut failed) = (oldest_first.len(), 0);
    for (_, channel) in oldest_first {
        match Box::pin(templates.sync_templates(&channel, deadline)).await {
            Ok(_) => {}
            // Callers asked so often that the cache is fresh anyway.
            Err(SyncError::TooOften { .. }) => {
                tracing::warn!(tenant = %channel.tenant, channel = %channel.id, "the rate limit of template list calls is reached");
            }
            Err(error) => {
                tracing::error!(tenant = %channel.tenant, channel = %channel.id, %error,
                    "an account's templates could not be synced");
                failed += 1;
            }
        }
    }
    tracing::info!(accounts = total, failed, "templates were synced");
    Ok(failed)
}
