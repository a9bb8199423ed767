//! What commands work with: a deployment in AWS, or the data of a local server.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use ventanilla::{
    api::app::App,
    assembly,
    aws::dynamodb::Table,
    aws::secrets::{SecretSink, SecretSource},
    config::{aws::Aws, file::ConfigFile},
    domain::{
        caller::Tenant,
        channel::Channel,
        id::{ChannelId, TenantId},
    },
    ports::{book::StoreError, checkup::Inspector, directory::Directory},
    system::SystemEntropy,
    usecases::checkup::Means,
    whatsapp::{http::client, providers::Providers},
};

use super::{Failed, Form};
use crate::{
    command, config,
    secrets::FolderSecrets,
    server::TABLE,
    store::{self, Store},
    target::Target,
};

/// Where secrets are read from and put.
pub trait SecretStore: SecretSource + SecretSink {}

impl<S: SecretSource + SecretSink> SecretStore for S {}

/// Where a command works, and how it answers.
#[derive(Debug, Args)]
pub struct Place {
    /// The data folder of a local server, which may be running. Without it: the table that `VENTANILLA_TABLE`
    /// names and Secrets Manager, with credentials of AWS and the region (`AWS_REGION`, else `AWS_DEFAULT_REGION`)
    /// from the environment.
    #[arg(long, value_name = "DIR", global = true)]
    pub data: Option<PathBuf>,
    /// The config file, for credentials that are nowhere else; with `--data` ./ventanilla.toml or the built-in
    /// demo when not named.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Answer with one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
}

impl Place {
    /// What the command works on.
    ///
    /// # Errors
    /// [`Failed::Usage`] when nothing is named, or the environment lacks something of AWS.
    pub fn target(&self) -> Result<Target, Failed> {
        Target::of(self.data.as_deref()).map_err(Failed::usage)
    }

    /// How the command answers.
    #[must_use]
    pub fn form(&self) -> Form {
        if self.json { Form::Json } else { Form::Text }
    }
}

/// What commands work with.
pub struct Desk {
    /// The use cases, and lists.
    pub app: App,
    /// The table.
    pub table: Table,
    /// The secrets.
    pub secrets: Arc<dyn SecretStore>,
    /// Who asks providers how channels stand.
    inspector: Arc<dyn Inspector>,
    /// A store of this process's own, which lives as long as the command.
    _store: Option<Store>,
}

impl Desk {
    /// A desk with these parts.
    #[must_use]
    pub fn new(app: App, table: Table, secrets: Arc<dyn SecretStore>, http: &reqwest::Client) -> Self {
        let inspector = Arc::new(Providers::new(&app.providers, http));
        Self { app, table, secrets, inspector, _store: None }
    }

    /// The desk of a place, on its target.
    ///
    /// # Errors
    /// In words for people, what is missing or cannot be opened.
    pub async fn open(place: &Place, target: &Target) -> Result<Self, Failed> {
        match target {
            Target::Folder(folder) => {
                let config = config::load(place.config.as_deref()).map_err(Failed::usage)?;
                Self::in_folder(folder.clone(), config).await
            }
            Target::Aws { aws, table } => {
                let file =
                    place.config.as_deref().map(ConfigFile::load).transpose().map_err(Failed::usage)?;
                Self::in_aws(aws, table, file)
            }
        }
    }

    /// On the data of a local server, whether it runs or not.
    ///
    /// # Errors
    /// When there is no data, or it cannot be opened.
    pub async fn in_folder(folder: PathBuf, config: ConfigFile) -> Result<Self, Failed> {
        let store = store::open_or_join(folder.clone()).await.map_err(Failed::other)?;
        let http = client().map_err(Failed::other)?;
        let table = Table::new(store.client(&http), TABLE.to_owned(), Arc::new(SystemEntropy));
        let secrets = Arc::new(FolderSecrets::new(&folder));
        let app = command::app(table.clone(), http.clone(), Some(secrets.clone()), Some(config));
        Ok(Self { _store: Some(store), ..Self::new(app, table, secrets, &http) })
    }

    fn in_aws(aws: &Aws, table: &str, file: Option<ConfigFile>) -> Result<Self, Failed> {
        let http = client().map_err(Failed::other)?;
        let table = Table::new(aws.dynamodb(&http), table.to_owned(), Arc::new(SystemEntropy));
        let secrets = Arc::new(assembly::secrets(aws, &http));
        let app = command::app(table.clone(), http.clone(), Some(secrets.clone()), file);
        Ok(Self::new(app, table, secrets, &http))
    }

    pub(super) fn means(&self) -> Means<'_> {
        Means {
            inspector: self.inspector.as_ref(),
            inbox: self.app.inbox.as_ref(),
            archive: self.app.archive.as_ref(),
        }
    }

    pub(super) async fn tenant(&self, id: &TenantId) -> Result<Tenant, Failed> {
        let found = self.table.tenant(id).await.map_err(failed)?;
        found
            .ok_or_else(|| Failed::other(format!("there is no tenant {id}; ventanilla tenant add makes one")))
    }

    pub(super) async fn channel(&self, tenant: &TenantId, id: ChannelId) -> Result<Channel, Failed> {
        let found = self.table.channel(tenant, id).await.map_err(failed)?;
        found.ok_or_else(|| Failed::other(format!("tenant {tenant} has no channel {id}")))
    }

    /// The channels of one tenant, or all of them, by tenant and id.
    pub(super) async fn channels(&self, tenant: Option<&TenantId>) -> Result<Vec<Channel>, Failed> {
        let mut channels = self.app.core.catalogues.channels().await.map_err(failed)?;
        channels.retain(|channel| tenant.is_none_or(|tenant| channel.tenant == *tenant));
        channels.sort_by(|one, two| (&one.tenant, one.id).cmp(&(&two.tenant, two.id)));
        Ok(channels)
    }
}

/// A store that failed, in words for people.
pub(super) fn failed(error: StoreError) -> Failed {
    Failed::other(error)
}
