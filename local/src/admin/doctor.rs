//! Checks everything, and explains why nothing arrives.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};
use ventanilla::{
    domain::{caller::ApiKey, id::TenantId},
    ports::health_check::Handshake,
};

use super::{
    CommandError, CommonArgs, Environment, ExitStatus, Output,
    check::{PublicUrlArgs, as_json, as_text, exit_status, run_checks},
    environment::store_error,
};
use crate::diagnose::{Finding, HealthCheck, Severity, Side, TenantFinding, of_tenant};

pub(super) const EXAMPLES: &str = "Examples:
  ventanilla doctor --public-url https://abc.execute-api.us-east-1.amazonaws.com
  ventanilla doctor --data .ventanilla --tenant demo --json

Exits with 0 without findings, 1 with findings, 2 after a usage error.";

/// Which tenants to check.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Only check this tenant.
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
    #[command(flatten)]
    public_url: PublicUrlArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

/// The checks and findings of a tenant.
struct TenantReport {
    tenant: TenantId,
    findings: Vec<TenantFinding>,
    health_checks: Vec<HealthCheck>,
}

impl Doctor {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let url = self.public_url.url()?;
        let mut tenants = match &self.tenant {
            Some(id) => vec![environment.tenant(id).await?],
            None => environment.table.tenants().await.map_err(store_error)?,
        };
        tenants.sort_by(|one, two| one.id.cmp(&two.id));
        let channels = environment.channels(self.tenant.as_ref()).await?;
        let mut checkups = run_checks(environment, out, channels.clone(), url.as_deref()).await?;
        let mut all = Vec::with_capacity(tenants.len());
        for tenant in tenants {
            let keys = environment.table.api_keys(&tenant.id).await.map_err(store_error)?;
            let keys: Vec<ApiKey> = keys.into_iter().map(|(_, key)| key).collect();
            let findings = of_tenant(&tenant, &channels, &keys);
            let own = checkups.extract_if(.., |it| it.channel.tenant == tenant.id).collect();
            all.push(TenantReport { tenant: tenant.id, findings, health_checks: own });
        }
        // Channels whose tenant is not in the list.
        for checkup in checkups {
            match all.iter_mut().find(|it| it.tenant == checkup.channel.tenant) {
                Some(known) => known.health_checks.push(checkup),
                None => all.push(TenantReport {
                    tenant: checkup.channel.tenant.clone(),
                    findings: Vec::new(),
                    health_checks: vec![checkup],
                }),
            }
        }
        let text: Vec<String> = all.iter().map(TenantReport::text).collect();
        let text = if all.is_empty() { "there are no tenants".to_owned() } else { text.join("\n") };
        let json: Vec<Value> = all.iter().map(TenantReport::json).collect();
        let found = all.is_empty() || all.iter().any(|it| it.ended() == ExitStatus::Findings);
        out.write(&text, &json!({ "tenants": json }))?;
        Ok(if found { ExitStatus::Findings } else { ExitStatus::Success })
    }
}

impl TenantReport {
    fn ended(&self) -> ExitStatus {
        let found = self.findings.iter().any(|it| it.severity() > Severity::Note);
        if found { ExitStatus::Findings } else { exit_status(&self.health_checks) }
    }

    fn text(&self) -> String {
        let mut text = format!("tenant {}\n", self.tenant);
        for finding in &self.findings {
            // Writing to a string cannot fail.
            let _ =
                writeln!(text, "  ! {}: {}\n      → {}", finding.code(), finding.meaning(), finding.remedy());
        }
        for checkup in &self.health_checks {
            text.push_str(&as_text(checkup));
            for line in nothing_arrives(checkup) {
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }

    fn json(&self) -> Value {
        let finding = |it: &TenantFinding| {
            json!({
                "code": it.code(),
                "severity": it.severity().as_str(),
                "meaning": it.meaning(),
                "remedy": it.remedy(),
            })
        };
        let channel = |it: &HealthCheck| {
            let mut view = as_json(it);
            if let Some(view) = view.as_object_mut() {
                let why = nothing_arrives(it);
                view.insert(
                    "nothing_arrives".to_owned(),
                    if why.is_empty() { Value::Null } else { json!(why) },
                );
            }
            view
        };
        json!({
            "tenant": self.tenant,
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "checks": self.health_checks.iter().map(channel).collect::<Vec<_>>(),
        })
    }
}

/// Why a connected channel receives nothing; empty for all others.
fn nothing_arrives(it: &HealthCheck) -> Vec<String> {
    if !it.is_deaf() {
        return Vec::new();
    }
    let mut lines = vec!["connected, but nothing arrives:".to_owned()];
    let telling = |finding: &&Finding| {
        finding.side() == Side::Receiving
            && !matches!(finding, Finding::NeverHeard | Finding::NotHeardSince { .. })
    };
    let reasons: Vec<&Finding> = it.findings.iter().filter(telling).collect();
    for reason in &reasons {
        lines.push(format!("- {} {}", reason.meaning(), reason.remedy()));
    }
    if reasons.iter().any(|it| it.severity() == Severity::Failure) {
        return lines;
    }
    let shaken =
        it.inspection.as_ref().is_some_and(|inspection| inspection.handshake == Some(Handshake::Answered));
    if !shaken {
        lines.push("- Our own webhook URL was not verified: set --public-url.".to_owned());
    }
    lines.push(
        "- No other check failed. Send a message to the number from a phone. If it does not arrive: an app in development \
         mode gets webhooks about its own members only; an invalid signature shows as an alarm and in the webhook \
         function's log; at Kaleyra the webhook URL is set in its console."
            .to_owned(),
    );
    lines
}
