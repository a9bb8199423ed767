//! The application behind commands: without queues, sockets and files.

use std::sync::Arc;

use ventanilla::{
    api::app::App,
    assembly::Parts,
    aws::dynamodb::Table,
    aws::s3::NoFiles,
    aws::secrets::SecretSource,
    aws::sqs::NoQueue,
    aws::websocket::NoPosts,
    config::file::ConfigFile,
    domain::settings::Settings,
    system::{SystemClock, SystemEntropy},
    whatsapp::{registry::Registry, url_guard::Internet},
};

/// Builds an application on this table. Secrets come from `secrets`, else from the config file.
pub(super) fn build_app(
    table: Table,
    http: reqwest::Client,
    secrets: Option<Arc<dyn SecretSource>>,
    file: Option<ConfigFile>,
) -> App {
    Parts {
        queue: Arc::new(NoQueue),
        files: Arc::new(NoFiles),
        fetches: Arc::new(NoQueue),
        web: Arc::new(Internet::open()),
        posts: Arc::new(NoPosts),
        table,
        http,
        providers: Registry::default(),
        secrets,
        file: file.map(Arc::new),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        assumed: None,
        settings: Settings::default(),
    }
    .build()
}
