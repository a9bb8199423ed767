//! Companies.

use std::fmt::Write as _;

use clap::Subcommand;
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        caller,
        id::{ChannelId, TenantId},
    },
    port::directory::Directory,
};

use super::{Desk, Ended, Failed, Out, desk::failed, view};

/// What is done with companies.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  ventanilla tenant add acme --default-channel 1\n  ventanilla tenant list --json"
)]
pub enum Tenant {
    /// Add a company.
    Add {
        /// Its id: 1 to 48 characters of a-z, 0-9 and -.
        id: TenantId,
        /// The channel for sends that name only a number. It may be added afterwards.
        #[arg(long, value_name = "ID")]
        default_channel: ChannelId,
    },
    /// Change a company's settings.
    Set {
        /// Its id.
        id: TenantId,
        /// The channel for sends that name only a number.
        #[arg(long, value_name = "ID")]
        default_channel: ChannelId,
    },
    /// List all companies.
    List,
}

impl Tenant {
    pub(super) async fn run(&self, desk: &Desk, out: &mut Out<'_>) -> Result<Ended, Failed> {
        match self {
            Self::Add { id, default_channel } => {
                if desk.table.tenant(id).await.map_err(failed)?.is_some() {
                    return Err(Failed::other(format!("tenant {id} is there already")));
                }
                let (id, default_channel) = (id.clone(), *default_channel);
                put(desk, out, caller::Tenant { id, default_channel, handoff_phrases: Vec::new() }).await
            }
            Self::Set { id, default_channel } => {
                let known = desk.tenant(id).await?;
                desk.channel(id, *default_channel).await?;
                put(desk, out, caller::Tenant { default_channel: *default_channel, ..known }).await
            }
            Self::List => list(desk, out).await,
        }
    }
}

async fn put(desk: &Desk, out: &mut Out<'_>, tenant: caller::Tenant) -> Result<Ended, Failed> {
    desk.table.put_tenant(&tenant).await.map_err(failed)?;
    let text = format!("tenant {} is in place; its default channel is {}", tenant.id, tenant.default_channel);
    out.say(&text, &json!({ "tenant": view::tenant(&tenant) }))?;
    Ok(Ended::Fine)
}

async fn list(desk: &Desk, out: &mut Out<'_>) -> Result<Ended, Failed> {
    let tenants = desk.table.tenants().await.map_err(failed)?;
    let mut text = String::new();
    for tenant in &tenants {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  default channel {}", tenant.id, tenant.default_channel);
    }
    if tenants.is_empty() {
        text.push_str("there are no tenants");
    }
    let all: Vec<Value> = tenants.iter().map(view::tenant).collect();
    out.say(&text, &json!({ "tenants": all }))?;
    Ok(Ended::Fine)
}
