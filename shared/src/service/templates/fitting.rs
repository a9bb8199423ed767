//! Whether a message would be refused for its template, before anything is sent.

use std::time::Duration;

use super::SyncError;
use crate::{
    domain::{
        channel::Channel,
        content,
        template::{Problem, Template, TemplateKey, check},
    },
    port::{book::StoreError, clock::Deadline},
    service::Core,
};

/// How soon after one sync a missing template is not looked for again.
const JUST_NOW: Duration = Duration::from_mins(1);

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

impl Core {
    /// Compares a message with the copy of its template. A template that is not in the copy is looked for
    /// once at the provider.
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
        if let Some(template) = self.catalogues.template(&channel.tenant, id, &key).await?
            && template.vanished_at.is_none()
        {
            return Ok(judged(template, sent));
        }
        // Fetched once: what is still not there then does not exist.
        match self.sync_for(channel, deadline).await {
            Ok(()) => {}
            Err(SyncError::Store(error)) => return Err(error),
            Err(_) => return Ok(Fitting::Unknown),
        }
        Ok(match self.catalogues.template(&channel.tenant, id, &key).await? {
            Some(template) => judged(template, sent),
            None => Fitting::Wrong(vec![Problem {
                component: "template".to_owned(),
                problem: "does not exist in this language".to_owned(),
            }]),
        })
    }

    /// Brings the copy up to date for one template, unless that was done only just now.
    async fn sync_for(&self, channel: &Channel, deadline: Deadline) -> Result<(), SyncError> {
        let id = channel.catalogue.as_ref().ok_or(SyncError::NoAccount)?;
        let known = self.catalogues.catalogue(&channel.tenant, id).await?;
        let synced_at = known.and_then(|known| known.synced_at);
        if synced_at.is_some_and(|at| at.until(self.mint.now()) < JUST_NOW) {
            return Ok(());
        }
        self.sync_templates(channel, deadline).await.map(drop)
    }
}

fn judged(template: Template, sent: &content::Template) -> Fitting {
    let problems = check(&template, sent);
    if problems.is_empty() { Fitting::Fits(Box::new(template)) } else { Fitting::Wrong(problems) }
}
