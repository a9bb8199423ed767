//! Health checks of channels: asks the provider, reads our own rows, and evaluates both.

mod evaluate;
mod explain;
mod finding;
mod status;
mod tenant;
mod webhooks;

pub use evaluate::LastHeard;
pub use finding::{Finding, Severity, Side, outcome};
pub use tenant::{TenantFinding, of_tenant};

use std::{sync::Arc, time::Duration};

use ventanilla::{
    domain::{
        channel::Channel,
        health_check::{ChannelCheck, CheckOutcome},
        time::Timestamp,
    },
    ports::{
        archive::Archive,
        clock::Deadline,
        credentials::{AppSecret, CredentialError, Credentials, Freshness},
        health_check::{HealthCheckReads, Inspection, Inspector, Question},
        inbox::InboxRecords,
        provider::SendFailure,
        store::{Record, StoreError, Write},
        template_cache::TemplateCaches,
    },
    usecases::{
        ChannelSecrets, Context, Ports, Templates, sending::PROVIDER_PATIENCE, templates::SyncError,
        until_committed::Decision,
    },
};

use self::evaluate::{Evidence, seen};

/// The time limit for listing the templates.
const LIST_PATIENCE: Duration = Duration::from_secs(40);

/// The ports that only a health check needs. No function has them.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Calls the providers for the check.
    pub inspector: &'a dyn Inspector,
    /// Reads of the tenant's latest conversations.
    pub inbox: &'a dyn InboxRecords,
    /// Reads of archived webhooks.
    pub archive: &'a dyn Archive,
}

/// The result of a health check.
#[derive(Debug, Clone)]
pub struct HealthCheck {
    /// The channel as it was checked.
    pub channel: Channel,
    /// The time of the check.
    pub checked_at: Timestamp,
    /// What the findings come to: the worst of them.
    pub outcome: CheckOutcome,
    /// The provider's answers; `None` without credentials to ask with.
    pub inspection: Option<Inspection>,
    /// Our webhook URL, if our public address is known.
    pub expected: Option<String>,
    /// The number of templates in the account; `None` where they could not be listed.
    pub templates: Option<usize>,
    /// When a customer's last message arrived.
    pub heard: LastHeard,
    /// The faults that were found.
    pub findings: Vec<Finding>,
}

impl HealthCheck {
    /// Whether the channel sends but receives nothing.
    #[must_use]
    pub fn is_deaf(&self) -> bool {
        let barred = |it: &Finding| it.severity() == Severity::Failure && it.side() != Side::Receiving;
        let silent = matches!(self.heard, LastHeard::Never | LastHeard::NotLately)
            || self.findings.iter().any(|it| matches!(it, Finding::NotHeardSince { .. }));
        let asked = self.inspection.as_ref().is_some_and(|inspection| inspection.number.is_ok());
        asked && silent && !self.findings.iter().any(barred)
    }
}

/// Checks the health of channels, and stores the results.
#[derive(Clone)]
pub struct HealthChecks {
    pub(crate) ctx: Arc<Context>,
    pub(crate) template_caches: Arc<dyn TemplateCaches>,
    pub(crate) results: Arc<dyn HealthCheckReads>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) secrets: ChannelSecrets,
    pub(crate) templates: Templates,
}

impl HealthChecks {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            template_caches: Arc::clone(&ports.template_caches),
            results: Arc::clone(&ports.health_checks),
            credentials: Arc::clone(&ports.credentials),
            secrets: ChannelSecrets::new(ports),
            templates: Templates::new(ports),
        }
    }
}

