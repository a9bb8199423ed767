//! Checks channels, and prints the findings.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};
use ventanilla::{
    config::env,
    domain::{
        channel::Channel,
        health_check::CheckOutcome,
        id::{ChannelId, TenantId},
        time::Timestamp,
    },
    ports::health_check::{Inspection, InspectionAnswer, SetAt},
};

use super::{
    CommandError, Environment, ExitStatus, Output, Progress,
    environment::store_error,
    json::{self, instant},
};
use crate::diagnose::{Finding, HealthCheck, LastHeard, Severity};

/// The environment variable with our public URL.
const PUBLIC_URL: &str = "VENTANILLA_PUBLIC_URL";

/// Which channels to check.
#[derive(Debug, Args)]
pub struct Check {
    /// The id of the channel; default: all channels of the tenant.
    id: Option<ChannelId>,
    /// The tenant of the channels.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    #[command(flatten)]
    public_url: PublicUrlArgs,
}

/// The public URL of our webhook routes.
#[derive(Debug, Args)]
pub(super) struct PublicUrlArgs {
    /// Our public URL, an output of the stack, also in `VENTANILLA_PUBLIC_URL`. With it, the whole webhook URL is
    /// compared and verified; without it, only its path.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl PublicUrlArgs {
    /// The URL, if it is given.
    pub(super) fn url(&self) -> Result<Option<String>, CommandError> {
        let given = self.public_url.clone().or_else(|| env::optional(PUBLIC_URL));
        match given {
            Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
                Err(CommandError::usage("--public-url must begin with http:// or https://"))
            }
            other => Ok(other),
        }
    }
}

impl Check {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let url = self.public_url.url()?;
        let channels = if let Some(id) = self.id {
            vec![environment.channel(&self.tenant, id).await?]
        } else {
            environment.tenant(&self.tenant).await?;
            environment.channels(Some(&self.tenant)).await?
        };
        let checkups = run_checks(environment, out, channels, url.as_deref()).await?;
        let text: Vec<String> = checkups.iter().map(as_text).collect();
        let text = if text.is_empty() { "there are no channels".to_owned() } else { text.join("\n") };
        let all: Vec<Value> = checkups.iter().map(as_json).collect();
        out.write(&text, &json!({ "checks": all }))?;
        Ok(exit_status(&checkups))
    }
}

/// Checks channels one after the other, with progress.
pub(super) async fn run_checks(
    environment: &Environment,
    out: &Output<'_>,
    channels: Vec<Channel>,
    public_url: Option<&str>,
) -> Result<Vec<HealthCheck>, CommandError> {
    let progress = Progress::new(channels.len(), out.format);
    let mut checkups = Vec::with_capacity(channels.len());
    let health_checks = environment.health_checks();
    for channel in channels {
        progress.set_message(format!("channel {}", channel.id));
        let check = Box::pin(health_checks.check_channel(channel, environment.means(), public_url));
        let done = check.await.map_err(store_error)?;
        checkups.push(done);
        progress.step();
    }
    Ok(checkups)
}

/// Findings if any is more than a note.
pub(super) fn exit_status(checkups: &[HealthCheck]) -> ExitStatus {
    let found = checkups.iter().flat_map(|it| &it.findings).any(|it| it.severity() > Severity::Note);
    if found { ExitStatus::Findings } else { ExitStatus::Success }
}

/// A check as text.
pub(super) fn as_text(it: &HealthCheck) -> String {
    let mut text = String::new();
    let outcome = match it.outcome {
        CheckOutcome::Fine => "fine",
        CheckOutcome::Warned => "connected",
        CheckOutcome::Unknown => "unknown",
        CheckOutcome::Failed => "not connected",
    };
    let (id, tenant, number) = (it.channel.id, &it.channel.tenant, it.channel.number.e164());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "channel {id} of {tenant}, {number}: {outcome}");
    for (name, value) in facts(it) {
        let _ = writeln!(text, "  {name:<16}{value}");
    }
    for finding in &it.findings {
        let _ = writeln!(text, "  {} {}: {}", mark(finding.severity()), finding.code(), finding.meaning());
        let _ = writeln!(text, "      → {}", finding.remedy());
    }
    text
}

fn mark(severity: Severity) -> char {
    match severity {
        Severity::Note => '·',
        Severity::Warning => '!',
        Severity::Failure => '✗',
    }
}

/// The reported facts, by name.
fn facts(it: &HealthCheck) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(inspection) = &it.inspection {
        if let Ok(Some(token)) = &inspection.token {
            let ends = token.expires_at.map_or_else(|| "does not expire".to_owned(), Timestamp::iso_seconds);
            facts.push(("token", ends));
        }
        let quality = known(&inspection.number).and_then(|it| it.quality.clone());
        facts.extend(quality.map(|it| ("quality", it)));
        if let Some(health) = known(&inspection.health) {
            facts.extend(health.status.clone().map(|it| ("status", it)));
            facts.extend(health.messaging_limit.clone().map(|it| ("messaging limit", it)));
            facts.extend(health.throughput.clone().map(|it| ("throughput", it)));
            facts.extend(health.callback.as_ref().map(|it| ("webhook URL", it.shown().to_owned())));
        }
    }
    facts.extend(it.templates.map(|count| ("templates", count.to_string())));
    facts.push(("last inbound", last_heard(it.heard).unwrap_or_else(|| "-".to_owned())));
    facts
}

fn known<T>(said: &InspectionAnswer<T>) -> Option<&T> {
    said.as_ref().ok().and_then(Option::as_ref)
}

fn last_heard(heard: LastHeard) -> Option<String> {
    match heard {
        LastHeard::At(at) => Some(at.iso_seconds()),
        LastHeard::Never | LastHeard::NotLately => None,
    }
}

/// A check as JSON.
pub(super) fn as_json(it: &HealthCheck) -> Value {
    json!({
        "channel": json::channel(&it.channel, None).as_object().map(|channel| {
            let mut channel = channel.clone();
            channel.remove("last_check");
            channel
        }),
        "checked_at": instant(Some(it.checked_at)),
        "outcome": it.outcome,
        "token": it.inspection.as_ref().and_then(token),
        "number": it.inspection.as_ref().map(number),
        "callback": it.inspection.as_ref().and_then(callback),
        "expected_callback": it.expected,
        "templates": it.templates,
        "last_inbound_at": last_heard(it.heard),
        "findings": it.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn token(inspection: &Inspection) -> Option<Value> {
    let token = known(&inspection.token)?;
    Some(json!({
        "app_id": token.app,
        "expires_at": instant(token.expires_at),
        "scopes": token.scopes,
    }))
}

fn number(inspection: &Inspection) -> Value {
    let (number, health) = (known(&inspection.number), known(&inspection.health));
    json!({
        "quality": number.and_then(|it| it.quality.clone()),
        "status": health.and_then(|it| it.status.clone()),
        "messaging_limit": health.and_then(|it| it.messaging_limit.clone()),
        "throughput": health.and_then(|it| it.throughput.clone()),
    })
}

fn callback(inspection: &Inspection) -> Option<Value> {
    let destination = known(&inspection.health)?.callback.as_ref()?;
    let set_at = match destination.set_at {
        SetAt::Number => "number",
        SetAt::Account => "account",
        SetAt::App => "app",
    };
    Some(json!({ "url": destination.shown(), "set_at": set_at }))
}

fn finding(it: &Finding) -> Value {
    json!({
        "code": it.code(),
        "severity": it.severity().as_str(),
        "side": it.side().as_str(),
        "meaning": it.meaning(),
        "remedy": it.remedy(),
    })
}
