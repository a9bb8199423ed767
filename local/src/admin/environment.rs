//! The environment of commands: a deployment in AWS, or the data of a local server.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use ventanilla::{
    assembly,
    aws::{
        dynamodb::Table,
        secrets::{SecretSink, SecretSource},
    },
    config::{aws::Aws, file::ConfigFile},
    domain::{
        caller::Tenant,
        channel::Channel,
        id::{ChannelId, TenantId},
    },
    ports::{directory::Directory, health_check::Inspector, store::StoreError},
    system::SystemEntropy,
    usecases::Ports,
    whatsapp::{http::client, inspectors::Inspectors, registry::Registry},
};

use super::{CommandError, OutputFormat, ports};
use crate::{
    config,
    diagnose::{HealthChecks, Means},
    secrets::FolderSecrets,
    server::TABLE,
    store::{self, LocalStore},
    target::AdminTarget,
};

/// Reads and writes secrets.
pub trait SecretStore: SecretSource + SecretSink {}

impl<S: SecretSource + SecretSink> SecretStore for S {}

/// The options of every command.
#[derive(Debug, Args)]
pub struct CommonArgs {
    /// The data folder of a local server, which may be running. Without it: the table in `VENTANILLA_TABLE` and Secrets
    /// Manager, with AWS credentials and the region (`AWS_REGION`, else `AWS_DEFAULT_REGION`) from the environment.
    #[arg(long, value_name = "DIR", global = true)]
    pub data: Option<PathBuf>,
    /// The config file, for credentials that are stored nowhere else; with `--data`, default: ./ventanilla.toml, else
    /// the built-in demo.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub json: bool,
}

impl CommonArgs {
    /// The target of the command.
    ///
    /// # Errors
    /// [`CommandError::Usage`] when no target is given, or the environment lacks an AWS setting.
    pub fn target(&self) -> Result<AdminTarget, CommandError> {
        AdminTarget::of(self.data.as_deref()).map_err(CommandError::usage)
    }

    /// The output format of the command.
    #[must_use]
    pub fn format(&self) -> OutputFormat {
        if self.json { OutputFormat::Json } else { OutputFormat::Text }
    }
}

/// Everything that commands use.
pub struct Environment {
    /// The ports to the target.
    pub ports: Ports,
    /// The table of the target.
    pub table: Table,
    /// The secrets of the target.
    pub secrets: Arc<dyn SecretStore>,
    /// The providers that channels may have.
    pub(super) providers: Registry,
    /// Queries the health of channels at their providers.
    inspector: Arc<dyn Inspector>,
    /// A store of this process, which lives as long as the command.
    _store: Option<LocalStore>,
}

impl Environment {
    /// An environment with these parts.
    #[must_use]
    pub fn new(ports: Ports, table: Table, secrets: Arc<dyn SecretStore>, http: &reqwest::Client) -> Self {
        let inspector = Arc::new(Inspectors::new(http));
        Self { ports, table, secrets, providers: Registry::default(), inspector, _store: None }
    }

    /// The environment of a target.
    ///
    /// # Errors
    /// When the target or the config file cannot be opened.
    pub async fn open(common: &CommonArgs, target: &AdminTarget) -> Result<Self, CommandError> {
        match target {
            AdminTarget::Folder(folder) => {
                let config = config::load(common.config.as_deref()).map_err(CommandError::usage)?;
                Self::in_folder(folder.clone(), config).await
            }
            AdminTarget::Aws { aws, table } => {
                let file = common
                    .config
                    .as_deref()
                    .map(ConfigFile::load)
                    .transpose()
                    .map_err(CommandError::usage)?;
                Self::in_aws(aws, table, file)
            }
        }
    }

    /// The data of a local server, whether it runs or not.
    ///
    /// # Errors
    /// When there is no data, or it cannot be opened.
    pub async fn in_folder(folder: PathBuf, config: ConfigFile) -> Result<Self, CommandError> {
        let store = store::open_or_connect(folder.clone()).await.map_err(CommandError::other)?;
        let http = client().map_err(CommandError::other)?;
        let table = Table::new(store.client(&http), TABLE.to_owned(), Arc::new(SystemEntropy));
        let secrets = Arc::new(FolderSecrets::new(&folder));
        let ports = ports::ports(table.clone(), http.clone(), Some(secrets.clone()), Some(config));
        Ok(Self { _store: Some(store), ..Self::new(ports, table, secrets, &http) })
    }

    fn in_aws(aws: &Aws, table: &str, file: Option<ConfigFile>) -> Result<Self, CommandError> {
        let http = client().map_err(CommandError::other)?;
        let table = Table::new(aws.dynamodb(&http), table.to_owned(), Arc::new(SystemEntropy));
        let secrets = Arc::new(assembly::secrets(aws, &http));
        let ports = ports::ports(table.clone(), http.clone(), Some(secrets.clone()), file);
        Ok(Self::new(ports, table, secrets, &http))
    }

    /// Checks how channels stand.
    pub(super) fn health_checks(&self) -> HealthChecks {
        HealthChecks::new(&self.ports)
    }

    pub(super) fn means(&self) -> Means<'_> {
        Means { inspector: self.inspector.as_ref(), inbox: self.ports.inbox.as_ref(), archive: &self.table }
    }

    pub(super) async fn tenant(&self, id: &TenantId) -> Result<Tenant, CommandError> {
        let found = self.table.tenant(id).await.map_err(store_error)?;
        found.ok_or_else(|| {
            CommandError::other(format!("there is no tenant {id}; create it with ventanilla tenant add"))
        })
    }

    pub(super) async fn channel(&self, tenant: &TenantId, id: ChannelId) -> Result<Channel, CommandError> {
        let found = self.table.channel(tenant, id).await.map_err(store_error)?;
        found.ok_or_else(|| CommandError::other(format!("tenant {tenant} has no channel {id}")))
    }

    /// The channels of one tenant, or all of them, by tenant and id.
    pub(super) async fn channels(&self, tenant: Option<&TenantId>) -> Result<Vec<Channel>, CommandError> {
        let mut channels = self.ports.template_caches.channels().await.map_err(store_error)?;
        channels.retain(|channel| tenant.is_none_or(|tenant| channel.tenant == *tenant));
        channels.sort_by(|one, two| (&one.tenant, one.id).cmp(&(&two.tenant, two.id)));
        Ok(channels)
    }
}

/// A failed store as a command error.
pub(super) fn store_error(error: StoreError) -> CommandError {
    CommandError::other(error)
}
