//! Bringing our copy of an account's templates up to date.
//!
//! All pages are read first. Then only what differs is written, each group of changes all or nothing, and
//! each part of a template only if it is not known from later than this list was asked for. So an error on
//! any page leaves the copy as it was, two syncs at once do not undo each other, and a list does not undo what
//! a webhook told meanwhile. What the list does not have any more is marked as gone after the last page.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        id::CatalogueId,
        rejection::Rejection,
        template::{CallBudget, Catalogue, Learned, Template, TemplateKey, Told},
        time::Timestamp,
    },
    ports::{
        clock::Deadline,
        credentials::Freshness,
        provider::{Listing, SendFailure},
        store::{Record, StoreError, Write},
    },
    usecases::{Templates, sending::PROVIDER_PATIENCE, until_committed::Decision},
};

/// Pages of one list at most: 100 templates each, and an account may have 6,000.
const MOST_PAGES: u32 = 100;

/// What must be left for writing the copy down, or for serving the one at hand.
const RESERVE: Duration = Duration::from_secs(5);

/// What must be left for another group to be written: its own time, and that of the answer.
const LAST_GROUP: Duration = Duration::from_secs(2);

/// Templates written at a time: each with an event, and the copy as a whole, fit into one transaction.
const GROUP: usize = 40;

/// The copy of an account's templates.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The templates, by name and language, without those that are gone.
    pub templates: Vec<Template>,
    /// When the list was asked for that the copy has whole.
    pub synced_at: Timestamp,
}

/// What a sync changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Synced {
    /// Templates not known before.
    pub new: usize,
    /// Templates of which something changed.
    pub changed: usize,
    /// Templates that the provider has no more.
    pub vanished: usize,
}

impl Synced {
    fn count(&mut self, group: &[News]) {
        for one in group {
            match one.what {
                What::New => self.new += 1,
                What::Changed => self.changed += 1,
                What::Vanished => self.vanished += 1,
                What::Certain => {}
            }
        }
    }
}

