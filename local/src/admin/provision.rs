//! Writing a config file into the table.

use clap::Args;
use serde_json::json;

use super::{Desk, Ended, Failed, Out, Place, Progress};
use crate::{config, provision::provision};

pub(super) const EXAMPLES: &str = "Examples:
  ventanilla provision --config company.toml
  ventanilla provision --config company.toml --json";

/// Whose config file is written.
#[derive(Debug, Args)]
pub struct Provision {
    #[command(flatten)]
    pub(super) place: Place,
}

impl Provision {
    pub(super) async fn run(&self, desk: &Desk, out: &mut Out<'_>) -> Result<Ended, Failed> {
        let config = config::load(self.place.config.as_deref()).map_err(Failed::usage)?;
        if let Some(channel) = config.channels.iter().find(|channel| channel.is_simulated()) {
            return Err(Failed::usage(format!(
                "channel {} is at the sandbox, which only the local server has; name another file with --config",
                channel.id
            )));
        }
        let (tenants, channels) = (config.tenants.len(), config.channels.len());
        let keys: usize = config.tenants.iter().map(|tenant| tenant.keys.len()).sum();
        let progress = Progress::of(tenants + channels + keys, out.form);
        provision(&desk.table, &config, None, || progress.step()).await.map_err(Failed::other)?;
        drop(progress);
        let text = format!("{tenants} tenant(s), {channels} channel(s) and {keys} key(s) are in place");
        out.say(&text, &json!({ "tenants": tenants, "channels": channels, "keys": keys }))?;
        Ok(Ended::Fine)
    }
}
