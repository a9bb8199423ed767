//! The ports behind commands.

use std::sync::Arc;

use ventanilla::{
    assembly::AppParts,
    aws::{dynamodb::Table, secrets::SecretSource},
    config::file::ConfigFile,
    domain::settings::Settings,
    system::{SystemClock, SystemEntropy},
    usecases::Ports,
    whatsapp::{registry::Registry, url_guard::Internet},
};

/// The ports over this table. Secrets come from `secrets`, else from the config file.
pub(super) fn ports(
    table: Table,
    http: reqwest::Client,
    secrets: Option<Arc<dyn SecretSource>>,
    file: Option<ConfigFile>,
) -> Ports {
    AppParts {
        web: Arc::new(Internet::open()),
        table,
        http,
        providers: Registry::default(),
        secrets,
        file: file.map(Arc::new),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        settings: Settings::default(),
    }
    .ports()
}