/// Why the copy is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The channel's account is not known: its config names none.
    #[error("the channel's account is not known")]
    NoAccount,
    /// The account's calls are used up for the time being.
    #[error("the account's calls for lists are used up")]
    TooOften {
        /// Until there is one again.
        wait: Duration,
    },
    /// The provider refused.
    #[error("refused: {}", .0.reason.code())]
    Refused(Rejection),
    /// The list cannot be had whole: the provider did not answer, or not in a way that can be read, or no time
    /// was left for it.
    #[error("the list cannot be had whole: {0}")]
    NoAnswer(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SendFailure> for SyncError {
    fn from(failure: SendFailure) -> Self {
        match failure {
            SendFailure::Refused(rejection) => Self::Refused(rejection),
            SendFailure::Ambiguous(seen) => Self::NoAnswer(seen),
        }
    }
}

impl Templates {
    /// The copy of a channel's templates, brought up to date if it is older than `age`. When that fails, the
    /// copy at hand is given as it is; its age tells.
    ///
    /// # Errors
    /// When there is no copy at hand either.
    pub async fn template_copy(
        &self,
        channel: &Channel,
        age: Duration,
        deadline: Deadline,
    ) -> Result<Copy, SyncError> {
        let id = channel.catalogue.as_ref().ok_or(SyncError::NoAccount)?;
        let known = self.catalogues.catalogue(&channel.tenant, id).await?;
        let synced_at = known.as_ref().and_then(|known| known.synced_at);
        let fresh = synced_at.is_some_and(|at| at.until(self.ctx.ids.now()) < age);
        let synced_at = match (fresh, synced_at) {
            (true, Some(at)) => at,
            (_, at) => {
                let asked = self.ctx.ids.now();
                match (self.sync_templates(channel, deadline).await, at) {
                    (Ok(_), _) => asked,
                    (Err(error), Some(at)) => {
                        tracing::warn!(tenant = %channel.tenant, channel = %channel.id, %error,
                            "templates could not be brought up to date; the copy is served as it is");
                        at
                    }
                    (Err(error), None) => return Err(error),
                }
            }
        };
        let mut templates = self.catalogues.templates(&channel.tenant, id).await?;
        templates.retain(|template| template.vanished_at.is_none());
        Ok(Copy { templates, synced_at })
    }

    /// Reads the list of a channel's account from its provider and writes down what differs.
    ///
    /// # Errors
    /// When any page cannot be had: the copy is then as it was. When the store fails or the time ends while the
    /// list is written down: what was written is true, and the next sync completes it.
    pub async fn sync_templates(&self, channel: &Channel, deadline: Deadline) -> Result<Synced, SyncError> {
        let id = channel.catalogue.as_ref().ok_or(SyncError::NoAccount)?;
        let asked_at = self.ctx.ids.now();
        // A list that is broken off for want of calls has used up those of the next one.
        let known = self.catalogues.catalogue(&channel.tenant, id).await?;
        let expected = known.map_or(1, |known| known.pages.max(1));
        self.count_calls(id, expected).await?;
        let listed = self.list(channel, id, expected, deadline).await.inspect_err(|error| {
            tracing::warn!(metric = "template_sync_failed", tenant = %channel.tenant, channel = %channel.id, %error,
                "a list of templates could not be read; the copy stays as it was");
        })?;
        let synced = self.write_templates(channel, id, listed, asked_at, deadline).await?;
        if synced != Synced::default() {
            tracing::info!(tenant = %channel.tenant, channel = %channel.id,
                new = synced.new, changed = synced.changed, vanished = synced.vanished, "templates changed");
        }
        Ok(synced)
    }

    /// Takes calls out of the account's budget before they are made.
    async fn count_calls(&self, id: &CatalogueId, calls: u32) -> Result<(), SyncError> {
        self.ctx
            .until_committed(|| async {
                let now = self.ctx.ids.now();
                let known = self.catalogues.call_budget(id).await?;
                let mut budget = known.unwrap_or_else(|| CallBudget::untouched(id.clone(), now));
                budget.take(calls, now).map_err(|wait| SyncError::TooOften { wait })?;
                Ok(Decision::Commit(vec![Write::Put(Record::CallBudget(budget))], ()))
            })
            .await
    }

    /// All pages of a list, for so many of which the calls are counted.
    async fn list(
        &self,
        channel: &Channel,
        id: &CatalogueId,
        counted: u32,
        deadline: Deadline,
    ) -> Result<Listed, SyncError> {
        let mut secret = self.secrets.secret(channel, Freshness::Cached).await?;
        let mut all = BTreeMap::new();
        let mut after: Option<String> = None;
        for page in 0..MOST_PAGES {
            if page >= counted {
                self.count_calls(id, 1).await?;
            }
            let left = self.ctx.ids.now().until(deadline.0).saturating_sub(RESERVE);
            if left.is_zero() {
                return Err(SyncError::NoAnswer("no time was left for the list"));
            }
            let timeout = left.min(PROVIDER_PATIENCE);
            let mut listing =
                Listing { channel, catalogue: id, secret: &secret, after: after.as_deref(), timeout };
            let mut told = self.provider.templates(listing).await;
            if page == 0 && is_about_the_key(&told) {
                // The token may have been changed under us.
                self.count_calls(id, 1).await?;
                secret = self.secrets.secret(channel, Freshness::Refreshed).await?;
                listing = Listing { channel, catalogue: id, secret: &secret, after: None, timeout };
                told = self.provider.templates(listing).await;
            }
            let told = told?;
            all.extend(told.templates);
            match told.next {
                Some(next) if Some(&next) == after.as_ref() => {
                    return Err(SyncError::NoAnswer("a page that leads to itself"));
                }
                Some(next) => after = Some(next),
                None => return Ok(Listed { templates: all, pages: page + 1 }),
            }
        }
        Err(SyncError::NoAnswer("a list without an end"))
    }

    /// Writes down what differs, group by group, as long as there is time.
    async fn write_templates(
        &self,
        channel: &Channel,
        id: &CatalogueId,
        listed: Listed,
        asked_at: Timestamp,
        deadline: Deadline,
    ) -> Result<Synced, SyncError> {
        let (listed, mut synced) = (&listed, Synced::default());
        let Some(mut rest) = self.differences(channel, id, listed, asked_at).await? else {
            return Ok(synced);
        };
        loop {
            let written = self.ctx.until_committed_from(rest, |rest| async move {
                let rest = match rest {
                    Some(rest) => Some(rest),
                    None => self.differences(channel, id, listed, asked_at).await?,
                };
                let Some(rest) = rest else { return Ok(Decision::Done(None)) };
                if self.ctx.ids.now().until(deadline.0) < LAST_GROUP {
                    tracing::warn!(tenant = %channel.tenant, channel = %channel.id, left = rest.news.len(),
                        new = synced.new, changed = synced.changed, vanished = synced.vanished,
                        "templates could not all be written down in time; the next sync goes on");
                    return Err(SyncError::NoAnswer("only a part of it was written down in time"));
                }
                Ok(self.next_group(channel, rest).map(Some))
            });
            let Some((group, left)) = written.await? else { return Ok(synced) };
            synced.count(&group);
            if left.news.is_empty() {
                return Ok(synced);
            }
            rest = left;
        }
    }

    /// What of a list is to be written down. None where a list that was asked for later is down already; one that comes
    /// to be meanwhile is met by the last group's condition.
    async fn differences(
        &self,
        channel: &Channel,
        id: &CatalogueId,
        listed: &Listed,
        asked_at: Timestamp,
    ) -> Result<Option<Differences>, StoreError> {
        let known = self.catalogues.catalogue(&channel.tenant, id).await?;
        let known = known.unwrap_or_else(|| Catalogue::unseen(channel.tenant.clone(), id.clone()));
        if known.synced_at.is_some_and(|at| at > asked_at) {
            return Ok(None);
        }
        let whole = Catalogue { synced_at: Some(asked_at), pages: listed.pages, ..known };
        let known = self.catalogues.templates(&channel.tenant, id).await?;
        let news = differences(channel, id, known, &listed.templates, asked_at);
        Ok(Some(Differences { whole, news }))
    }

    /// Writes the next group. The copy as a whole goes with the last one.
    fn next_group(&self, channel: &Channel, rest: Differences) -> Decision<(Vec<News>, Differences)> {
        let Differences { whole, mut news } = rest;
        let group: Vec<News> = news.drain(..news.len().min(GROUP)).collect();
        let mut changes = Vec::new();
        if news.is_empty() {
            changes.push(Write::Put(Record::Catalogue(whole.clone())));
        }
        for one in &group {
            changes.extend(self.learned(channel, one.template.clone(), one.what.learned()));
        }
        Decision::Commit(changes, (group, Differences { whole, news }))
    }
}

fn is_about_the_key<T>(told: &Result<T, SendFailure>) -> bool {
    use crate::domain::rejection::Reason;
    matches!(told, Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::ProviderAuth)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    New,
    Changed,
    Vanished,
    /// As we had it, which was not certain.
    Certain,
}

impl What {
    fn learned(self) -> Learned {
        match self {
            Self::New | Self::Changed | Self::Vanished => Learned::Content,
            Self::Certain => Learned::Certainty,
        }
    }
}

/// A list that was read whole.
struct Listed {
    templates: BTreeMap<TemplateKey, Told>,
    pages: u32,
}

/// A template that is not as our copy has it.
struct News {
    what: What,
    template: Template,
}

/// What of a list is not written down yet.
struct Differences {
    /// The copy as a whole, once all of it is.
    whole: Catalogue,
    news: Vec<News>,
}

/// What differs between our copy and a list that was asked for at `asked_at`.
fn differences(
    channel: &Channel,
    id: &CatalogueId,
    known: Vec<Template>,
    listed: &BTreeMap<TemplateKey, Told>,
    asked_at: Timestamp,
) -> Vec<News> {
    let mut news = Vec::new();
    let mut missing: BTreeMap<&TemplateKey, &Told> = listed.iter().collect();
    for mut template in known {
        let learned = match missing.remove(&template.key) {
            Some(told) => template.take_over(told, asked_at),
            None => template.vanish(asked_at),
        };
        let what = match learned {
            Learned::Content if template.vanished_at.is_some() => What::Vanished,
            Learned::Content => What::Changed,
            Learned::Certainty => What::Certain,
            // Else every sync would write every template.
            Learned::Time | Learned::Nothing => continue,
        };
        news.push(News { what, template });
    }
    news.extend(missing.into_iter().map(|(key, told)| {
        let (tenant, key) = (channel.tenant.clone(), key.clone());
        News { what: What::New, template: Template::listed(tenant, id.clone(), key, told.clone(), asked_at) }
    }));
    news
}
