//! The command that ingests archived webhooks again.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use clap::Args;
use serde_json::{Value, json};
use ventanilla::{
    domain::{id::TenantId, inbound::Disposition, raw::RawOwner, time::Timestamp},
    whatsapp::webhook_registry::WebhookRegistry,
};

use super::{CommandError, CommonArgs, Environment, ExitStatus, Output, Progress, environment::store_error};
use crate::replay::{ReplaySummary, Replayer, TimeRange, owners};

pub(super) const EXAMPLES: &str = "Examples:
  ventanilla replay --from 2026-11-20T00:00:00Z --until 2026-11-21T00:00:00Z
  ventanilla replay --from 2026-11-20T09:30:00Z --tenant acme --json

Exits with 0 when every webhook was processed, 1 when the store failed for some: run the same command again.";

/// Which webhooks to replay.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Webhooks that arrived at this time or later, like 2026-03-03T10:30:00Z.
    #[arg(long, value_name = "TIME")]
    from: Timestamp,
    /// Webhooks that arrived before this time; default: now.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Only webhooks of this tenant; default: those of every tenant, and those without one.
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

/// The result for one owner of webhooks.
struct OwnerReport {
    owner: String,
    done: ReplaySummary,
}

impl ReplayArgs {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let range = TimeRange {
            from: self.from,
            until: self.until.unwrap_or_else(|| environment.ports.ctx.ids.now()),
        };
        if range.until <= range.from {
            return Err(CommandError::usage(
                "--until must be later than --from, and --from not in the future",
            ));
        }
        let mut reports = Vec::new();
        for owner in self.owners(environment).await? {
            reports.push(replay_owner(environment, out, owner, range).await?);
        }
        let failed: usize = reports.iter().map(|report| report.done.failed).sum();
        let text: Vec<String> = reports.iter().map(OwnerReport::text).collect();
        let all: Vec<Value> = reports.iter().map(OwnerReport::json).collect();
        out.write(&text.join("\n"), &json!({ "owners": all, "failed": failed }))?;
        Ok(if failed > 0 { ExitStatus::Findings } else { ExitStatus::Success })
    }

    async fn owners(&self, environment: &Environment) -> Result<BTreeSet<RawOwner>, CommandError> {
        if let Some(tenant) = &self.tenant {
            return Ok([RawOwner::Tenant(environment.tenant(tenant).await?.id)].into());
        }
        let tenants = environment.table.tenants().await.map_err(store_error)?;
        Ok(owners(&tenants, &environment.channels(None).await?))
    }
}

async fn replay_owner(
    environment: &Environment,
    out: &Output<'_>,
    owner: RawOwner,
    range: TimeRange,
) -> Result<OwnerReport, CommandError> {
    let name = match &owner {
        RawOwner::Tenant(id) => format!("tenant {id}"),
        RawOwner::Sender(origin) => format!("{origin}, without a tenant"),
    };
    let bar = Progress::new(range.hours(), out.format);
    bar.set_message(name.clone());
    let progress = |hour: Timestamp, so_far: &ReplaySummary| {
        bar.step();
        tracing::debug!(owner = name, hour = hour.hour(), webhooks = so_far.webhooks, "hour replayed");
    };
    let replayer =
        Replayer::new(&environment.ports, Arc::new(environment.table.clone()), WebhookRegistry::default());
    let done = Box::pin(replayer.replay(&owner, range, progress)).await.map_err(store_error)?;
    drop(bar);
    Ok(OwnerReport { owner: name, done })
}

impl OwnerReport {
    fn count(&self, what: Disposition) -> usize {
        self.done.items.get(&what).copied().unwrap_or_default()
    }

    /// One line for the total, and one for each disposition.
    fn text(&self) -> String {
        let (owner, webhooks) = (&self.owner, self.done.webhooks);
        if webhooks == 0 {
            return format!("{owner}: no webhooks are archived for this time");
        }
        let items: usize = self.done.items.values().sum();
        let mut text = format!("{owner}: {webhooks} webhooks with {items} items");
        let lines = [
            (Disposition::Stored, "new", "were missing, and are stored now"),
            (Disposition::Duplicate, "already stored", "nothing changed"),
            (Disposition::Parked, "waiting", "statuses of messages that are not stored yet"),
            (Disposition::Kept, "archived only", "of a kind that changes no conversation"),
            (Disposition::Unprocessable, "unreadable", "archived, and in the log"),
        ];
        for (what, name, meaning) in lines {
            let count = self.count(what);
            if count > 0 {
                // Writing to a string cannot fail.
                let _ = write!(text, "\n  {name:<16}{count:>6}  {meaning}");
            }
        }
        if self.done.failed > 0 {
            let (name, count) = ("failed", self.done.failed);
            let _ = write!(
                text,
                "\n  {name:<16}{count:>6}  webhooks that the store failed for; run the same command again"
            );
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "owner": self.owner,
            "callbacks": self.done.webhooks,
            "failed": self.done.failed,
            "items": {
                "new": self.count(Disposition::Stored),
                "known": self.count(Disposition::Duplicate),
                "waiting": self.count(Disposition::Parked),
                "kept": self.count(Disposition::Kept),
                "unprocessable": self.count(Disposition::Unprocessable),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_the_disposition_of_each_item() {
        let items = [(Disposition::Duplicate, 9), (Disposition::Stored, 1)].into();
        let done = ReplaySummary { webhooks: 8, items, failed: 2 };
        let text = OwnerReport { owner: "tenant acme".to_owned(), done }.text();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "tenant acme: 8 webhooks with 10 items",
                "new                  1  were missing, and are stored now",
                "already stored       9  nothing changed",
                "failed               2  webhooks that the store failed for; run the same command again",
            ]
        );
        let none = OwnerReport { owner: "tenant acme".to_owned(), done: ReplaySummary::default() };
        assert_eq!(none.text(), "tenant acme: no webhooks are archived for this time");
    }
}
