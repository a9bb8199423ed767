//! Keeps our copy of the templates up to date, on a schedule, and shows it in the contract of AmbioSys.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::Response,
    routing::get,
};
use ventanilla::{
    api::{
        auth::Clients,
        method,
        query::{Flag, Params, flag},
        request::{self, named},
        respond,
    },
    assembly::App,
    contract::{
        Encoded, Failure,
        ambiosys::{self, Listed},
    },
    domain::caller::Scope,
    port::{book::StoreError, clock::Deadline},
    service::{send::Replay, templates::SyncError},
};

/// How old a copy may be that is shown without asking the provider.
const FRESH: Duration = Duration::from_mins(1);

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/whatsapp/templates", get(templates))
        .method_not_allowed_fallback(method::of_ambiosys)
        .layer(middleware::from_fn(named))
        .with_state(app)
}

async fn templates(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let listed = async {
        let deadline = request::deadline(&parts, app.clock.as_ref());
        let caller = app.caller(&parts.headers, Scope::Read, Clients::SendKeys).await?;
        let query = Params::read(&parts.uri);
        let age = match flag(&query, "refresh")? {
            Flag::On => Duration::ZERO,
            Flag::Off => FRESH,
        };
        let wanted = match flag(&query, "all")? {
            Flag::On => Listed::All,
            Flag::Off => Listed::Approved,
        };
        let channel = app.core.default_channel(&caller.tenant).await?;
        let copy = Box::pin(app.core.template_copy(&channel, age, deadline)).await;
        copy.map(|copy| ambiosys::listed(&copy, wanted, app.clock.now())).map_err(ambiosys::unlisted)
    };
    let listed: Result<Encoded, Failure> = listed.await;
    if let Err(failure) = &listed {
        respond::log(failure);
    }
    let failure = listed.as_ref().err();
    let encoded = match &listed {
        Ok(encoded) => encoded.clone(),
        Err(failure) => ambiosys::no_list(failure),
    };
    respond::answer(encoded, failure, Replay::Original)
}

/// Brings the copy of every account up to date, the oldest first. Gives how many could not be.
///
/// # Errors
/// When the channels cannot be listed. An account that fails is logged and left to the next time.
pub async fn handle(app: &App, deadline: Deadline) -> Result<usize, StoreError> {
    let mut accounts = BTreeMap::new();
    for channel in app.core.catalogues.channels().await? {
        if let Some(id) = channel.catalogue.clone() {
            accounts.entry((channel.tenant.clone(), id)).or_insert(channel);
        }
    }
    let mut oldest_first = Vec::new();
    for ((tenant, id), channel) in accounts {
        let known = app.core.catalogues.catalogue(&tenant, &id).await?;
        oldest_first.push((known.and_then(|known| known.synced_at), channel));
    }
    oldest_first.sort_by_key(|(synced_at, _)| *synced_at);
    let (total, mut failed) = (oldest_first.len(), 0);
    for (_, channel) in oldest_first {
        match Box::pin(app.core.sync_templates(&channel, deadline)).await {
            Ok(_) => {}
            // Callers asked so often that the copy is fresh anyway.
            Err(SyncError::TooOften { .. }) => {
                tracing::warn!(tenant = %channel.tenant, channel = %channel.id, "no calls for lists are left for now");
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
