//! The command that writes a config file into the table.

use clap::Args;
use serde_json::json;

use super::{CommandError, CommonArgs, Environment, ExitStatus, Output, Progress};
use crate::{config, provision::provision};

pub(super) const EXAMPLES: &str = "Examples:
  ventanilla provision --config company.toml
  ventanilla provision --config company.toml --json";

/// The options of `provision`.
#[derive(Debug, Args)]
pub struct Provision {
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

impl Provision {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let config = config::load(self.common.config.as_deref()).map_err(CommandError::usage)?;
        if let Some(channel) = config.channels.iter().find(|channel| channel.is_simulated()) {
            return Err(CommandError::usage(format!(
                "channel {} uses the sandbox, which only the local server has; choose another file with --config",
                channel.id
            )));
        }
        let (tenants, channels) = (config.tenants.len(), config.channels.len());
        let keys: usize = config.tenants.iter().map(|tenant| tenant.keys.len()).sum();
        let progress = Progress::new(tenants + channels + keys, out.format);
        provision(&environment.table, &config, None, || progress.step())
            .await
            .map_err(CommandError::other)?;
        drop(progress);
        let text = format!("{tenants} tenant(s), {channels} channel(s) and {keys} key(s) are written");
        out.write(&text, &json!({ "tenants": tenants, "channels": channels, "keys": keys }))?;
        Ok(ExitStatus::Success)
    }
}
