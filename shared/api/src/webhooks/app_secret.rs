//! The secrets of the apps that sign webhooks.

use http::StatusCode;

use crate::app::App;
use ventanilla_core::{
    domain::channel::ProviderApp,
    ports::credentials::{AppSecret, CredentialError, Freshness},
};

/// The secrets of an app that some channel uses. For other apps the source of credentials is not asked,
/// because every unknown name costs a call.
pub(super) async fn app_secret(
    app: &App,
    sender: &ProviderApp,
    how: Freshness,
) -> Result<AppSecret, StatusCode> {
    let id = &sender.app;
    match app.core.ports.directory.has_app(sender).await {
        Ok(true) => {}
        Ok(false) => return Err(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!(metric = "callback_failed", app = %id, %error, "a webhook could not be authenticated");
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
    app.core.ports.credentials.app(id, how).await.map_err(|error| match error {
        CredentialError::Missing => StatusCode::NOT_FOUND,
        // Not a 4xx: the provider should retry.
        CredentialError::Unavailable => StatusCode::INTERNAL_SERVER_ERROR,
    })
}
