//! Validates messages against their templates, before anything is sent.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        content::{self, Content},
        template::{Certainty, Template, TemplateKey, ValidationProblem, check},
    },
    ports::{attempts::AttemptRecords, clock::Deadline, store::StoreError, template_cache::TemplateCaches},
    usecases::{
        Context, Ports, Recipients, Templates,
        sending::{SendCommand, SendError},
        templates::SyncError,
    },
};

/// After a sync within this time, the provider is not asked again before a rejection.
const JUST_NOW: Duration = Duration::from_secs(10);

/// The time limit for finding a template; after it the message is sent without validation.
const LOOKING: Duration = Duration::from_secs(11);

/// The result of validating a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fitting {
    /// It is valid for its template.
    Fits(Box<Template>),
    /// The provider would reject it: all faults.
    Wrong(Vec<ValidationProblem>),
    /// The template is not cached; the provider will decide.
    Unknown,
}

/// Validates messages against their templates, before anything is sent.
#[derive(Clone)]
pub struct TemplateValidation {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) template_caches: Arc<dyn TemplateCaches>,
    pub(crate) recipients: Recipients,
    pub(crate) templates: Templates,
}

impl TemplateValidation {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            template_caches: Arc::clone(&ports.template_caches),
            recipients: Recipients::new(ports),
            templates: Templates::new(ports),
        }
    }
}

impl TemplateValidation {
    /// Validates a message against the cached template. The cache is synced before anything is rejected.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn validate_template(
        &self,
        channel: &Channel,
        sent: &content::TemplateContent,
        deadline: Deadline,
    ) -> Result<Fitting, StoreError> {
        let (Some(id), Ok(key)) = (&channel.template_account, TemplateKey::of(&sent.name, &sent.language))
        else {
            return Ok(Fitting::Unknown);
        };
        let known = self.template_caches.template(&channel.tenant, id, &key).await?;
        let at_hand = judged(channel, known, sent);
        if matches!(at_hand, Fitting::Fits(_)) {
            return Ok(at_hand);
        }
        // Before anything is rejected the provider is asked: the cache may be old.
        match self.sync_for(channel, deadline).await {
            Ok(()) => {}
            Err(SyncError::Store(error)) => return Err(error),
            Err(_) => return Ok(Fitting::Unknown),
        }
        let known = self.template_caches.template(&channel.tenant, id, &key).await?;
        Ok(judged(channel, known, sent))
    }

    /// The same for a message that is sent in the same request: a template that is not cached is listed at
    /// the provider, which must not use up the time for sending.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn fitting_soon(
        &self,
        channel: &Channel,
        sent: &content::TemplateContent,
        deadline: Deadline,
    ) -> Result<Fitting, StoreError> {
        let soon = Deadline(deadline.0.min(self.ctx.ids.now().plus(LOOKING)));
        let fitting = Box::pin(self.validate_template(channel, sent, soon));
        tokio::time::timeout(LOOKING, fitting).await.unwrap_or(Ok(Fitting::Unknown))
    }

    /// All faults of a message with a template that is to be sent. Empty where an earlier request with the
    /// same key began to send it: a repeat returns the outcome of that.
    ///
    /// # Errors
    /// When there is no such recipient or channel, or the store fails.
    pub async fn template_problems(
        &self,
        command: &SendCommand,
    ) -> Result<Vec<ValidationProblem>, SendError> {
        let Content::Template(sent) = &command.content else { return Ok(Vec::new()) };
        if self.is_begun(command).await? {
            return Ok(Vec::new());
        }
        let channel = self.recipients.channel_to(&command.tenant, &command.recipient).await?;
        match self.fitting_soon(&channel, sent, command.deadline).await? {
            Fitting::Wrong(problems) => Ok(problems),
            Fitting::Fits(_) | Fitting::Unknown => Ok(Vec::new()),
        }
    }

    /// Syncs the cache for one template, unless that was done only just now.
    async fn sync_for(&self, channel: &Channel, deadline: Deadline) -> Result<(), SyncError> {
        let id = channel.template_account.as_ref().ok_or(SyncError::NoAccount)?;
        let known = self.template_caches.template_cache(&channel.tenant, id).await?;
        let synced_at = known.and_then(|known| known.synced_at);
        if synced_at.is_some_and(|at| at.until(self.ctx.ids.now()) < JUST_NOW) {
            return Ok(());
        }
        self.templates.sync_templates(channel, deadline).await.map(drop)
    }
}

/// Validates a message against the cached template. An incomplete list, and components that were reported
/// only in part, prove no fault.
fn judged(channel: &Channel, known: Option<Template>, sent: &content::TemplateContent) -> Fitting {
    let gone = known.as_ref().is_none_or(|template| template.vanished_at.is_some());
    let has_components = known.as_ref().is_some_and(|template| !template.details.components.is_empty());
    match known {
        _ if !channel.lists_are_whole() && (gone || !has_components) => Fitting::Unknown,
        None => Fitting::Wrong(vec![ValidationProblem::of_template("does not exist in this language")]),
        Some(template) => {
            let mut problems = check(&template, sent);
            if problems.is_empty() {
                return Fitting::Fits(Box::new(template));
            }
            if template.certainty == Certainty::Doubtful {
                problems.retain(ValidationProblem::is_of_template);
            }
            if problems.is_empty() { Fitting::Unknown } else { Fitting::Wrong(problems) }
        }
    }
}
