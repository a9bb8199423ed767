//! Whether a message would be refused for its template, before anything is sent.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        content::{self, Content},
        template::{Certainty, Problem, Template, TemplateKey, check},
    },
    ports::{attempts::Attempts, catalogue::Catalogues, clock::Deadline, store::StoreError},
    usecases::{
        Context, Ports, Recipients, Templates,
        sending::{SendCommand, SendError},
        templates::SyncError,
    },
};

/// How soon after one sync the provider is not asked again before a refusal.
const JUST_NOW: Duration = Duration::from_secs(10);

/// How long a template may be looked for before its message is sent without a look at it.
const LOOKING: Duration = Duration::from_secs(11);

/// What our copy says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fitting {
    /// It fills in what the template asks for.
    Fits(Box<Template>),
    /// The provider would refuse it: all that is wrong.
    Wrong(Vec<Problem>),
    /// There is no copy to compare with; the provider will say.
    Unknown,
}

/// Checks that a template fits what is sent, before anything is sent.
#[derive(Clone)]
pub struct TemplateValidation {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn Attempts>,
    pub(crate) catalogues: Arc<dyn Catalogues>,
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
            catalogues: Arc::clone(&ports.catalogues),
            recipients: Recipients::new(ports),
            templates: Templates::new(ports),
        }
    }
}

impl TemplateValidation {
    /// Compares a message with the copy of its template. Before anything is refused the copy is brought up to
    /// date.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn fitting(
        &self,
        channel: &Channel,
        sent: &content::Template,
        deadline: Deadline,
    ) -> Result<Fitting, StoreError> {
        let (Some(id), Ok(key)) = (&channel.catalogue, TemplateKey::of(&sent.name, &sent.language)) else {
            return Ok(Fitting::Unknown);
        };
        let known = self.catalogues.template(&channel.tenant, id, &key).await?;
        let at_hand = judged(channel, known, sent);
        if matches!(at_hand, Fitting::Fits(_)) {
            return Ok(at_hand);
        }
        // Before anything is refused the provider is asked: the copy may be old.
        match self.sync_for(channel, deadline).await {
            Ok(()) => {}
            Err(SyncError::Store(error)) => return Err(error),
            Err(_) => return Ok(Fitting::Unknown),
        }
        let known = self.catalogues.template(&channel.tenant, id, &key).await?;
        Ok(judged(channel, known, sent))
    }

    /// The same for a message that goes out in the same request: what is not in the copy is looked for at the provider,
    /// which must not use up the time for sending.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn fitting_soon(
        &self,
        channel: &Channel,
        sent: &content::Template,
        deadline: Deadline,
    ) -> Result<Fitting, StoreError> {
        let soon = Deadline(deadline.0.min(self.ctx.ids.now().plus(LOOKING)));
        let fitting = Box::pin(self.fitting(channel, sent, soon));
        tokio::time::timeout(LOOKING, fitting).await.unwrap_or(Ok(Fitting::Unknown))
    }

    /// All that is wrong with the template of a message that is to be sent. Nothing where an earlier request under the same
    /// key began to send it: what that came to is what a repeat must hear.
    ///
    /// # Errors
    /// When there is no such recipient or channel, or the store fails.
    pub async fn template_problems(&self, command: &SendCommand) -> Result<Vec<Problem>, SendError> {
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

    /// Brings the copy up to date for one template, unless that was done only just now.
    async fn sync_for(&self, channel: &Channel, deadline: Deadline) -> Result<(), SyncError> {
        let id = channel.catalogue.as_ref().ok_or(SyncError::NoAccount)?;
        let known = self.catalogues.catalogue(&channel.tenant, id).await?;
        let synced_at = known.and_then(|known| known.synced_at);
        if synced_at.is_some_and(|at| at.until(self.ctx.ids.now()) < JUST_NOW) {
            return Ok(());
        }
        self.templates.sync_templates(channel, deadline).await.map(drop)
    }
}

/// What our copy says of a message. A list that may lack templates, or their parts, proves nothing wrong; nor
/// do components of which only a part was told.
fn judged(channel: &Channel, known: Option<Template>, sent: &content::Template) -> Fitting {
    let gone = known.as_ref().is_none_or(|template| template.vanished_at.is_some());
    let told = known.as_ref().is_some_and(|template| !template.told.components.is_empty());
    match known {
        _ if !channel.lists_are_whole() && (gone || !told) => Fitting::Unknown,
        None => Fitting::Wrong(vec![Problem::of_template("does not exist in this language")]),
        Some(template) => {
            let mut problems = check(&template, sent);
            if problems.is_empty() {
                return Fitting::Fits(Box::new(template));
            }
            if template.certainty == Certainty::Doubtful {
                problems.retain(Problem::is_of_template);
            }
            if problems.is_empty() { Fitting::Unknown } else { Fitting::Wrong(problems) }
        }
    }
}