impl HealthChecks {
    /// Checks a channel, and stores the result. `public_url` is the base URL of our webhook routes, if
    /// known. The check also syncs the template cache.
    ///
    /// # Errors
    /// When the store fails. Every other failure is a finding.
    pub async fn check_channel(
        &self,
        channel: Channel,
        means: Means<'_>,
        public_url: Option<&str>,
    ) -> Result<HealthCheck, StoreError> {
        let mut findings = Vec::new();
        if let Some(since) = channel.disabled_at {
            findings.push(Finding::Disabled { since });
        }
        let secret = self.credentials.channel(channel.id, Freshness::Refreshed).await;
        let app = self.app_secret(&channel, &mut findings).await;
        let path = channel.access.app_webhook_path();
        let expected =
            path.zip(public_url).map(|(path, base)| format!("{}{path}", base.trim_end_matches('/')));
        let (mut inspection, mut templates) = (None, None);
        match &secret {
            Ok(secret) => {
                let (app, callback) = (app.as_ref(), expected.as_deref());
                let question =
                    Question { channel: &channel, secret, app, callback, timeout: PROVIDER_PATIENCE };
                let report = means.inspector.inspect(question).await;
                let now = self.ctx.ids.now();
                let evidence =
                    Evidence { channel: &channel, inspection: &report, expected: expected.as_deref(), now };
                findings.extend(evaluate::provider(&evidence));
                if report.number.is_ok() {
                    templates = self.readable_templates(&channel, &mut findings).await?;
                }
                inspection = Some(report);
            }
            Err(CredentialError::Missing) => findings.push(Finding::NoCredentials),
            Err(CredentialError::Unavailable) => {
                // The app's are in the same source.
                findings.retain(|it| *it != Finding::CredentialsUnavailable);
                findings.push(Finding::CredentialsUnavailable);
            }
        }
        let heard = self.last_heard(&channel, means.inbox).await?;
        findings.extend(evaluate::silence(heard, self.ctx.ids.now()));
        let count = self.stray_callbacks(&channel, means.archive).await?;
        if count > 0 {
            findings.push(Finding::StrayCallbacks { count });
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
        let (checked_at, outcome) = (self.ctx.ids.now(), outcome(&findings));
        let checkup =
            HealthCheck { channel, checked_at, outcome, inspection, expected, templates, heard, findings };
        self.write_check(&checkup).await?;
        Ok(checkup)
    }

    /// Subscribes the app of the token to the channel's account.
    ///
    /// # Errors
    /// When there are no credentials, the provider rejects the call, or does not respond.
    pub async fn subscribe_channel(&self, channel: &Channel, means: Means<'_>) -> Result<(), SendFailure> {
        let secret = self.secrets.secret(channel, Freshness::Refreshed).await?;
        let question =
            Question { channel, secret: &secret, app: None, callback: None, timeout: PROVIDER_PATIENCE };
        means.inspector.subscribe(question).await
    }

    async fn app_secret(&self, channel: &Channel, findings: &mut Vec<Finding>) -> Option<AppSecret> {
        let app = channel.access.app()?.clone();
        match self.credentials.app(&app, Freshness::Refreshed).await {
            Ok(secret) => {
                if secret.has_no_verify_token() {
                    findings.push(Finding::NoVerifyToken { app });
                }
                return Some(secret);
            }
            Err(CredentialError::Missing) => findings.push(Finding::NoAppSecret { app }),
            Err(CredentialError::Unavailable) => findings.push(Finding::CredentialsUnavailable),
        }
        None
    }

    async fn readable_templates(
        &self,
        channel: &Channel,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<usize>, StoreError> {
        let Some(id) = &channel.template_account else {
            findings.push(Finding::NoTemplateAccount);
            return Ok(None);
        };
        let deadline = Deadline(self.ctx.ids.now().plus(LIST_PATIENCE));
        let detail = match self.templates.sync_templates(channel, deadline).await {
            Ok(_) => {
                let all = self.template_caches.templates(&channel.tenant, id).await?;
                return Ok(Some(all.iter().filter(|template| template.vanished_at.is_none()).count()));
            }
            Err(SyncError::Store(error)) => return Err(error),
            Err(SyncError::Refused(rejection)) => seen(&SendFailure::Refused(rejection)),
            Err(error) => error.to_string(),
        };
        findings.push(Finding::TemplatesUnreadable { detail });
        Ok(None)
    }

    /// Stores the result of a check; of two concurrent ones the later stays.
    async fn write_check(&self, checkup: &HealthCheck) -> Result<(), StoreError> {
        let channel = &checkup.channel;
        let (quality, limit) = quality_and_limit(checkup.inspection.as_ref());
        let (quality, limit) = (&quality, &limit);
        self.ctx
            .until_committed(|| async {
                let known = self.results.last_check(&channel.tenant, channel.id).await?;
                if known.as_ref().is_some_and(|known| known.checked_at > checkup.checked_at) {
                    return Ok(Decision::Done(()));
                }
                let check = ChannelCheck {
                    tenant: channel.tenant.clone(),
                    channel: channel.id,
                    checked_at: checkup.checked_at,
                    outcome: checkup.outcome,
                    barred: Some(status::barred(
                        known.as_ref(),
                        &checkup.findings,
                        checkup.inspection.as_ref(),
                    )),
                    answer: status::answer(&checkup.findings, checkup.inspection.as_ref()),
                    quality: quality.clone().or_else(|| known.as_ref()?.quality.clone()),
                    messaging_limit: limit.clone().or_else(|| known.as_ref()?.messaging_limit.clone()),
                    rev: known.map_or(0, |known| known.rev),
                };
                Ok(Decision::Commit(vec![Write::Put(Record::ChannelCheck(check))], ()))
            })
            .await
    }
}

/// The quality rating and messaging limit that the provider reported.
fn quality_and_limit(inspection: Option<&Inspection>) -> (Option<String>, Option<String>) {
    let number = inspection.and_then(|report| report.number.as_ref().ok()?.as_ref());
    let health = inspection.and_then(|report| report.health.as_ref().ok()?.as_ref());
    (number.and_then(|it| it.quality.clone()), health.and_then(|it| it.messaging_limit.clone()))
}
